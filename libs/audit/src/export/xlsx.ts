// Export as a workbook: postings in, one row each out into a file as they come. An amount is a number where a spreadsheet's numbers lose
// nothing of it, which is up to 15 digits, else text; a cell of text is no formula whatever it begins with.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import exceljs from 'exceljs';
import { COLUMNS, type Cell } from './columns.js';
import type { ExportItem, Posting } from './postings.js';

const SAFE_DIGITS = 15;
/** Header included; a sheet holds no more, and a next one goes on. */
const ROWS_PER_SHEET = 1_048_576;
const AMOUNT_FORMAT = '0.00####';

export type XlsxOptions = { readonly rowsPerSheet?: number };

export async function writeXlsx(
  file: string,
  pages: AsyncIterable<readonly ExportItem[]>,
  { rowsPerSheet = ROWS_PER_SHEET }: XlsxOptions = {},
): Promise<void> {
  const target = createWriteStream(file);
  const failed = new Promise<never>((_, reject) => target.once('error', reject));
  failed.catch(() => undefined);
  const workbook = new exceljs.stream.xlsx.WorkbookWriter({ stream: target, useStyles: true, useSharedStrings: false });
  let [sheet, rows] = [sheetOf(workbook, 1), 1];
  let sheets = 1;
  for await (const page of pages) {
    for (const item of page) {
      if (item.kind === 'opening') continue;
      if (rows === rowsPerSheet) {
        sheet.commit();
        sheets += 1;
        [sheet, rows] = [sheetOf(workbook, sheets), 1];
      }
      sheet.addRow(valuesOf(item)).commit();
      rows += 1;
    }
    await Promise.race([drained(target), failed]);
  }
  sheet.commit();
  await Promise.race([workbook.commit(), failed]);
}

type Workbook = InstanceType<typeof exceljs.stream.xlsx.WorkbookWriter>;

function sheetOf(workbook: Workbook, number: number) {
  const name = number === 1 ? 'Postings' : `Postings ${number}`;
  const sheet = workbook.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = COLUMNS.map(({ name: header, width }) => ({ header, width }));
  for (const [at, column] of COLUMNS.entries()) {
    if (AMOUNT_COLUMNS.has(column.name)) sheet.getColumn(at + 1).numFmt = AMOUNT_FORMAT;
  }
  sheet.getRow(1).font = { bold: true };
  sheet.getRow(1).commit();
  return sheet;
}

const AMOUNT_COLUMNS: ReadonlySet<string> = new Set(['amount', 'movement', 'balance']);

function valuesOf(posting: Posting): (string | number | null)[] {
  return COLUMNS.map(({ cell }) => valueOf(cell(posting)));
}

/** The nearest binary number is written with the same digits again, as long as there are no more than 15. */
function valueOf({ kind, text }: Cell): string | number | null {
  if (text === '') return null;
  return kind !== 'text' && text.replaceAll(/[-.]/g, '').length <= SAFE_DIGITS ? Number(text) : text;
}

async function drained(target: Writable): Promise<void> {
  // The package takes rows faster than it compresses them, and tells nobody: without a turn for it, it would hold them all.
  await new Promise((resolve) => setImmediate(resolve));
  if (target.writableNeedDrain) await once(target, 'drain');
}
