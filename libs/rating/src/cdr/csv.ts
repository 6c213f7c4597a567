// Step CDR, CSV: text in, rows of cells out, or a coded rejection with its line. Quotes are doubled, as RFC 4180 says and
// Asterisk's cdr_csv writes; a bare quote inside an unquoted cell stays what it is.
import { type CdrRejection, rejectCdr } from './cdr.js';

const QUOTE = 34;
const COMMA = 44;
const LF = 10;
const CR = 13;

/** One message holds one record, or few; this bounds the cells that a row of commas can make of it. */
const MAX_CSV_COLUMNS = 200;

export type CsvRow = { readonly line: number; readonly cells: readonly string[] };

export function csvRows(text: string): readonly CsvRow[] | CdrRejection {
  const rows: CsvRow[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const row = rowAt(text, at);
    if (typeof row === 'string') return rejectCdr('cdr-malformed', `line ${line}: ${row}`);
    const isBlank = row.cells.length === 1 && row.cells[0]?.trim() === '';
    if (!isBlank) rows.push({ line, cells: row.cells });
    for (let seen = at; seen < row.end; seen++) if (text.charCodeAt(seen) === LF) line++;
    at = row.end;
  }
  return rows;
}

/** The row from `start`, and where the next begins; or what is wrong with it. */
function rowAt(text: string, start: number): { readonly cells: string[]; readonly end: number } | string {
  const cells: string[] = [];
  let at = start;
  for (;;) {
    if (cells.length >= MAX_CSV_COLUMNS) return `the row has more than ${MAX_CSV_COLUMNS} cells`;
    if (text.charCodeAt(at) === QUOTE) {
      const end = closingQuote(text, at + 1);
      if (end < 0) return `cell ${cells.length + 1} opens a quote that is never closed`;
      const cell = text.slice(at + 1, end);
      cells.push(cell.includes('"') ? cell.replaceAll('""', '"') : cell);
      at = end + 1;
    } else {
      const end = unquotedEnd(text, at);
      cells.push(text.slice(at, end));
      at = end;
    }
    const next = text.charCodeAt(at);
    if (next === COMMA) {
      at++;
      continue;
    }
    if (next === CR && text.charCodeAt(at + 1) === LF) return { cells, end: at + 2 };
    if (next === LF || next === CR || at >= text.length) return { cells, end: at + 1 };
    return `cell ${cells.length} goes on after its closing quote`;
  }
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text.charCodeAt(at + 1) !== QUOTE) return at;
  }
  return -1;
}

function unquotedEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === LF || code === CR) break;
  }
  return at;
}
