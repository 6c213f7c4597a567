// Rate deck, one line: its unchecked fields in, a checked row out, or its faults.
import type { Timeline } from '@tollkeeper/charge';
import { columnOf, type CsvRecord } from './csv.js';
import {
  type AppliedColumn,
  categoryOf,
  currencyOf,
  decimalsOf,
  DEFAULTS,
  destinationOf,
  EXPECTED,
  planOf,
  prefixOf,
  rateOf,
  roundingOf,
  unitSecondsOf,
} from './deck-columns.js';
import type { DeckFaultCode, FaultList } from './deck-faults.js';
import type { DeckLayout } from './deck-layout.js';

export type DeckRow = {
  /** Place among the deck's rows, from 1: with the deck's hash it names a row for ever. */
  readonly number: number;
  readonly plan: string;
  readonly category: string;
  /** Digits, or `*`. */
  readonly prefix: string;
  readonly destination: string;
  readonly currency: string;
  readonly timeline: Timeline;
};

/** The same few rates and currencies stand in every row; each is checked once and shared in memory. */
export type Memo = Map<string, unknown>;

export function rowOf(record: CsvRecord, number: number, layout: DeckLayout, memo: Memo, faults: FaultList): DeckRow | undefined {
  const { fields, line, text } = record;
  const before = faults.count;
  const fault = (code: DeckFaultCode, field: number, reason: string): void => {
    faults.add({ code, line, column: columnOf(text, layout.delimiter, field), reason });
  };
  if (fields === undefined) {
    fault('quote-invalid', 0, 'a quote stands inside a bare field or never closes on its line');
    return undefined;
  }
  if (fields.length !== layout.fieldCount) {
    const hint = fields.length > layout.fieldCount ? '; is there a decimal comma, or a comma in a name without quotes?' : '';
    fault('fields-miscounted', 0, `${fields.length} fields, where the header has ${layout.fieldCount}${hint}`);
    return undefined;
  }
  const read = <Value>(column: AppliedColumn, valueOf: (text: string) => Value | undefined, whenBlank: string | undefined) => {
    const field = layout.applied[column];
    const given = field === undefined ? '' : (fields[field] ?? '').trim();
    const unchecked = given === '' ? whenBlank : given;
    if (unchecked === undefined) {
      fault('value-missing', field ?? 0, `${column} is blank: expected ${EXPECTED[column]}`);
      return undefined;
    }
    const value = valueOf(unchecked);
    if (value === undefined) {
      fault('value-invalid', field ?? 0, `${column} ${JSON.stringify(unchecked.slice(0, 64))} is not ${EXPECTED[column]}`);
    }
    return value;
  };
  const shared = <Value>(column: AppliedColumn, valueOf: (text: string) => Value | undefined, whenBlank: string | undefined) =>
    read(column, (unchecked) => memoized(memo, column, unchecked, valueOf), whenBlank);
  const plan = shared('plan', planOf, DEFAULTS.plan);
  const category = shared('category', categoryOf, DEFAULTS.category);
  const prefix = read('prefix', prefixOf, undefined);
  const destination = read('destination', destinationOf, prefix ?? '*');
  const currency = shared('currency', currencyOf, layout.currency);
  const connectFee = shared('connectFee', rateOf, DEFAULTS.connectFee);
  const rate = shared('rate', rateOf, undefined);
  const rateUnitSeconds = shared('rateUnit', unitSecondsOf, DEFAULTS.rateUnit);
  const incrementSeconds = shared('increment', unitSecondsOf, DEFAULTS.increment);
  const rounding = shared('rounding', roundingOf, DEFAULTS.rounding);
  const decimals = shared('decimals', decimalsOf, DEFAULTS.decimals);
  for (const { name, field, unchanged } of layout.unapplied) {
    const value = (fields[field] ?? '').trim();
    if (value !== '' && value !== unchanged) {
      fault('not-supported', field, `${name} is not applied yet; leave it ${unchanged === '' ? 'blank' : unchanged}`);
    }
  }
  if (faults.count > before) return undefined;
  // Without a fault every value is there; the assertions say what the type checker cannot see.
  const span = { fromMs: 0, rate: rate!, rateUnitSeconds: rateUnitSeconds!, incrementSeconds: incrementSeconds!, row: number };
  const timeline = { spans: [span], connectFee: connectFee!, rounding: rounding!, decimals: decimals! };
  return { number, plan: plan!, category: category!, prefix: prefix!, destination: destination!, currency: currency!, timeline };
}

function memoized<Value>(
  memo: Memo,
  column: string,
  text: string,
  valueOf: (text: string) => Value | undefined,
): Value | undefined {
  const key = `${column} ${text}`;
  const known = memo.get(key) as Value | undefined;
  if (known !== undefined) return known;
  const value = valueOf(text);
  if (value !== undefined) memo.set(key, value);
  return value;
}
