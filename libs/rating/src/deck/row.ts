// Rate deck, one line: its unchecked fields in, checked rows out, or its faults. One line is one row, but in carriers' sheets.
import type { MaxCost } from '@tollkeeper/charge';
import type { RoundingMode } from '@tollkeeper/money';
import { clockMsOf, datesOf, daysOf, instantOf } from './calendar-columns.js';
import { carrierRows, isCarrierFault, isHarmlessStatus, rowsOfIncrements, type TextOf } from './carrier-sheet.js';
import {
  categoryOf,
  COLUMNS,
  currencyOf,
  decimalsOf,
  DEFAULTS,
  destinationOf,
  EXPECTED,
  MAX_TIER_START_SECONDS,
  planOf,
  prefixOf,
  rateOf,
  roundingOf,
  strategyOf,
  tierStartOf,
  unitSecondsOf,
  weightOf,
  type Column,
} from './columns.js';
import { columnOf, type CsvRecord } from './csv.js';
import type { DeckFaultCode, FaultList } from './faults.js';
import type { DeckLayout } from './layout.js';
import { timeZoneOf } from './time-zone.js';
import { ALL_DAYS, MS_PER_DAY, type Window } from './window.js';

/** Everything of a row but its number and what it prices; the same few stand in every row, and each is one object. */
export type Terms = {
  readonly plan: string;
  readonly category: string;
  readonly currency: string;
  readonly connectFee: string;
  /** Seconds from answer. */
  readonly tierStart: number;
  readonly rate: string;
  readonly rateUnitSeconds: number;
  readonly incrementSeconds: number;
  readonly window: Window;
  readonly rounding: RoundingMode;
  readonly decimals: number;
  readonly maxCost: MaxCost | null;
};

export type CheckedRow = {
  /** Digits, or `*`. */
  readonly prefix: string;
  readonly destination: string;
  readonly terms: Terms;
};

type AddFault = (code: DeckFaultCode, column: Column | undefined, reason: string) => void;

/** Remembers the terms and windows it has seen, so that a deck of 170,000 rows checks a few hundred. */
export class RowReader {
  readonly #terms = new Map<string, Terms>();
  readonly #windows = new Map<string, Window>();
  readonly #rates = new Map<string, string>();

  constructor(
    private readonly layout: DeckLayout,
    private readonly faults: FaultList,
  ) {}

  /** Empty where the line has a fault. */
  read(record: CsvRecord): readonly CheckedRow[] {
    const { fields, line, text } = record;
    const { delimiter, fieldCount, isCarrierSheet } = this.layout;
    const fault: AddFault = (code, column, reason) => {
      const field = column === undefined ? 0 : (this.layout.fields[column] ?? 0);
      this.faults.add({ code, line, column: columnOf(text, delimiter, field), reason });
    };
    if (fields === undefined) {
      fault('quote-invalid', undefined, 'a quote stands inside a bare field or never closes on its line');
      return [];
    }
    if (fields.length !== fieldCount) {
      const hint = fields.length > fieldCount ? '; is there a decimal comma, or a comma in a name without quotes?' : '';
      fault('fields-miscounted', undefined, `${fields.length} fields, where the header has ${fieldCount}${hint}`);
      return [];
    }
    const textOf = (column: Column): string => {
      const field = this.layout.fields[column];
      return field === undefined ? '' : (fields[field] ?? '').trim();
    };
    const rows = isCarrierSheet ? carrierRows(textOf) : this.#rowsOf(textOf);
    if (isCarrierFault(rows)) {
      fault('value-invalid', rows.column, `${rows.column} ${quoted(textOf(rows.column))}: ${rows.reason}`);
      return [];
    }
    for (const field of this.layout.statuses) {
      const status = (fields[field] ?? '').trim();
      if (isHarmlessStatus(status)) continue;
      const reason = `status ${quoted(status)} may mean that the row does not hold; apply it and leave the field blank`;
      this.faults.add({ code: 'value-invalid', line, column: columnOf(text, delimiter, field), reason });
      return [];
    }
    const checked: CheckedRow[] = [];
    for (const row of rows) {
      const one = this.#checked(row, fault);
      // The others have the same fields, and so the same faults.
      if (one === undefined) return [];
      checked.push(one);
    }
    return checked;
  }

