// Rate deck, the whole: text of a file in, a deck that calls can be rated by out, or a refusal with every fault.
import { createHash } from 'node:crypto';
import { canonicalLines } from './canonical.js';
import { columnOf, type CsvRecord, delimiterOf, forEachRecord, lineAt } from './csv.js';
import { type DeckRejection, FaultList } from './faults.js';
import { type DeckLayout, layoutOf } from './layout.js';
import { PrefixIndex } from './longest-prefix.js';
import { type CheckedRow, copyOf, RowReader, type Terms } from './row.js';
import { type FaultAt, faultsOfPrefix, type Placed } from './same-prefix.js';
import { successive } from './succession.js';

/** Three times the largest carrier sheets, which have 170,000 prefixes: a bound, so that a wrong file is not swallowed. */
export const MAX_DECK_ROWS = 500_000;
/** A year of holidays in a few zones. More of them would make checking their windows, each against each, long. */
export const MAX_ROWS_OF_PREFIX = 500;

/** A row as the file gives it, every default filled in. */
export type DeckRow = Terms & {
  /** Place among the deck's rows, from 1: with the deck's hash it names a row for ever. */
  readonly number: number;
  /** Digits, or `*`. */
  readonly prefix: string;
  readonly destination: string;
};

/** Rows of one category in one currency, found by the called number: place of the prefix's first row, from 0. */
export type RateBook = ReadonlyMap<string, PrefixIndex>;

/** A plan's rows: by currency, then by category. */
export type PlanBook = ReadonlyMap<string, RateBook>;

/** The rows as they are held, counted from 0. */
export type RowColumns = {
  readonly count: number;
  readonly terms: (row: number) => Terms;
  readonly prefix: (row: number) => string;
  readonly destination: (row: number) => string;
};

export type Deck = {
  /** SHA-256, hexadecimal, of `contentOf(deck)`: the same prices have the same hash, however they are spelled. */
  readonly hash: string;
  readonly rowCount: number;
  /** In order of first use. */
  readonly plans: readonly string[];
  /** Currencies that the plan has rows in; none for a plan that the deck lacks. */
  currenciesOf(plan: string): readonly string[];
  readonly books: ReadonlyMap<string, PlanBook>;
  readonly rows: RowColumns;
  /** @param number from 1. */
  row(number: number): DeckRow;
  /** Numbers of the rows with the same plan, currency, category and prefix as the one at `first`, from 0, itself included. */
  rowsOfPrefix(first: number): readonly number[];
  /** Whether any row is valid for a time only: otherwise the longest prefix is always the right one. */
  readonly hasValidity: boolean;
};

/**
 * A deck that cannot be read entirely is refused entirely, with line and column of every fault.
 * `parseDeck('prefix,rate\n49,0.02', { currency: 'EUR' })` is a deck of one row.
 */
export function parseDeck(text: string, options: { readonly currency?: string } = {}): Deck | DeckRejection {
  const faults = new FaultList();
  const delimiter = delimiterOf(text);
  const builder = new DeckBuilder();
  let headerSeen = false;
  let layout: DeckLayout | undefined;
  let reader: RowReader | undefined;
  forEachRecord(text, delimiter, (record) => {
    if (!headerSeen) {
      headerSeen = true;
      layout = layoutOf(record, delimiter, options.currency, faults);
      reader = layout && new RowReader(layout, faults);
      return;
    }
    for (const row of reader?.read(record) ?? []) {
      if (builder.size === MAX_DECK_ROWS) faults.add(tooLarge(record.line));
      else builder.add(row, record);
    }
  });
  if (layout?.isCarrierSheet && reader !== undefined) builder.endRowsBySuccessors(reader);
  if (builder.size === 0 && faults.count === 0) faults.add(EMPTY);
  builder.check(faults.count === 0, ({ line, start }, column, code, reason) => {
    const field = layout?.fields[column] ?? 0;
    faults.add({ code, line, column: columnOf(lineAt(text, start), delimiter, field), reason });
  });
  return faults.count > 0 ? faults.rejection() : builder.deck();
}

/** The deck as canonical CSV: what `hash` is the hash of, and what reads back as the same deck. */
export function contentOf(deck: Deck): string {
  return [...canonicalLines(deck.rows)].join('');
}

/** A deck for each plan, its rows numbered anew in order of the file: plans change at times of their own. */
export function decksByPlan(deck: Deck): ReadonlyMap<string, Deck> {
  if (deck.books.size === 1) return new Map([...deck.books.keys()].map((plan) => [plan, deck]));
  return new Map([...deck.books.keys()].map((plan) => [plan, deckOfPlan(deck, plan)]));
}

function deckOfPlan(deck: Deck, plan: string): Deck {
  const own = parseDeck([...canonicalLines(deck.rows, (terms) => terms.plan === plan)].join(''));
  if (isDeckRejection(own)) throw new Error(`plan ${plan} of a deck that reads does not: ${own.reason}`);
  return own;
}

export function isDeckRejection(outcome: Deck | DeckRejection): outcome is DeckRejection {
  return 'rejection' in outcome;
}

const EMPTY = {
  code: 'deck-empty',
  line: 1,
  column: 1,
  reason: 'the deck has no row; it needs a header line and rows below it',
} as const;

function tooLarge(line: number) {
  return { code: 'deck-too-large', line, column: 1, reason: `more than ${MAX_DECK_ROWS} rows; split the deck by plan` } as const;
}

const FALLBACK = 0;

