// Export as a workbook: postings in, one row each out as they come. An amount is a number where a spreadsheet's numbers lose
// nothing of it, which is up to 15 digits, else text; a cell of text is no formula whatever it begins with.

import type { Readable } from 'node:stream';
import { workbookOf, type Cells, type Layout } from '@tollkeeper/workbook';
import { COLUMNS } from './columns.js';
import type { ExportItem } from './postings.js';

const LAYOUT: Layout = { sheetName: 'Postings', columns: COLUMNS.map(({ name, width, kind }) => ({ name, width, kind })) };

export function xlsx(pages: AsyncIterable<readonly ExportItem[]>): Readable {
  return workbookOf(LAYOUT, rowsOf(pages));
}

async function* rowsOf(pages: AsyncIterable<readonly ExportItem[]>): AsyncGenerator<readonly Cells[]> {
  for await (const page of pages) {
    yield page.flatMap((item) => (item.kind === 'posting' ? [COLUMNS.map(({ textOf }) => textOf(item))] : []));
  }
}