  /** Beside tiers of its own a row's increment is a number of seconds. */
  #rowsOf(textOf: TextOf): readonly TextOf[] {
    return this.layout.fields.tierStart === undefined ? rowsOfIncrements(textOf) : [textOf];
  }

  #checked(textOf: TextOf, fault: AddFault): CheckedRow | undefined {
    const prefix = valueOf('prefix', textOf('prefix'), prefixOf, fault);
    const destination = valueOf('destination', textOf('destination') || (prefix ?? '*'), destinationOf, fault);
    let key = '';
    for (const column of TERM_COLUMNS) key += `${textOf(column)}\u0000`;
    let terms = this.#terms.get(key);
    if (terms === undefined) {
      terms = this.#checkedTerms(textOf, fault);
      if (terms !== undefined) this.#terms.set(key, terms);
    }
    if (prefix === undefined || destination === undefined || terms === undefined) return undefined;
    return { prefix, destination, terms };
  }

  #checkedTerms(textOf: TextOf, fault: AddFault): Terms | undefined {
    const { currency: ofDeck } = this.layout;
    const read = <Value>(column: Column, parse: (text: string) => Value | undefined): Value | undefined => {
      const whenBlank = column === 'currency' ? ofDeck : (DEFAULTS as Partial<Record<Column, string>>)[column];
      return valueOf(column, textOf(column) || (whenBlank ?? ''), parse, fault);
    };
    const plan = read('plan', planOf);
    const category = read('category', categoryOf);
    const currency = read('currency', currencyOf);
    const connectFee = read('connectFee', rateOf);
    const tierStart = read('tierStart', tierStartOf);
    const rate = read('rate', rateOf);
    const rateUnitSeconds = read('rateUnit', unitSecondsOf);
    const incrementSeconds = read('increment', unitSecondsOf);
    const rounding = read('rounding', roundingOf);
    const decimals = read('decimals', decimalsOf);
    const window = this.#window(read, fault);
    const maxCost = maxCostOf(textOf, decimals, fault);
    // What has no fault is there.
    if (plan === undefined || category === undefined || currency === undefined || connectFee === undefined) return undefined;
    if (tierStart === undefined || rate === undefined || rateUnitSeconds === undefined || incrementSeconds === undefined)
      return undefined;
    if (rounding === undefined || decimals === undefined || window === undefined || maxCost === undefined) return undefined;
    if (tierStart > MAX_TIER_START_SECONDS) {
      fault('tier-never-begins', 'tierStart', `tierStart ${tierStart} is not ${EXPECTED.tierStart}`);
      return undefined;
    }
    const sharedRate = this.#rates.get(rate) ?? rate;
    this.#rates.set(sharedRate, sharedRate);
    const billing = { connectFee, tierStart, rate: sharedRate, rateUnitSeconds, incrementSeconds };
    return { plan: copyOf(plan), category: copyOf(category), currency, ...billing, window, rounding, decimals, maxCost };
  }

  #window(
    read: <Value>(column: Column, parse: (text: string) => Value | undefined) => Value | undefined,
    fault: AddFault,
  ): Window | undefined {
    const days = read('days', daysOf);
    const dates = read('dates', datesOf);
    const fromMs = read('from', clockMsOf);
    const toMs = read('to', clockMsOf);
    const zone = read('timezone', (text) => timeZoneOf(copyOf(text)));
    const weight = read('weight', weightOf);
    const validFromMs = read('validFrom', (text) => (text === '' ? -Infinity : instantOf(text)));
    const validToMs = read('validTo', (text) => (text === '' ? Infinity : instantOf(text)));
    if (days === undefined || dates === undefined || fromMs === undefined || toMs === undefined) return undefined;
    if (zone === undefined || weight === undefined || validFromMs === undefined || validToMs === undefined) return undefined;
    if (fromMs >= toMs) {
      fault('window-invalid', 'from', 'a window ends after it begins; write one that goes over midnight as two rows');
      return undefined;
    }
    if (validFromMs >= validToMs) {
      fault('window-invalid', 'validFrom', 'validFrom must be before validTo');
      return undefined;
    }
    return this.window({ days, dates, fromMs, toMs, zone, weight, validFromMs, validToMs });
  }

  /** The one object for these. */
  window(when: Omit<Window, 'isAllTheTime'>): Window {
    const { days, dates, fromMs, toMs, zone, weight, validFromMs, validToMs } = when;
    const key = JSON.stringify([days, dates, fromMs, toMs, zone.name, weight, String(validFromMs), String(validToMs)]);
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const isAllTheTime = days === ALL_DAYS && dates.length === 0 && fromMs === 0 && toMs === MS_PER_DAY;
    const window = { ...when, isAllTheTime };
    this.#windows.set(key, window);
    return window;
  }
}

/** A long slice of the file's text holds on to the whole of it in memory; a copy does not. */
export function copyOf(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

const TERM_COLUMNS = COLUMNS.filter((column) => column !== 'prefix' && column !== 'destination');
const MAX_SHOWN_CHARS = 64;
const DECIMAL_COMMA = /^-?\d*,\d+$/;
const PRICES: ReadonlySet<Column> = new Set(['rate', 'connectFee', 'maxCost']);

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, MAX_SHOWN_CHARS));
}

function valueOf<Value>(
  column: Column,
  text: string,
  parse: (text: string) => Value | undefined,
  fault: AddFault,
): Value | undefined {
  const value = parse(text);
  if (value !== undefined) return value;
  if (text === '') fault('value-missing', column, `${column} is blank: expected ${EXPECTED[column]}`);
  else {
    const hint = DECIMAL_COMMA.test(text) && PRICES.has(column) ? '; write a point where it has a comma' : '';
    fault('value-invalid', column, `${column} ${quoted(text)} is not ${EXPECTED[column]}${hint}`);
  }
  return undefined;
}

/** Null where the row has none. */
function maxCostOf(textOf: TextOf, decimals: number | undefined, fault: AddFault): MaxCost | null | undefined {
  const [amountText, strategyText] = [textOf('maxCost'), textOf('maxCostStrategy')];
  if (amountText === '' && strategyText === '') return null;
  const amount = valueOf('maxCost', amountText, rateOf, fault);
  const strategy = valueOf('maxCostStrategy', strategyText, strategyOf, fault);
  if (amount === undefined || strategy === undefined || decimals === undefined) return undefined;
  if ((amount.split('.')[1] ?? '').length > decimals) {
    fault('value-invalid', 'maxCost', `maxCost ${amount} is not ${EXPECTED.maxCost} (${decimals})`);
    return undefined;
  }
  return { amount, strategy };
}
