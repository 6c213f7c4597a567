// Rate deck, the whole: text of a CSV file in, a deck that calls can be rated by out, or a refusal with every fault.
import { createHash } from 'node:crypto';
import { columnOf, delimiterOf, forEachRecord } from './csv.js';
import { DEFAULTS } from './deck-columns.js';
import { type DeckRejection, FaultList } from './deck-faults.js';
import { type DeckLayout, layoutOf } from './deck-layout.js';
import { type DeckRow, type Memo, rowOf } from './deck-row.js';
import { PrefixIndex } from './longest-prefix.js';

/** Three times the largest carrier sheets, which have 170,000 prefixes: a bound, so that a wrong file is not swallowed. */
export const MAX_DECK_ROWS = 500_000;

/** Rows of one category in one currency, found by the called number. */
export type RateBook = ReadonlyMap<string, PrefixIndex>;

/** A plan's rows: by currency, then by category. */
export type PlanBook = ReadonlyMap<string, RateBook>;

export type Deck = {
  /** SHA-256, hexadecimal, of the canonical form of the rows: the same prices have the same hash, however they are spelled. */
  readonly hash: string;
  readonly rows: readonly DeckRow[];
  readonly plans: ReadonlyMap<string, PlanBook>;
};

/**
 * A deck that cannot be read entirely is refused entirely, with line and column of every fault.
 * `parseDeck('prefix,rate\n49,0.02', { currency: 'EUR' })` is a deck of one row.
 */
export function parseDeck(text: string, options: { readonly currency?: string } = {}): Deck | DeckRejection {
  const faults = new FaultList();
  const delimiter = delimiterOf(text);
  const rows: DeckRow[] = [];
  const memo: Memo = new Map();
  const books = new DeckBooks();
  let headerSeen = false;
  let layout: DeckLayout | undefined;
  forEachRecord(text, delimiter, (record) => {
    if (!headerSeen) {
      headerSeen = true;
      layout = layoutOf(record, delimiter, options.currency, faults);
      return;
    }
    if (layout === undefined) return;
    if (rows.length === MAX_DECK_ROWS) {
      faults.add(tooLarge(record.line));
      return;
    }
    const row = rowOf(record, rows.length + 1, layout, memo, faults);
    if (row === undefined) return;
    if (!books.add(row)) {
      const column = columnOf(record.text, delimiter, layout.applied.prefix ?? 0);
      faults.add({ code: 'row-twice', line: record.line, column, reason: twice(row) });
    }
    rows.push(row);
  });
  if (rows.length === 0 && faults.count === 0) {
    faults.add({
      code: 'deck-empty',
      line: 1,
      column: 1,
      reason: 'the deck has no row; it needs a header line and rows below it',
    });
  }
  return faults.count > 0 ? faults.rejection() : { hash: hashOf(rows), rows, plans: books.plans };
}

export function isDeckRejection(outcome: Deck | DeckRejection): outcome is DeckRejection {
  return 'rejection' in outcome;
}

class DeckBooks {
  readonly plans = new Map<string, Map<string, Map<string, PrefixIndex>>>();

  /** False where a row with the same plan, currency, category and prefix stands there already. */
  add(row: DeckRow): boolean {
    const plan = entry(this.plans, row.plan, () => new Map<string, Map<string, PrefixIndex>>());
    const currency = entry(plan, row.currency, () => new Map<string, PrefixIndex>());
    const index = entry(currency, row.category, () => new PrefixIndex());
    return index.set(row.prefix === '*' ? '' : row.prefix, row.number - 1) === undefined;
  }
}

function entry<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

function tooLarge(line: number) {
  return { code: 'deck-too-large', line, column: 1, reason: `more than ${MAX_DECK_ROWS} rows; split the deck by plan` } as const;
}

function twice({ category, currency, plan, prefix }: DeckRow): string {
  return `plan ${plan}, category ${category}, prefix ${prefix}, currency ${currency} stands above already; remove one of the rows`;
}

/**
 * One line of canonical JSON per row, in order of the file. A column at its default is left out, so that a column added to
 * the table later leaves the hash of every deck that does not use it as it is.
 */
function hashOf(rows: readonly DeckRow[]): string {
  const hash = createHash('sha256');
  let lines = '';
  for (const row of rows) {
    lines += canonicalRow(row);
    if (lines.length > 65_536) {
      hash.update(lines);
      lines = '';
    }
  }
  return hash.update(lines).digest('hex');
}

function canonicalRow({ category, currency, destination, plan, prefix, timeline }: DeckRow): string {
  const { connectFee, decimals, rounding, spans } = timeline;
  const [span] = spans;
  const unlessDefault = <Column extends keyof typeof DEFAULTS>(column: Column, value: string | number | undefined) =>
    String(value) === DEFAULTS[column] ? undefined : value;
  const canonical = {
    category: unlessDefault('category', category),
    connectFee: unlessDefault('connectFee', connectFee),
    currency,
    decimals: unlessDefault('decimals', decimals),
    destination: destination === prefix ? undefined : destination,
    increment: unlessDefault('increment', span?.incrementSeconds),
    plan: unlessDefault('plan', plan),
    prefix,
    rate: span?.rate,
    rateUnit: unlessDefault('rateUnit', span?.rateUnitSeconds),
    rounding: unlessDefault('rounding', rounding),
  };
  return `${JSON.stringify(canonical)}\n`;
}
