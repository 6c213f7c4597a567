// Usage report as XLSX: pages of rows in, the bytes of a workbook out as they come.

import type { Readable } from 'node:stream';
import { workbookOf, type Layout, type WorkbookOptions } from '@tollkeeper/workbook';
import { COLUMNS, FIGURES, type Cells } from './columns.js';

const WIDTHS = [38, 38, 14, 9, 38, 30, 24, 18, 16, 12, 14, 24, 18, 26, 26, 10, 12, 12, 9, 14];

const LAYOUT: Layout = {
  sheetName: 'Calls',
  columns: COLUMNS.map((name, at) => ({ name, width: WIDTHS[at] ?? 14, kind: FIGURES.get(at) ?? 'text' })),
};

export function xlsxOf(pages: AsyncIterable<readonly Cells[]>, options: WorkbookOptions = {}): Readable {
  return workbookOf(LAYOUT, pages, options);
}
