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
  /** Columns of a carrier's sheet that may say that a row does not hold. */
  readonly statuses: readonly number[];
};

/** Azure Communication Services' price sheet: dollars a minute. Type and country describe the row and price nothing. */
const AZURE_HEADER = 'destination name,destination type,country,prefix,price / min';
const AZURE_FIELDS = { destination: 0, prefix: 3, rate: 4 } as const;
const AZURE_CURRENCY = 'USD';

/** What carriers call the columns of their sheets, in lower case. Rates are for a minute, which is the default. */
const CARRIER_NAMES: Readonly<Partial<Record<Column, readonly string[]>>> = {
  // No area code: without its country it is another country's number.
  prefix: ['prefix', 'code', 'codes', 'dial code', 'dial codes', 'dialcode', 'dialing code', 'dialling code', 'destination code'],
  destination: ['destination', 'destination name', 'name', 'zone', 'route', 'location', 'country'],
  rate: [
    'rate',
    'price',
    'rate/min',
    'price/min',
    'rate per minute',
    'price per minute',
    'rate per min',
    'price per min',
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
  'comment',
  'comments',
  'remark',
  'remarks',
  'notes',
  'previous rate',
  'old rate',
]);
/** Mostly say what is new, but may say that a row is withdrawn: read, and refused where they say what is not understood. */
const CARRIER_STATUSES: ReadonlySet<string> = new Set(['status', 'change', 'changes', 'change type']);

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
    return {
      delimiter,
      fieldCount,
      fields: AZURE_FIELDS,
      currency: currency ?? AZURE_CURRENCY,
      isCarrierSheet: false,
      statuses: [],
    };
  }
  const before = faults.count;
  const fault = (code: 'column-unknown' | 'column-twice' | 'column-missing', field: number, reason: string): void => {
    faults.add({ code, line: header.line, column: columnOf(header.text, delimiter, field), reason });
  };
  const ownFields = fieldsBy((column) => names.indexOf(column));
  const carrierFields = carrierFieldsOf(names);
  const isOwn = names.every((name) => COLUMNS.some((column) => column === name));
  const isCarrierSheet = !isOwn && carrierFields !== undefined && (ownFields.rate === undefined || isCarriersOnly(names));
  const fields = isCarrierSheet ? carrierFields : ownFields;
  const statuses = isCarrierSheet ? names.flatMap((name, field) => (isStatus(name) ? [field] : [])) : [];
  const placed = new Set(Object.values(fields));
  for (const [field, name] of names.entries()) {
    if (names.indexOf(name) < field) fault('column-twice', field, `column ${name} stands twice; remove one`);
    const isRemark = isCarrierSheet && (CARRIER_REMARKS.has(carrierSpelling(name)) || statuses.includes(field));
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
  return faults.count > before ? undefined : { delimiter, fieldCount, fields, currency, isCarrierSheet, statuses };
}

function fieldsBy(fieldOf: (column: Column) => number): Partial<Record<Column, number>> {
  const fields: Partial<Record<Column, number>> = {};
  for (const column of COLUMNS) {
    const field = fieldOf(column);
    if (field !== -1) fields[column] = field;
  }
  return fields;
}

/** Undefined unless the sheet has both a code and a rate. */
function carrierFieldsOf(names: readonly string[]): Partial<Record<Column, number>> | undefined {
  const spelled = names.map(carrierSpelling);
  const fields = fieldsBy((column) => {
    const name = CARRIER_NAMES[column]?.find((known) => spelled.includes(known));
    return name === undefined ? -1 : spelled.indexOf(name);
  });
  return fields.prefix === undefined || fields.rate === undefined ? undefined : fields;
}

/** Otherwise a slip in a name of our own would be told as if the sheet were a carrier's. */
function isCarriersOnly(names: readonly string[]): boolean {
  const known = new Set(Object.values(CARRIER_NAMES).flat());
  return names.every((name) => known.has(carrierSpelling(name)) || CARRIER_REMARKS.has(carrierSpelling(name)) || isStatus(name));
}

function isStatus(name: string): boolean {
  return CARRIER_STATUSES.has(carrierSpelling(name));
}

/** `EFFECTIVE_DATE` and `Effective  Date` are one, and so are `Price / min` and `price/min`. */
function carrierSpelling(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ')
    .replaceAll(' / ', '/');
}
