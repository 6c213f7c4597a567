// Rate step: a call and the rate deck in, its charge out, or a coded rejection. Runs for every CDR.
import { affordableSeconds, type Charge, priceOf, type Segment, type Timeline } from '@tollkeeper/charge';
import type { Micros } from '@tollkeeper/money';
import { MAX_USAGE_MS } from './cdr/index.js';
import type { Deck, RateBook } from './deck/deck.js';
import { isValidAt } from './deck/window.js';
import { constantTimeline, inOrderOfForce, ratesFrom, type Gap, type NumberedTerms, type Rates } from './in-force.js';

/** In order of precedence. */
export const RATING_REJECTION_CODES = [
  'no-plan', // the deck has no row of the tenant's plan
  'no-rate-in-currency', // the number has a rate in another currency than the tenant's; nothing is converted
  'no-rate', // no row matches the number, or none of the prefix is in force when an increment begins
] as const;
export type RatingRejectionCode = (typeof RATING_REJECTION_CODES)[number];

export type RatingRejection = {
  readonly code: RatingRejectionCode;
  /** For a person; without the number, since reasons stand in logs. */
  readonly reason: string;
};

export type RatableCall = {
  readonly plan: string;
  readonly currency: string;
  readonly category: string;
  /** E.164, `+` and digits. Not looked at for an emergency call. */
  readonly calledNumber: string;
  readonly answerTimeMs: number;
  readonly usageMs: number;
  readonly emergency?: boolean;
};

const ANY_CATEGORY = '*';
/** A caller pays nothing for these numbers, so a price for calling out must never stand in for theirs. */
const TOLL_FREE_INBOUND = 'toll-free-inbound';
const FREE: Timeline = { spans: [], connectFee: '0', rounding: 'up', decimals: 4, maxCost: null };
const MAX_USAGE_SECONDS = MAX_USAGE_MS / 1000;

/**
 * The exact category if it has any row that matches, else `*`; among its rows the longest prefix; at each instant the heaviest
 * of its rows. With `49` at 0.01 and `4915` at 0.02 a minute, 61 s to +4915… in increments of 60 s cost 0.04.
 */
export function rate(call: RatableCall, deck: Deck): Charge | RatingRejection {
  if (call.emergency === true) return emergencyCharge(call, deck.hash);
  const found = ratesOf(call, deck, call.usageMs);
  return isRejected(found) ? found : chargeOf(call, deck, found);
}

export type Quote = {
  readonly charge: Charge;
  /**
   * Longest usage, in whole seconds, that the balance pays for; null where it pays for any call. Only when a balance was given.
   */
  readonly maxUsageSeconds?: number | null;
};

/** What a call would cost, and how long a balance lasts: 0.05 at 0.02 a minute in increments of 60 s lasts 120 s. */
export function quote(
  call: RatableCall,
  deck: Deck,
  { balanceMicros }: { readonly balanceMicros?: Micros } = {},
): Quote | RatingRejection {
  const charge = rate(call, deck);
  if (isRatingRejection(charge) || balanceMicros === undefined) return isRatingRejection(charge) ? charge : { charge };
  if (call.emergency === true) return { charge, maxUsageSeconds: null };
  const found = ratesOf(call, deck, MAX_USAGE_MS);
  if (isRejected(found)) return found;
  const { timeline, gaps } = found.rates;
  const affordable = affordableSeconds(timeline, balanceMicros);
  const { segments } = priceOf(timeline, MAX_USAGE_MS);
  const untilGap = gaps.map((gap) => beginsIn(gap, segments)).find((second) => second !== undefined) ?? Infinity;
  const maxUsageSeconds = Math.min(affordable, untilGap);
  return { charge, maxUsageSeconds: maxUsageSeconds >= MAX_USAGE_SECONDS ? null : maxUsageSeconds };
}

export function isRatingRejection(outcome: Charge | Quote | RatingRejection): outcome is RatingRejection {
  return 'code' in outcome;
}

/** Emergency calls always pass and are free, on any plan and in any currency. */
export function emergencyCharge(call: RatableCall, deckHash: string): Charge {
  return freeCharge({ ...call, category: 'emergency' }, deckHash, 'Emergency');
}

/** A call that no row prices and that costs nothing all the same. */
export function freeCharge(call: RatableCall, deckHash: string, destination: string): Charge {
  return {
    ...priceOf(FREE, call.usageMs),
    plan: call.plan,
    category: call.category,
    prefix: '',
    destination,
    currency: call.currency,
    deckHash,
    rows: [],
    usageMs: call.usageMs,
    timeline: FREE,
  };
}

/** Place of the chosen prefix's first row, from 0, and what its rows come to. */
type Found = { readonly first: number; readonly rates: Rates };

function isRejected(found: Found | RatingRejection): found is RatingRejection {
  return 'code' in found;
}

