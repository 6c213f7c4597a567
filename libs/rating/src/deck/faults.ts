// Rate deck, refused: every fault of a deck that cannot be read entirely, with its place and what to do about it.

export const DECK_FAULT_CODES = [
  'deck-empty', // no header, or no row below it
  'deck-too-large', // more rows than any deck has
  'column-unknown', // a header that is no column of a rate deck
  'column-twice', // the same header a second time
  'column-missing', // no `prefix` or no `rate`, or no currency from anywhere
  'quote-invalid', // a quote that never closes, or stands inside a bare field
  'fields-miscounted', // a row with more or fewer fields than the header
  'value-missing', // a mandatory field left blank
  'value-invalid', // not what the column holds
  'window-invalid', // a time of day or a validity that ends before it begins
  'row-twice', // the same plan, category, prefix, currency, window and tier a second time
  'tiers-disagree', // tiers of one window with other connect fees, rounding, decimals or maximum costs
  'tier-never-begins', // no tier at 0, or one that the increments before it always leap over
  'window-overlap', // two windows of a prefix, of equal weight, in force at one instant
] as const;
export type DeckFaultCode = (typeof DECK_FAULT_CODES)[number];

export type DeckFault = {
  readonly code: DeckFaultCode;
  /** From 1, as an editor counts. */
  readonly line: number;
  readonly column: number;
  readonly reason: string;
};

export type DeckRejection = {
  readonly rejection: 'deck-refused';
  readonly reason: string;
  /** In order of place, the first `MAX_LISTED_FAULTS` of them. */
  readonly faults: readonly DeckFault[];
  readonly faultCount: number;
};

/** A file in a wrong layout has a fault in each row: nobody reads more than this, and memory is bounded. */
export const MAX_LISTED_FAULTS = 1_000;

/** Collects faults up to the bound, and goes on counting. */
export class FaultList {
  readonly #faults: DeckFault[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(fault: DeckFault): void {
    this.#count += 1;
    if (this.#faults.length < MAX_LISTED_FAULTS) this.#faults.push(fault);
  }

  rejection(): DeckRejection {
    const faults = this.#faults.toSorted((left, right) => left.line - right.line || left.column - right.column);
    const [first] = faults;
    if (first === undefined) throw new Error('a deck without faults is not refused');
    const others = this.#count === 1 ? '' : `, and ${this.#count - 1} more`;
    return {
      rejection: 'deck-refused',
      reason: `line ${first.line}, column ${first.column}: ${first.reason}${others}; no row of the deck is used`,
      faults,
      faultCount: this.#count,
    };
  }
}
