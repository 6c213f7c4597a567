// A charge, asked the other way round: a timeline and an amount in, the longest call that it pays for out.
import type { Micros } from '@tollkeeper/money';
import { MICRO_DECIMALS } from '@tollkeeper/money';
import { picosOf, RATE_DECIMALS, type Timeline } from './charge.js';
import { commonUnitSeconds } from './fraction.js';

type Part = { readonly fromSecond: number; readonly connectFee: boolean };
const WHOLE_CALL: Part = { fromSecond: 0, connectFee: true };

/**
 * How many seconds a call may last before `priceOf` exceeds the amount; `Infinity` where nothing more is ever charged.
 * 0.05 at 0.02 a minute in increments of 60 s lasts 120 s. An amount below zero lasts 0 s, even for a free call. Where a maximum
 * cost disconnects, no amount lasts beyond it; where it lets talk on for free, an amount that reaches it lasts for ever.
 * @param part what the amount pays for begins at this second, where increments start anew; the connect fee belongs to it or not.
 * The answer still counts from answer.
 */
export function affordableSeconds(timeline: Timeline, amountMicros: Micros, part: Part = WHOLE_CALL): number {
  const { fromSecond } = part;
  if (amountMicros < 0n) return fromSecond;
  const { spans } = timeline;
  const unit = commonUnitSeconds(spans);
  const { maxCost } = timeline;
  const most = maxCost === null ? undefined : picosOf(maxCost.amount) * unit;
  let gross = highestGross(timeline, amountMicros, unit);
  if (most !== undefined && gross >= most) {
    if (maxCost?.strategy === 'free') return Infinity;
    gross = most;
  }
  let left = part.connectFee ? gross - picosOf(timeline.connectFee) * unit : gross;
  if (left < 0n) return fromSecond;
  let second = fromSecond;
  for (const [index, span] of spans.entries()) {
    const { incrementSeconds, rateUnitSeconds } = span;
    const endMs = spans[index + 1]?.fromMs ?? Infinity;
    if (endMs <= second * 1000) continue;
    const increments = Math.ceil((endMs - second * 1000) / (incrementSeconds * 1000));
    const costOfIncrement = picosOf(span.rate) * BigInt(incrementSeconds) * (unit / BigInt(rateUnitSeconds));
    const affordable = costOfIncrement === 0n ? Infinity : Number(left / costOfIncrement);
    if (affordable < increments) return second + affordable * incrementSeconds;
    if (increments === Infinity) return Infinity;
    left -= costOfIncrement * BigInt(increments);
    second += increments * incrementSeconds;
  }
  return Infinity;
}

/** The largest gross, in picos per common rate unit, that still rounds to no more than the amount. */
function highestGross({ decimals, rounding }: Timeline, amountMicros: Micros, unit: bigint): bigint {
  const step = 10n ** BigInt(RATE_DECIMALS - decimals);
  const amountPicos = amountMicros * 10n ** BigInt(RATE_DECIMALS - MICRO_DECIMALS);
  const highest = amountPicos - (amountPicos % step);
  if (rounding === 'up') return highest * unit;
  const firstTooMuch = (highest + (rounding === 'down' ? step : step / 2n)) * unit;
  return firstTooMuch - 1n;
}
