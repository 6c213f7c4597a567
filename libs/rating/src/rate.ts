// Rate step: a call and the rate deck in, its charge out, or a coded rejection. Runs for every CDR.
import { type Charge, priceOf, type Timeline } from '@tollkeeper/charge';
import type { Deck } from './deck/deck.js';
import { firstBegunIn } from './in-force.js';
import type { RatableCall, RatingRejection } from './ratable-call.js';
import { type Found, isRejected, notInForce, ratesOf } from './which-row.js';

const FREE: Timeline = { spans: [], connectFee: '0', rounding: 'up', decimals: 4, maxCost: null };

/**
 * The exact category if it has any row that matches, else `*`; among its rows the longest prefix; at each instant the heaviest
 * of its rows. With `49` at 0.01 and `4915` at 0.02 a minute, 61 s to +4915… in increments of 60 s cost 0.04.
 */
export function rate(call: RatableCall, deck: Deck): Charge | RatingRejection {
  if (call.emergency === true) return emergencyCharge(call, deck.hash);
  const found = ratesOf(call, deck, call.usageMs);
  return isRejected(found) ? found : chargeOf(call, deck, found);
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

function chargeOf(call: RatableCall, deck: Deck, { first, rates: { timeline, gaps } }: Found): Charge | RatingRejection {
  const price = priceOf(timeline, call.usageMs);
  const second = firstBegunIn(gaps, price.segments);
  if (second !== undefined) return notInForce(call, deck, first, second);
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
