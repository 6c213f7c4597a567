// Rate step, asked before the call: a call and the rate deck in, what any length of it would be priced by out. A reservation holds
// credit by it.

import { priceOf, type RatedAhead } from '@tollkeeper/charge';
import type { Deck } from './deck/deck.js';
import { firstBegunIn } from './in-force.js';
import type { RatableCall, RatingRejection } from './ratable-call.js';
import { emergencyCharge } from './rate.js';
import { isRejected, ratesOf } from './which-row.js';

/** Two days hold every rate of a day and its neighbours; beyond them the last rate is taken to go on. */
export const HORIZON_MS = 48 * 3_600_000;

export function rateAhead(call: Omit<RatableCall, 'usageMs'>, deck: Deck): RatedAhead | RatingRejection {
  const { plan, category, currency } = call;
  const asked = { ...call, usageMs: HORIZON_MS };
  if (call.emergency === true) {
    const { timeline, destination, prefix, category: emergency } = emergencyCharge(asked, deck.hash);
    return { plan, category: emergency, prefix, destination, currency, deckHash: deck.hash, timeline, ratedSeconds: Infinity };
  }
  const found = ratesOf(asked, deck, HORIZON_MS);
  if (isRejected(found)) return found;
  const { first, rates } = found;
  const { timeline, gaps } = rates;
  const gap = gaps.length === 0 ? undefined : firstBegunIn(gaps, priceOf(timeline, HORIZON_MS).segments);
  return {
    plan,
    category,
    prefix: deck.rows.prefix(first),
    destination: deck.rows.destination((timeline.spans[0]?.row ?? 1) - 1),
    currency,
    deckHash: deck.hash,
    timeline,
    ratedSeconds: gap ?? Infinity,
  };
}
