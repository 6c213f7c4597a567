// XLSX: columns and pages of rows in, the bytes of a workbook out as they come. A sheet holds 1,048,576 rows; what goes beyond stands in
// the next.
//
// What if the reader goes away? Its stream is closed, and no further page is read. What if a page cannot be read? The stream fails, and
// the file has no end: no program takes it for a whole one.

import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { MAX_SHEET_ROWS, SheetXml, workbookParts, type Cells, type Layout } from './sheet-xml.js';

/** The same rows give the same bytes. */
const MADE_AT = new Date(Date.UTC(1980, 0, 1));
/** A million rows are a gigabyte of XML: more effort makes the file little smaller. */
const COMPRESSION_LEVEL = 3;

export type WorkbookOptions = {
  /** The headings' row included; for tests. */
  readonly maxSheetRows?: number;
};

export function workbookOf(
  layout: Layout,
  pages: AsyncIterable<readonly Cells[]>,
  { maxSheetRows = MAX_SHEET_ROWS }: WorkbookOptions = {},
): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  zip.on('error', (error: Error) => output.destroy(error));
  const source = new RowSource(pages);
  writeWorkbook({ zip, output, layout, source, maxSheetRows })
    .catch((error: Error) => output.destroy(error))
    .finally(() => source.end());
  return output;
}

type Task = {
  readonly zip: ZipFile;
  readonly output: Readable;
  readonly layout: Layout;
  readonly source: RowSource;
  readonly maxSheetRows: number;
};

async function writeWorkbook({ zip, output, layout, source, maxSheetRows }: Task): Promise<void> {
  const xml = new SheetXml(layout);
  const options = { mtime: MADE_AT, compressionLevel: COMPRESSION_LEVEL };
  let sheets = 0;
  do {
    sheets += 1;
    const sheet = Readable.from(sheetXml(xml, source, maxSheetRows), { objectMode: false });
    output.once('close', () => sheet.destroy());
    zip.addReadStream(sheet, `xl/worksheets/sheet${sheets}.xml`, options);
    await finished(sheet);
  } while (await source.hasMore());
  // Only now is it known how many sheets there are; the parts of a workbook may stand in any order.
  for (const [name, content] of workbookParts(layout.sheetName, sheets)) zip.addBuffer(Buffer.from(content), name, options);
  zip.end();
}

async function* sheetXml(xml: SheetXml, source: RowSource, maxRows: number): AsyncIterable<Buffer> {
  let number = 1;
  let chunk = xml.head;
  while (number < maxRows && (await source.hasMore())) {
    for (const cells of source.take(maxRows - number)) chunk += xml.row(cells, (number += 1));
    yield Buffer.from(chunk);
    chunk = '';
  }
  yield Buffer.from(chunk + xml.end);
}

/** Rows that several sheets take one after the other. */
class RowSource {
  readonly #pages: AsyncIterator<readonly Cells[]>;
  #page: readonly Cells[] = [];

  constructor(pages: AsyncIterable<readonly Cells[]>) {
    this.#pages = pages[Symbol.asyncIterator]();
  }

  async hasMore(): Promise<boolean> {
    while (this.#page.length === 0) {
      const next = await this.#pages.next();
      if (next.done === true) return false;
      this.#page = next.value;
    }
    return true;
  }

  async end(): Promise<void> {
    await this.#pages.return?.();
  }

  take(atMost: number): readonly Cells[] {
    const taken = this.#page.slice(0, atMost);
    this.#page = this.#page.slice(taken.length);
    return taken;
  }
}
