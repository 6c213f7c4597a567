// A charge, on its way from rating to the ledger: what a call costs, and the timeline that any part of it is priced by.
import { type Micros, parseScaled, type RoundingMode } from '@tollkeeper/money';

/** Rates and connect fees keep up to 12 decimals: sheets quote to 6, and what is quoted per hour needs more per second. */
export const RATE_DECIMALS = 12;

/** The rate in force from an instant of the call until the next span begins; the last one has no end. */
export type RateSpan = {
  /** Milliseconds from answer. Times of day fall anywhere in a call, so whole seconds would not do. */
  readonly fromMs: number;
  /** Price of one rate unit, as decimal text. */
  readonly rate: string;
  readonly rateUnitSeconds: number;
  readonly incrementSeconds: number;
  /** Number of the rate deck's row, from 1. */
  readonly row: number;
};

/** What one call costs at most, its connect fee included; decimal text. */
export type MaxCost = {
  readonly amount: string;
  /** Beyond it the call goes on for `free`, or is to be ended: `disconnect`. A call that went on all the same costs no more. */
  readonly strategy: 'free' | 'disconnect';
};

/** All that pricing needs, and nothing of how long the call lasts: the same timeline says how long an amount lasts. */
export type Timeline = {
  /** In order of `fromMs`, the first at 0. Empty for a call that costs nothing by its nature. */
  readonly spans: readonly RateSpan[];
  /** Once, when the call was answered and lasted more than 0 s; decimal text. */
  readonly connectFee: string;
  readonly rounding: RoundingMode;
  readonly decimals: number;
  /** With no more decimals than `decimals`, so that rounding never passes it. */
  readonly maxCost: MaxCost | null;
};

/** Billed seconds at one rate. Segments follow each other without gap: each starts where the last increment ended. */
export type Segment = {
  /** Seconds from answer. */
  readonly fromSecond: number;
  /** Whole increments. */
  readonly seconds: number;
  readonly rate: string;
  readonly rateUnitSeconds: number;
  readonly incrementSeconds: number;
  readonly row: number;
};

/** What a call or a part of it costs, with all that is needed to redo the sum by hand. */
export type Price = {
  readonly amountMicros: Micros;
  /** The sum before the maximum cost and its one rounding, exactly: decimal text, or a fraction in lowest terms such as `121/6000`. */
  readonly gross: string;
  readonly billedUsageSeconds: number;
  readonly segments: readonly Segment[];
};

export type Charge = Price & {
  readonly plan: string;
  /** The call's own category, which rows of category `*` serve as well. */
  readonly category: string;
  /** Digits of the matched row, `*` for the fallback row, empty for an emergency call, which no row priced. */
  readonly prefix: string;
  readonly destination: string;
  readonly currency: string;
  readonly deckHash: string;
  /** Numbers of the deck's rows that priced the call, in order of first use. */
  readonly rows: readonly number[];
  readonly usageMs: number;
  readonly timeline: Timeline;
};

/** A call as it is priced before anybody knows how long it will last. */
export type RatedAhead = Pick<Charge, 'plan' | 'category' | 'prefix' | 'destination' | 'currency' | 'deckHash' | 'timeline'> & {
  /** Seconds from answer that rows price; Infinity where the last rate goes on. */
  readonly ratedSeconds: number;
};

/** Unchecked text to 10⁻¹² of the currency; undefined for what is no plain decimal. */
export function parsePicos(text: string): bigint | undefined {
  return parseScaled(text, RATE_DECIMALS);
}

/** A rate or connect fee that a deck has already been checked for. */
export function picosOf(text: string): bigint {
  const picos = parsePicos(text);
  if (picos === undefined) throw new RangeError(`"${text}" is not a rate: expected a plain decimal with at most 12 decimals`);
  return picos;
}
