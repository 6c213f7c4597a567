// People, licences by file: chunks of a CSV text with the columns user, country, licences, from → its rows, and every fault with its
// place. The rows without a fault are told too; whether a file with one is used at all is the reader's to say.

import { LICENCES, type Licence } from '@tollkeeper/ledger';
import { cellsOf, delimiterOf, linesOf, MAX_LINE_CHARS, type Cell, type Delimiter } from './csv-lines.js';
import { faultOfIdentity, identityOf } from './identity.js';
import { parseCountry, parseFrom, parseLicences } from './value.js';

export const LICENCE_FILE_FAULT_CODES = [
  'file-empty', // no header, or no row below it
  'too-many-rows', // more than one file may hold
  'not-text', // a line that is not UTF-8, or longer than any line of licences is
  'column-unknown', // a header that is no column of licences
  'column-twice', // the same header a second time
  'column-missing', // no `user`, no `country` or no `licences`
  'quote-invalid', // a quote that never closes, or stands inside a bare cell
  'cells-miscounted', // a row with more or fewer cells than the header
  'value-invalid', // not what the column holds
  'row-twice', // the same user from the same instant a second time
] as const;
export type LicenceFileFaultCode = (typeof LICENCE_FILE_FAULT_CODES)[number];

export type LicenceFileFault = {
  readonly code: LicenceFileFaultCode;
  /** From 1, as an editor counts. */
  readonly line: number;
  readonly column: number;
  readonly reason: string;
};

/** All that a user holds from an instant on; no licences for one who has left. */
export type LicenceRow = {
  readonly identity: string;
  readonly country: string;
  readonly licences: readonly Licence[];
  readonly fromMs: number;
};

export type LicenceFile = {
  readonly rows: readonly LicenceRow[];
  /** In order of place, the first `MAX_LISTED_FAULTS` of them. */
  readonly faults: readonly LicenceFileFault[];
  readonly faultCount: number;
};

export const MAX_LICENCE_ROWS = 100_000;
/** A file in a wrong layout has a fault in each row: nobody reads more than this. */
export const MAX_LISTED_FAULTS = 1_000;

const COLUMNS = ['user', 'country', 'licences', 'from'] as const;
type ColumnName = (typeof COLUMNS)[number];
const MANDATORY: readonly ColumnName[] = ['user', 'country', 'licences'];

/** @param nowMs from when a row without `from` holds. */
export async function readLicenceFile(chunks: AsyncIterable<Uint8Array>, nowMs: number): Promise<LicenceFile> {
  const reader = new Reader(nowMs);
  for await (const { line, text } of linesOf(chunks)) {
    if (!reader.take(line, text)) break;
  }
  return reader.end();
}

class Reader {
  readonly #rows: LicenceRow[] = [];
  readonly #faults: LicenceFileFault[] = [];
  /** User and instant → line. */
  readonly #seen = new Map<string, number>();
  #faultCount = 0;
  #delimiter: Delimiter = ',';
  #columns: readonly ColumnName[] | undefined;
  #hasRow = false;

  constructor(private readonly nowMs: number) {}

  /** False when reading on is no use. */
  take(line: number, text: string | undefined): boolean {
    if (text === undefined) {
      return this.#fault('not-text', line, 1, `the line is not UTF-8 text, or has more than ${MAX_LINE_CHARS} characters`);
    }
    if (text.trim() === '') return true;
    if (this.#columns === undefined) {
      this.#delimiter = delimiterOf(text);
      this.#columns = this.#header(line, text);
      return this.#columns !== undefined;
    }
    this.#hasRow = true;
    if (this.#seen.size >= MAX_LICENCE_ROWS) {
      return this.#fault('too-many-rows', line, 1, `a file may hold ${MAX_LICENCE_ROWS} rows; send the others in another`);
    }
    this.#row(line, text, this.#columns);
    return true;
  }

