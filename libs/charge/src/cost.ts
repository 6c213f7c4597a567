// A charge's sum: a timeline and a stretch of the call in, its billed segments, exact gross and once-rounded amount out.
import { roundRatio, scaledText } from '@tollkeeper/money';
import { picosOf, type Price, RATE_DECIMALS, type RateSpan, type Segment, type Timeline } from './charge.js';
import { commonUnitSeconds, fractionText } from './fraction.js';

const PICOS = 10n ** BigInt(RATE_DECIMALS);

/**
 * The whole call. 61 s at 0.01 a minute in increments of 60 s is 120 billed seconds and 0.02; usage of 0 costs nothing,
 * connect fee included; a part of a second is billed as one increment.
 */
export function priceOf(timeline: Timeline, usageMs: number): Price {
  return costOf(timeline, 0, Math.ceil(usageMs / 1000), { connectFee: usageMs > 0 });
}

/**
 * The part of a call between two seconds counted from answer. Increments start anew at `fromSecond`, while the rate in
 * force goes on counting from answer. Whether the connect fee belongs to this part is for the caller to know.
 */
export function costOf(
  timeline: Timeline,
  fromSecond: number,
  toSecond: number,
  { connectFee }: { readonly connectFee: boolean },
): Price {
  const segments = billedSegments(timeline.spans, fromSecond, toSecond);
  const unitSeconds = commonUnitSeconds(segments);
  let sum = connectFee ? picosOf(timeline.connectFee) * unitSeconds : 0n;
  let billedUsageSeconds = 0;
  for (const { rate, rateUnitSeconds, seconds } of segments) {
    sum += picosOf(rate) * BigInt(seconds) * (unitSeconds / BigInt(rateUnitSeconds));
    billedUsageSeconds += seconds;
  }
  const denominator = PICOS * unitSeconds;
  return {
    amountMicros: roundRatio(cappedSum(sum, unitSeconds, timeline), denominator, timeline.decimals, timeline.rounding),
    gross: grossText(sum, unitSeconds, denominator),
    billedUsageSeconds,
    segments,
  };
}

/** Cost grows with the spans crossed, never with the increments: ten days by the second are one division. */
function billedSegments(spans: readonly RateSpan[], fromSecond: number, toSecond: number): readonly Segment[] {
  const segments: Segment[] = [];
  let second = fromSecond;
  for (const [index, span] of spans.entries()) {
    const endMs = Math.min(toSecond * 1000, spans[index + 1]?.fromMs ?? Infinity);
    if (endMs <= second * 1000) continue;
    const seconds = Math.ceil((endMs - second * 1000) / (span.incrementSeconds * 1000)) * span.incrementSeconds;
    const { incrementSeconds, rate, rateUnitSeconds, row } = span;
    segments.push({ fromSecond: second, seconds, rate, rateUnitSeconds, incrementSeconds, row });
    second += seconds;
  }
  return segments;
}

/** The maximum cost bounds the exact sum, before the rounding; the sum is in picos per common rate unit. */
function cappedSum(sum: bigint, unitSeconds: bigint, { maxCost }: Timeline): bigint {
  if (maxCost === null) return sum;
  const most = picosOf(maxCost.amount) * unitSeconds;
  return sum < most ? sum : most;
}

function grossText(sum: bigint, unitSeconds: bigint, denominator: bigint): string {
  const wholePicos = sum / unitSeconds;
  return wholePicos * unitSeconds === sum ? scaledText(wholePicos, RATE_DECIMALS) : fractionText(sum, denominator);
}
