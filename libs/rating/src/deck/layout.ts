// Rate deck, the header line: names of columns in, where each column stands out.
import { COLUMNS, type Column } from './columns.js';
import { columnOf, type CsvRecord, type Delimiter } from './csv.js';
import type { FaultList } from './faults.js';

export type DeckLayout = {
  readonly delimiter: Delimiter;
  readonly fieldCount: number;
  readonly fields: Readonly<Partial<Record<Column, number>>>;
  /** For rows without a currency of their own; undefined only beside a column that gives it. */
  readonly currency: string | undefined;
  /**
   * A carrier's A–Z sheet: several dial codes may stand in one field, increments are written 60/1, and of two rates of a code the
   * one with the later effective date ends the other.
   */
  readonly isCarrierSheet: boolean;
};

/** Azure Communication Services' price sheet: dollars a minute. Type and country describe the row and price nothing. */
const AZURE_HEADER = 'destination name,destination type,country,prefix,price / min';
const AZURE_FIELDS = { destination: 0, prefix: 3, rate: 4 } as const;
const AZURE_CURRENCY = 'USD';

/** What carriers call the columns of their sheets, in lower case. Rates are for a minute, which is the default. */
const CARRIER_NAMES: Readonly<Partial<Record<Column, readonly string[]>>> = {
  prefix: [
    'prefix',
    'code',
    'codes',
    'dial code',
    'dial codes',
    'dialcode',
    'dialing code',
    'dialling code',
    'area code',
    'destination code',
  ],
  destination: ['destination', 'destination name', 'name', 'zone', 'route', 'location', 'country'],
  rate: [
    'rate',
    'price',
    'rate/min',
    'price/min',
    'rate / min',
    'price / min',
    'rate per minute',
    'price per minute',
    'rate per min',
    'new rate',
  ],
  currency: ['currency'],
  increment: ['increment', 'increments', 'billing increment', 'billing increments', 'interval', 'intervals', 'rounding rules'],
  connectFee: ['connect fee', 'connection fee', 'setup fee'],
  validFrom: ['effective date', 'effective', 'effective from', 'valid from', 'start date', 'effectivedate'],
  validTo: ['valid to', 'end date', 'expiry date', 'effective to', 'effective until'],
};
/** Describe a row and price nothing. */
const CARRIER_REMARKS: ReadonlySet<string> = new Set([
  'country',
  'country name',
  'iso',
  'country iso',
  'type',
  'destination type',
  'status',
  'change',
  'changes',
  'comment',
  'comments',
  'remark',
  'remarks',
  'notes',
  'previous rate',
  'old rate',
]);

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
    return { delimiter, fieldCount, fields: AZURE_FIELDS, currency: currency ?? AZURE_CURRENCY, isCarrierSheet: false };
  }
  const before = faults.count;
  const fault = (code: 'column-unknown' | 'column-twice' | 'column-missing', field: number, reason: string): void => {
    faults.add({ code, line: header.line, column: columnOf(header.text, delimiter, field), reason });
  };
  const isCarrierSheet = !(names.includes('prefix') && names.includes('rate')) && carrierFieldsOf(names) !== undefined;
  const fields = isCarrierSheet ? (carrierFieldsOf(names) ?? {}) : ownFieldsOf(names);
  const placed = new Set(Object.values(fields));
  for (const [field, name] of names.entries()) {
    if (names.indexOf(name) < field) fault('column-twice', field, `column ${name} stands twice; remove one`);
    const isRemark = isCarrierSheet && (CARRIER_REMARKS.has(name.toLowerCase()) || name === '');
    if (!placed.has(field) && !isRemark && names.indexOf(name) === field) {
      fault('column-unknown', field, `"${name.slice(0, 64)}" is no column of a rate deck; correct or remove it`);
    }
  }
  for (const column of ['prefix', 'rate'] as const) {
    if (fields[column] === undefined) fault('column-missing', 0, `the header names no column ${column}`);
  }
  if (fields.currency === undefined && currency === undefined) {
    fault('column-missing', 0, 'the header names no column currency; add one, or name the currency of the whole deck');
  }
  return faults.count > before ? undefined : { delimiter, fieldCount, fields, currency, isCarrierSheet };
}

function ownFieldsOf(names: readonly string[]): Partial<Record<Column, number>> {
  const fields: Partial<Record<Column, number>> = {};
  for (const column of COLUMNS) {
    const field = names.indexOf(column);
    if (field !== -1) fields[column] = field;
  }
  return fields;
}

/** Undefined unless the sheet has both a code and a rate. */
function carrierFieldsOf(names: readonly string[]): Partial<Record<Column, number>> | undefined {
  const lower = names.map((name) => name.toLowerCase().replaceAll(/\s+/g, ' '));
  const fields: Partial<Record<Column, number>> = {};
  for (const column of COLUMNS) {
    const name = CARRIER_NAMES[column]?.find((known) => lower.includes(known));
    if (name !== undefined) fields[column] = lower.indexOf(name);
  }
  return fields.prefix === undefined || fields.rate === undefined ? undefined : fields;
}