  end(): LicenceFile {
    if (!this.#hasRow && this.#faultCount === 0) {
      this.#fault('file-empty', 1, 1, `there is no row; the first line names the columns ${COLUMNS.join(', ')}`);
    }
    return { rows: this.#rows, faults: this.#faults, faultCount: this.#faultCount };
  }

  #header(line: number, text: string): readonly ColumnName[] | undefined {
    const before = this.#faultCount;
    const cells = cellsOf(text, this.#delimiter) ?? [];
    if (cells.length === 0) this.#fault('quote-invalid', line, 1, 'the quotes of the header do not pair up');
    const names: ColumnName[] = [];
    for (const { text: heading, column } of cells) {
      const name = COLUMNS.find((known) => known === heading.toLowerCase());
      if (name === undefined) {
        this.#fault('column-unknown', line, column, `"${heading}" is no column; there are ${COLUMNS.join(', ')}`);
      } else if (names.includes(name)) this.#fault('column-twice', line, column, `column ${name} stands here a second time`);
      else names.push(name);
    }
    const missing = cells.length === 0 ? [] : MANDATORY.filter((name) => !names.includes(name));
    for (const name of missing) this.#fault('column-missing', line, 1, `column ${name} is missing`);
    return this.#faultCount === before ? names : undefined;
  }

  #row(line: number, text: string, columns: readonly ColumnName[]): void {
    const cells = cellsOf(text, this.#delimiter);
    if (cells === undefined) return void this.#fault('quote-invalid', line, 1, 'the quotes of the row do not pair up');
    if (cells.length !== columns.length) {
      const reason = `the row has ${cells.length} cells, the header ${columns.length}`;
      return void this.#fault('cells-miscounted', line, 1, reason);
    }
    const before = this.#faultCount;
    const cell = (name: ColumnName): Cell => cells[columns.indexOf(name)] ?? { text: '', column: 1 };
    const identity = this.#identity(line, cell('user'));
    const country = this.#country(line, cell('country'));
    const licences = this.#licences(line, cell('licences'));
    const fromMs = this.#from(line, cell('from'));
    if (this.#faultCount > before) return;
    const key = `${identity}\n${fromMs}`;
    const earlier = this.#seen.get(key);
    if (earlier !== undefined) {
      const reason = `line ${earlier} says already what ${identity} holds from then on`;
      return void this.#fault('row-twice', line, cell('user').column, reason);
    }
    this.#seen.set(key, line);
    this.#rows.push({ identity, country, licences, fromMs });
  }

  #identity(line: number, { text, column }: Cell): string {
    const fault = faultOfIdentity(text);
    if (fault !== undefined) this.#fault('value-invalid', line, column, `user ${fault}`);
    return identityOf(text);
  }

  #country(line: number, { text, column }: Cell): string {
    const country = parseCountry(text);
    if (country === undefined) {
      this.#fault('value-invalid', line, column, `"${text}" is no country; expected an ISO 3166 code such as FR`);
    }
    return country ?? '';
  }

  #licences(line: number, { text, column }: Cell): readonly Licence[] {
    const licences = parseLicences(text);
    if (!('unknown' in licences)) return licences;
    const known = Object.keys(LICENCES).join(', ');
    this.#fault('value-invalid', line, column, `"${licences.unknown}" is no licence; there are ${known}`);
    return [];
  }

  #from(line: number, { text, column }: Cell): number {
    if (text === '') return this.nowMs;
    const fromMs = parseFrom(text);
    if (fromMs === undefined) {
      const expected = 'expected an instant such as 2026-12-25T08:00:00Z, or a date';
      this.#fault('value-invalid', line, column, `"${text}" is no instant; ${expected}`);
    }
    return fromMs ?? 0;
  }

  #fault(code: LicenceFileFaultCode, line: number, column: number, reason: string): false {
    this.#faultCount += 1;
    if (this.#faults.length < MAX_LISTED_FAULTS) this.#faults.push({ code, line, column, reason });
    return false;
  }
}