/** Rows as columns of numbers and shared objects: an object for each of 170,000 rows would take five times the memory. */
class DeckBuilder {
  /** The digits as a number, which no leading zero makes ambiguous. */
  readonly #prefixes: number[] = [];
  readonly #destinations: (string | undefined)[] = [];
  readonly #terms: Terms[] = [];
  #lines: number[] = [];
  #starts: number[] = [];
  /** Row → the next one of the same prefix; most have none. */
  readonly #next = new Map<number, number>();
  readonly #lastOfPrefix = new Map<number, number>();
  readonly #books = new Map<string, Map<string, Map<string, PrefixIndex>>>();
  readonly #names = new Map<string, string>();

  get size(): number {
    return this.#prefixes.length;
  }

  add({ prefix, destination, terms }: CheckedRow, { line, start }: CsvRecord): void {
    const row = this.#prefixes.push(prefix === '*' ? FALLBACK : Number(prefix)) - 1;
    this.#destinations.push(destination === prefix ? undefined : this.#nameOf(destination));
    this.#terms.push(terms);
    this.#lines.push(line);
    this.#starts.push(start);
    const first = this.#indexOf(terms).setIfAbsent(prefix === '*' ? '' : prefix, row);
    if (first === row) return;
    this.#next.set(this.#lastOfPrefix.get(first) ?? first, row);
    this.#lastOfPrefix.set(first, row);
  }

  /** In a sheet that lists a code's new rate beside the old one. */
  endRowsBySuccessors(reader: RowReader): void {
    for (const first of this.#firstsOfMany()) {
      const rows = this.#rowsOfPrefix(first);
      const ended = successive(
        rows.map((row) => this.#terms[row] as Terms),
        reader,
      );
      for (const [at, row] of rows.entries()) this.#terms[row] = ended[at] as Terms;
    }
  }

  /** @param isComplete no line had a fault of its own. */
  check(isComplete: boolean, fault: FaultAt): void {
    for (const first of this.#firsts()) {
      const rows = this.#rowsOfPrefix(first).map((row) => this.#placed(row));
      const [only] = rows;
      if (rows.length === 1 && only?.terms.tierStart === 0) continue;
      if (rows.length > MAX_ROWS_OF_PREFIX) {
        const reason = `prefix ${this.#prefixText(first)} has ${rows.length} rows, more than ${MAX_ROWS_OF_PREFIX}; merge their windows`;
        fault(rows.at(-1) as Placed, 'prefix', 'deck-too-large', reason);
        continue;
      }
      faultsOfPrefix(this.#prefixText(first), rows, isComplete, fault);
    }
  }

  deck(): Deck {
    // A deck lives for months: what only its reading needs goes.
    [this.#lines, this.#starts] = [[], []];
    this.#names.clear();
    this.#lastOfPrefix.clear();
    for (const plan of this.#books.values()) for (const book of plan.values()) for (const index of book.values()) index.pack();
    const prefixes = Float64Array.from(this.#prefixes);
    this.#prefixes.length = 0;
    const [destinations, terms] = [this.#destinations, this.#terms];
    const rows: RowColumns = {
      count: terms.length,
      terms: (row) => terms[row] as Terms,
      prefix: (row) => textOfPrefix(prefixes[row] as number),
      destination: (row) => destinations[row] ?? textOfPrefix(prefixes[row] as number),
    };
    const hash = createHash('sha256');
    for (const chunk of canonicalLines(rows)) hash.update(chunk);
    return {
      hash: hash.digest('hex'),
      rowCount: terms.length,
      plans: [...this.#books.keys()],
      currenciesOf: (plan) => [...(this.#books.get(plan)?.keys() ?? [])],
      books: this.#books,
      rows,
      row(number) {
        const at = number - 1;
        const own = terms[at];
        if (own === undefined) throw new RangeError(`the deck has rows 1 to ${terms.length}, no row ${number}`);
        return { number, prefix: rows.prefix(at), destination: rows.destination(at), ...own };
      },
      rowsOfPrefix: (first) => this.#rowsOfPrefix(first),
      hasValidity: terms.some(({ window }) => window.validFromMs > -Infinity || window.validToMs < Infinity),
    };
  }

  #rowsOfPrefix(first: number): readonly number[] {
    const rows: number[] = [];
    for (let row: number | undefined = first; row !== undefined; row = this.#next.get(row)) rows.push(row);
    return rows;
  }

  *#firsts(): Iterable<number> {
    const followers = new Set(this.#next.values());
    for (let row = 0; row < this.#terms.length; row += 1) if (!followers.has(row)) yield row;
  }

  *#firstsOfMany(): Iterable<number> {
    const followers = new Set(this.#next.values());
    for (const row of this.#next.keys()) if (!followers.has(row)) yield row;
  }

  #placed(row: number): Placed {
    return { terms: this.#terms[row] as Terms, line: this.#lines[row] as number, start: this.#starts[row] as number };
  }

  #prefixText(row: number): string {
    return textOfPrefix(this.#prefixes[row] as number);
  }

  #nameOf(destination: string): string {
    const known = this.#names.get(destination);
    if (known !== undefined) return known;
    const copy = copyOf(destination);
    this.#names.set(copy, copy);
    return copy;
  }

  #indexOf({ plan, currency, category }: Terms): PrefixIndex {
    const ofPlan = entry(this.#books, plan, () => new Map<string, Map<string, PrefixIndex>>());
    const ofCurrency = entry(ofPlan, currency, () => new Map<string, PrefixIndex>());
    return entry(ofCurrency, category, () => new PrefixIndex());
  }
}

function textOfPrefix(digits: number): string {
  return digits === FALLBACK ? '*' : String(digits);
}

function entry<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
