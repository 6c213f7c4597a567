// Rate step, asked before the call: a call, the rate deck and a balance in, what it would cost and how long it may last out.
import { affordableSeconds, type Charge, priceOf } from '@tollkeeper/charge';
import type { Micros } from '@tollkeeper/money';
import { MAX_USAGE_MS } from './cdr/index.js';
import type { Deck } from './deck/deck.js';
import { firstBegunIn } from './in-force.js';
import { isRatingRejection, type RatableCall, type RatingRejection } from './ratable-call.js';
import { rate } from './rate.js';
import { isRejected, ratesOf } from './which-row.js';

export type Quote = {
  readonly charge: Charge;
  /** Longest usage, in whole seconds, that the balance pays for; null where it pays for any call. Only with a balance. */
  readonly maxUsageSeconds?: number | null;
};

/** Most balances last no longer than this or are not worth a timeline of a month. */
const FIRST_LOOK_MS = 3_600_000;
const LOOK_FURTHER = 8;

/**
 * What a call would cost, and how long a balance lasts: 0.05 at 0.02 a minute in increments of 60 s lasts 120 s. A gap between
 * the rows ends a call, and so does a maximum cost that disconnects.
 */
export function quote(
  call: RatableCall,
  deck: Deck,
  { balanceMicros }: { readonly balanceMicros?: Micros } = {},
): Quote | RatingRejection {
  const charge = rate(call, deck);
  if (isRatingRejection(charge)) return charge;
  if (balanceMicros === undefined) return { charge };
  if (call.emergency === true) return { charge, maxUsageSeconds: null };
  return { charge, maxUsageSeconds: longestUsage(call, deck, balanceMicros) };
}

function longestUsage(call: RatableCall, deck: Deck, balanceMicros: Micros): number | null {
  for (let horizonMs = FIRST_LOOK_MS; ; horizonMs = Math.min(horizonMs * LOOK_FURTHER, MAX_USAGE_MS)) {
    const found = ratesOf(call, deck, horizonMs);
    if (isRejected(found)) throw new Error(`a call that was rated has no rate: ${found.reason}`);
    const { timeline, gaps } = found.rates;
    const affordable = affordableSeconds(timeline, balanceMicros);
    const untilGap = gaps.length === 0 ? Infinity : (firstBegunIn(gaps, priceOf(timeline, horizonMs).segments) ?? Infinity);
    const seconds = Math.min(affordable, untilGap);
    if (seconds * 1000 < horizonMs) return seconds;
    if (horizonMs === MAX_USAGE_MS) return null;
  }
}
