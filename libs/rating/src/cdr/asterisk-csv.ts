// Step CDR, Asterisk's files and messages: Master.csv rows or JSON bytes in, records with named columns to asterisk.ts.
//
// Columns of a row without a header, told apart by where the disposition stands and how many cells there are:
//
//   cdr_csv     accountcode … amaflags (16), then uniqueid by loguniqueid, userfield by loguserfield, and
//               peeraccount, linkedid, sequence together by newcdrcolumns
//   cdr_custom  clid … accountcode (16) as the sample's Master.csv, then uniqueid, userfield, sequence
//
// cdr_csv with 17 or 20 cells has either a uniqueid or a userfield: `1705312200.17` is taken for a uniqueid. Any other
// layout is named by the source's `csvColumns`, or by a header row.
import { type Cdr, type CdrParse, isCdrRejection, rejectCdr } from './cdr.js';
import { ASTERISK_DISPOSITIONS, asteriskCdr, columnNameOf } from './asterisk.js';
import { csvRows, type CsvRow } from './csv.js';
import { cdrsOfJsonBytes, textOf } from './decode.js';
import type { SourceSettings } from './source.js';

const CDR_CSV_COLUMNS = (
  'accountcode src dst dcontext clid channel dstchannel lastapp lastdata start answer end duration billsec ' +
  'disposition amaflags'
).split(' ');
const CDR_CUSTOM_COLUMNS = (
  'clid src dst dcontext channel dstchannel lastapp lastdata start answer end duration billsec disposition ' +
  'amaflags accountcode'
).split(' ');
const CDR_CUSTOM_TAIL = ['uniqueid', 'userfield', 'sequence'];
const NEW_CDR_COLUMNS = ['peeraccount', 'linkedid', 'sequence'];

export function parseAsteriskJson(bytes: Uint8Array, source: SourceSettings): CdrParse {
  return cdrsOfJsonBytes(bytes, (record) => asteriskCdr(record, source, 'asterisk-json'));
}

export function parseAsteriskCsv(bytes: Uint8Array, source: SourceSettings): CdrParse {
  const text = textOf(bytes);
  if (typeof text !== 'string') return text;
  const rows = csvRows(text);
  return 'code' in rows ? rows : asteriskCsvCdrs(rows, source);
}

export function asteriskCsvCdrs(rows: readonly CsvRow[], source: SourceSettings): CdrParse {
  const first = rows[0];
  const header = first !== undefined && isAsteriskHeader(first.cells) ? headerNames(first.cells) : null;
  const records = header === null ? rows : rows.slice(1);
  if (records.length === 0) return rejectCdr('cdr-malformed', 'the CSV has no record; expected a row of Master.csv');
  const cdrs: Cdr[] = [];
  for (const row of records) {
    const columns = header ?? source.csvColumns?.map(columnNameOf) ?? columnsOf(row.cells);
    const cdr = rowCdr(row, columns, source);
    if (isCdrRejection(cdr)) return { ...cdr, reason: `line ${row.line}: ${cdr.reason}` };
    cdrs.push(cdr);
  }
  return { cdrs };
}

export function isAsteriskHeader(cells: readonly string[]): boolean {
  const names = headerNames(cells);
  return names.includes('disposition') && (names.includes('billsec') || names.includes('dstchannel'));
}

function headerNames(cells: readonly string[]): readonly string[] {
  return cells.map(columnNameOf);
}

function rowCdr(row: CsvRow, columns: readonly string[] | null, source: SourceSettings): ReturnType<typeof asteriskCdr> {
  const { cells } = row;
  if (columns === null || columns.length !== cells.length) {
    const expected = columns === null ? '16 to 21 in the order of Master.csv, or csvColumns of the source' : columns.length;
    return rejectCdr('cdr-malformed', `the row has ${cells.length} cells; expected ${expected}`);
  }
  const record: Record<string, string> = {};
  for (let at = 0; at < columns.length; at++) record[columns[at] ?? ''] = cells[at] ?? '';
  return asteriskCdr(record, source, 'asterisk-csv');
}

/** The columns of a row without a header, or null when it is not a row of Master.csv. */
export function columnsOf(cells: readonly string[]): readonly string[] | null {
  const extra = cells.length - CDR_CSV_COLUMNS.length;
  if (extra < 0) return null;
  if (isDisposition(cells[CDR_CSV_COLUMNS.indexOf('disposition')])) {
    const tail = cdrCsvTail(cells.slice(CDR_CSV_COLUMNS.length));
    return tail === null ? null : [...CDR_CSV_COLUMNS, ...tail];
  }
  const isCustom = isDisposition(cells[CDR_CUSTOM_COLUMNS.indexOf('disposition')]);
  if (!isCustom || extra > CDR_CUSTOM_TAIL.length) return null;
  return [...CDR_CUSTOM_COLUMNS, ...CDR_CUSTOM_TAIL.slice(0, extra)];
}

function cdrCsvTail(cells: readonly string[]): readonly string[] | null {
  const either = looksLikeUniqueid(cells[0]) ? 'uniqueid' : 'userfield';
  if (cells.length === 0) return [];
  if (cells.length === 1) return [either];
  if (cells.length === 2) return ['uniqueid', 'userfield'];
  if (cells.length === 3) return NEW_CDR_COLUMNS;
  if (cells.length === 4) return [either, ...NEW_CDR_COLUMNS];
  return cells.length === 5 ? ['uniqueid', 'userfield', ...NEW_CDR_COLUMNS] : null;
}

function isDisposition(cell: string | undefined): boolean {
  return ASTERISK_DISPOSITIONS.some((word) => word === cell);
}

/** Epoch seconds, a dot and a counter, after the system's name where one is set. */
function looksLikeUniqueid(cell: string | undefined): boolean {
  return cell !== undefined && /^(.*-)?\d{9,11}\.\d+$/.test(cell);
}
