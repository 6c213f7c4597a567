// XLSX: a workbook of one table, written as its rows come.
export { type Cells, type Column, type Layout } from './sheet-xml.js';
export { workbookOf, type WorkbookOptions } from './workbook.js';
