// A charge, about to be written: its form in an event, explained by itself, with every number of money as text.
import { decimalOf } from '@tollkeeper/money';
import type { Charge, MaxCost, Price, Segment, Timeline } from './charge.js';

/** What `CallDebited.v1` keeps of a charge. */
export type ChargeRecord = ReturnType<typeof chargeRecord>;

/**
 * Keys stand in alphabetical order, so that `JSON.stringify` of the record is its canonical form (RFC 8785).
 * Of the timeline only what was billed is kept: the rest follows from the deck that the hash names.
 */
export function chargeRecord(charge: Charge) {
  return {
    amount: decimalOf(charge.amountMicros),
    billedUsageSeconds: charge.billedUsageSeconds,
    category: charge.category,
    connectFee: charge.timeline.connectFee,
    currency: charge.currency,
    decimals: charge.timeline.decimals,
    deckHash: charge.deckHash,
    destination: charge.destination,
    gross: charge.gross,
    maxCost: maxCostRecord(charge.timeline.maxCost),
    plan: charge.plan,
    prefix: charge.prefix,
    rounding: charge.timeline.rounding,
    rows: charge.rows,
    segments: charge.segments.map(segmentRecord),
    usageMs: charge.usageMs,
  } as const;
}

/** What a reservation keeps of a charge: enough to price any part of the call again, in canonical order of keys. */
export type TimelineRecord = ReturnType<typeof timelineRecord>;

export function timelineRecord({ connectFee, decimals, maxCost, rounding, spans }: Timeline) {
  return {
    connectFee,
    decimals,
    maxCost: maxCostRecord(maxCost),
    rounding,
    spans: spans.map(({ fromMs, incrementSeconds, rate, rateUnitSeconds, row }) => ({
      fromMs,
      incrementSeconds,
      rate,
      rateUnitSeconds,
      row,
    })),
  } as const;
}

/** What a pool has left of a call for credit to pay. */
export type RestRecord = ReturnType<typeof restRecord>;

export function restRecord(price: Price, fromSecond: number, connectFee: boolean) {
  return {
    amount: decimalOf(price.amountMicros),
    billedUsageSeconds: price.billedUsageSeconds,
    connectFee,
    fromSecond,
    gross: price.gross,
    segments: price.segments.map(segmentRecord),
  } as const;
}

function maxCostRecord(maxCost: MaxCost | null) {
  return maxCost === null ? null : ({ amount: maxCost.amount, strategy: maxCost.strategy } as const);
}

function segmentRecord(segment: Segment) {
  return {
    fromSecond: segment.fromSecond,
    incrementSeconds: segment.incrementSeconds,
    rate: segment.rate,
    rateUnitSeconds: segment.rateUnitSeconds,
    row: segment.row,
    seconds: segment.seconds,
  } as const;
}