function ratesOf(call: RatableCall, deck: Deck, horizonMs: number): Found | RatingRejection {
  const plan = deck.books.get(call.plan);
  if (plan === undefined) return { code: 'no-plan', reason: `the rate deck has no plan ${call.plan}` };
  const book = plan.get(call.currency);
  const first = book === undefined ? -1 : matchIn(book, call, deck);
  if (first !== -1) {
    const rates = ratesOfPrefix(deck, first, call.answerTimeMs, Math.max(1, Math.ceil(horizonMs / 1000) * 1000));
    return rates === undefined ? notInForce(call, deck, first, 0) : { first, rates };
  }
  const others = [...plan].filter(([, other]) => matchIn(other, call, deck) !== -1).map(([currency]) => currency);
  const asked = `plan ${call.plan}, category ${call.category}`;
  if (others.length > 0) {
    return {
      code: 'no-rate-in-currency',
      reason: `${asked}: the called number has no rate in ${call.currency}, only in ${others.join(', ')}`,
    };
  }
  return { code: 'no-rate', reason: `${asked}: no row matches the called number` };
}

function matchIn(book: RateBook, call: RatableCall, deck: Deck): number {
  const exact = matchOf(book, call.category, call, deck);
  if (exact !== -1 || call.category === TOLL_FREE_INBOUND) return exact;
  return matchOf(book, ANY_CATEGORY, call, deck);
}

/** Of the longest prefix that has a row valid at answer. */
function matchOf(book: RateBook, category: string, { calledNumber, answerTimeMs }: RatableCall, deck: Deck): number {
  const index = book.get(category);
  if (index === undefined) return -1;
  if (!deck.hasValidity) return index.longestMatch(calledNumber);
  const isValid = (first: number): boolean =>
    deck.rowsOfPrefix(first).some((row) => isValidAt(deck.rows.terms(row).window, answerTimeMs));
  return index.matches(calledNumber).find(isValid) ?? -1;
}

function ratesOfPrefix(deck: Deck, first: number, answerTimeMs: number, horizonMs: number): Rates | undefined {
  const rows = numberedRows(deck, first);
  const [only] = rows;
  if (only !== undefined && rows.length === 1) {
    const { window } = only.terms;
    if (window.isAllTheTime && window.validToMs >= answerTimeMs + horizonMs)
      return { timeline: constantTimeline(only), gaps: [] };
  }
  return ratesFrom(rows, answerTimeMs, horizonMs);
}

const ordered = new WeakMap<Deck, Map<number, readonly NumberedTerms[]>>();

/** In order of force; sorted once for each prefix that calls go to. */
function numberedRows(deck: Deck, first: number): readonly NumberedTerms[] {
  const rows = deck.rowsOfPrefix(first);
  if (rows.length === 1) return [{ number: first + 1, terms: deck.rows.terms(first) }];
  let known = ordered.get(deck);
  if (known === undefined) ordered.set(deck, (known = new Map()));
  let sorted = known.get(first);
  if (sorted === undefined) {
    sorted = inOrderOfForce(rows.map((row) => ({ number: row + 1, terms: deck.rows.terms(row) })));
    known.set(first, sorted);
  }
  return sorted;
}

function chargeOf(call: RatableCall, deck: Deck, { first, rates: { timeline, gaps } }: Found): Charge | RatingRejection {
  const price = priceOf(timeline, call.usageMs);
  for (const gap of gaps) {
    const second = beginsIn(gap, price.segments);
    if (second !== undefined) return notInForce(call, deck, first, second);
  }
  const rows = price.segments.length === 0 ? [timeline.spans[0]?.row ?? 0] : price.segments.map(({ row }) => row);
  return {
    amountMicros: price.amountMicros,
    gross: price.gross,
    billedUsageSeconds: price.billedUsageSeconds,
    segments: price.segments,
    plan: call.plan,
    category: call.category,
    prefix: deck.rows.prefix(first),
    destination: deck.rows.destination((rows[0] ?? 1) - 1),
    currency: call.currency,
    deckHash: deck.hash,
    rows: rows.length === 1 ? rows : [...new Set(rows)],
    usageMs: call.usageMs,
    timeline,
  };
}

/** Second at which the first increment within the gap begins; a gap that one increment covers has none. */
function beginsIn({ fromMs, toMs }: Gap, segments: readonly Segment[]): number | undefined {
  for (const { fromSecond, seconds, incrementSeconds } of segments) {
    const increments = Math.max(0, Math.ceil((fromMs / 1000 - fromSecond) / incrementSeconds));
    const second = fromSecond + increments * incrementSeconds;
    if (second < fromSecond + seconds && second * 1000 < toMs) return second;
  }
  return undefined;
}

function notInForce(call: RatableCall, deck: Deck, first: number, second: number): RatingRejection {
  const instant = new Date(call.answerTimeMs + second * 1000).toISOString();
  const reason = `plan ${call.plan}, category ${call.category}: no row of prefix ${deck.rows.prefix(first)} is in force at ${instant}`;
  return { code: 'no-rate', reason };
}
