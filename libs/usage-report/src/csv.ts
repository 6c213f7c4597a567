// Usage report as CSV: pages of rows in, the chunks of a file out: RFC 4180, UTF-8, lines ended by CR LF.
//
// A byte order mark stands first, since Excel takes a CSV without one for text of another century. A cell that a spreadsheet could take
// for a formula (it begins with = + - @, a tab or a new line) has an apostrophe before it, as people type it there: `'+33123456789` is the
// number +33123456789. A text that has such an apostrophe by itself gets another one, so that taking one away gives back what was meant.

import { COLUMNS, FIGURES, type Cells } from './columns.js';

const BYTE_ORDER_MARK = '\ufeff';
const LINE_END = '\r\n';
const NEEDS_QUOTES = /[",\n]/;
/** The wide forms are those that East Asian input methods give; spreadsheets read them alike. */
const COULD_BE_FORMULA = /^'*[=+\-@\t\n＝＋－＠]/;

export async function* csvOf(pages: AsyncIterable<readonly Cells[]>): AsyncIterable<string> {
  yield BYTE_ORDER_MARK + COLUMNS.join(',') + LINE_END;
  for await (const rows of pages) {
    let chunk = '';
    for (const cells of rows) chunk += cells.map(csvCell).join(',') + LINE_END;
    yield chunk;
  }
}

function csvCell(text: string, column: number): string {
  const safe = !FIGURES.has(column) && COULD_BE_FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
