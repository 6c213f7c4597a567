// Rate step: a call and the rate deck in, its charge out, or a coded rejection. Runs for every CDR.
import { type Charge, priceOf, type Timeline } from '@tollkeeper/charge';
import type { Deck, RateBook } from './deck.js';
import type { DeckRow } from './deck-row.js';

/** In order of precedence. */
export const RATING_REJECTION_CODES = [
  'no-plan', // the deck has no row of the tenant's plan
  'no-rate-in-currency', // the number has a rate in another currency than the tenant's; nothing is converted
  'no-rate', // no row of the call's category or of `*` matches the number
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
const FREE: Timeline = { spans: [], connectFee: '0', rounding: 'up', decimals: 4 };

/**
 * The exact category if it has any row that matches, else `*`; among its rows the longest prefix.
 * With `49` at 0.01 and `4915` at 0.02 a minute, 61 s to +4915… in increments of 60 s cost 0.04.
 */
export function rate(call: RatableCall, deck: Deck): Charge | RatingRejection {
  if (call.emergency === true) return emergencyCharge(call, deck);
  const plan = deck.plans.get(call.plan);
  if (plan === undefined) return { code: 'no-plan', reason: `the rate deck has no plan ${call.plan}` };
  const book = plan.get(call.currency);
  const match = book === undefined ? -1 : matchIn(book, call);
  if (match !== -1) return chargeOf(call, deck.rows[match] as DeckRow, deck.hash);
  const others = [...plan].filter(([, other]) => matchIn(other, call) !== -1).map(([currency]) => currency);
  const asked = `plan ${call.plan}, category ${call.category}`;
  if (others.length > 0) {
    return {
      code: 'no-rate-in-currency',
      reason: `${asked}: the called number has no rate in ${call.currency}, only in ${others.join(', ')}`,
    };
  }
  return { code: 'no-rate', reason: `${asked}: no row matches the called number` };
}

export function isRatingRejection(outcome: Charge | RatingRejection): outcome is RatingRejection {
  return 'code' in outcome;
}

/** Place of the row in the deck, -1 where none matches. */
function matchIn(book: RateBook, { calledNumber, category }: RatableCall): number {
  const exact = book.get(category)?.longestMatch(calledNumber) ?? -1;
  if (exact !== -1 || category === TOLL_FREE_INBOUND) return exact;
  return book.get(ANY_CATEGORY)?.longestMatch(calledNumber) ?? -1;
}

function chargeOf(call: RatableCall, row: DeckRow, deckHash: string): Charge {
  const { destination, prefix, timeline } = row;
  const price = priceOf(timeline, call.usageMs);
  return {
    amountMicros: price.amountMicros,
    gross: price.gross,
    billedUsageSeconds: price.billedUsageSeconds,
    segments: price.segments,
    plan: call.plan,
    category: call.category,
    prefix,
    destination,
    currency: call.currency,
    deckHash,
    rows: [row.number],
    usageMs: call.usageMs,
    timeline,
  };
}

/** Emergency calls always pass and are free, on any plan and in any currency. */
function emergencyCharge(call: RatableCall, deck: Deck): Charge {
  return {
    ...priceOf(FREE, call.usageMs),
    plan: call.plan,
    category: 'emergency',
    prefix: '',
    destination: 'Emergency',
    currency: call.currency,
    deckHash: deck.hash,
    rows: [],
    usageMs: call.usageMs,
    timeline: FREE,
  };
}
