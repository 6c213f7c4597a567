// Export as CSV by RFC 4180: a header, one posting a row, CRLF, quotes where they are needed; no cell can become a formula. There is no
// byte order mark: programs that take postings in would find it in the name of the first column.

import { COLUMNS } from './columns.js';
import type { TextFormat } from './text-format.js';

export function csv(): TextFormat {
  return {
    head: () => line(COLUMNS.map(({ name }) => name)),
    item(item) {
      if (item.kind === 'opening') return '';
      return line(COLUMNS.map(({ kind, textOf }) => (kind === 'text' ? harmless(textOf(item)) : textOf(item))));
    },
    tail: () => '',
  };
}

/**
 * What a spreadsheet would take for a formula, in full width too, also behind white space that it drops. Figures are none, whatever their
 * sign. A text that has an apostrophe by itself gets another one, so that taking one away gives back what was meant.
 */
const FORMULA = /^'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;

function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function line(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
