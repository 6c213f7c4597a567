// Rate deck, the header line: names of columns in, where each column stands out.
import { APPLIED_COLUMNS, type AppliedColumn, UNAPPLIED_DEFAULTS } from './deck-columns.js';
import { columnOf, type CsvRecord, type Delimiter } from './csv.js';
import type { FaultList } from './deck-faults.js';

export type DeckLayout = {
  readonly delimiter: Delimiter;
  readonly fieldCount: number;
  readonly applied: Readonly<Partial<Record<AppliedColumn, number>>>;
  /** Columns that must hold the one value that changes nothing. */
  readonly unapplied: readonly { readonly name: string; readonly field: number; readonly unchanged: string }[];
  /** For rows without a currency of their own; undefined only beside a column that gives it. */
  readonly currency: string | undefined;
};

/** Azure Communication Services' price sheet: dollars a minute. Type and country describe the row and price nothing. */
const AZURE_HEADER = 'destination name,destination type,country,prefix,price / min';
const AZURE_COLUMNS = { destination: 0, prefix: 3, rate: 4 } as const;
const AZURE_CURRENCY = 'USD';

/** Undefined, with faults added, when the columns cannot be told. */
export function layoutOf(
  header: CsvRecord,
  delimiter: Delimiter,
  currency: string | undefined,
  faults: FaultList,
): DeckLayout | undefined {
  const names = header.fields?.map((field) => field.trim());
  if (names === undefined) {
    faults.add({ code: 'quote-invalid', line: header.line, column: 1, reason: 'a quote in the header never closes' });
    return undefined;
  }
  const fieldCount = names.length;
  if (names.join(',').toLowerCase() === AZURE_HEADER) {
    return { delimiter, fieldCount, applied: AZURE_COLUMNS, unapplied: [], currency: currency ?? AZURE_CURRENCY };
  }
  return namedLayout(header, names, delimiter, currency, faults);
}

function namedLayout(
  header: CsvRecord,
  names: readonly string[],
  delimiter: Delimiter,
  currency: string | undefined,
  faults: FaultList,
): DeckLayout | undefined {
  const before = faults.count;
  const fault = (code: 'column-unknown' | 'column-twice' | 'column-missing', field: number, reason: string): void => {
    faults.add({ code, line: header.line, column: columnOf(header.text, delimiter, field), reason });
  };
  const applied: Partial<Record<AppliedColumn, number>> = {};
  const unapplied: { name: string; field: number; unchanged: string }[] = [];
  for (const [field, name] of names.entries()) {
    if (names.indexOf(name) < field) fault('column-twice', field, `column ${name} stands twice; remove one`);
    const column = APPLIED_COLUMNS.find((known) => known === name);
    const unchanged = UNAPPLIED_DEFAULTS.get(name);
    if (column !== undefined) applied[column] = field;
    else if (unchanged !== undefined) unapplied.push({ name, field, unchanged });
    else fault('column-unknown', field, `"${name.slice(0, 64)}" is no column of a rate deck; correct or remove it`);
  }
  for (const column of ['prefix', 'rate'] as const) {
    if (applied[column] === undefined) fault('column-missing', 0, `the header names no column ${column}`);
  }
  if (applied.currency === undefined && currency === undefined) {
    fault('column-missing', 0, 'the header names no column currency; add one, or name the currency of the whole deck');
  }
  if (faults.count > before) return undefined;
  return { delimiter, fieldCount: names.length, applied, unapplied, currency };
}
