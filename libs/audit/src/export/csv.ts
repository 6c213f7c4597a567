// Export as CSV by RFC 4180: a header, one posting a row, CRLF, quotes where they are needed; no cell can become a formula.

import { COLUMNS, harmless } from './columns.js';
import type { TextFormat } from './text-format.js';

export function csv(): TextFormat {
  return {
    head: () => line(COLUMNS.map(({ name }) => name)),
    item: (item) => (item.kind === 'opening' ? '' : line(COLUMNS.map(({ cell }) => harmless(cell(item))))),
    tail: () => '',
  };
}

function line(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
