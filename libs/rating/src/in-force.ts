// Rate step, its middle: the rows of one prefix and a call's answer in, the timeline of rates in force from then on out.

import type { RateSpan, Segment, Timeline } from '@tollkeeper/charge';
import type { Terms } from './deck/row.js';
import { forceAt, type Force } from './deck/window.js';

/** A row of the deck: its number, from 1. */
export type NumberedTerms = { readonly number: number; readonly terms: Terms };

/** Stretches of a call without any row in force, in milliseconds from answer. */
export type Gap = { readonly fromMs: number; readonly toMs: number };

/** `gaps` are covered by the span before them in the timeline: an increment that begins before a gap is billed wholly. */
export type Rates = { readonly timeline: Timeline; readonly gaps: readonly Gap[] };

/** Heaviest first; of one window the tier that begins last: the first in force counts. */
export function inOrderOfForce(rows: readonly NumberedTerms[]): readonly NumberedTerms[] {
  return rows.toSorted(
    ({ terms: left }, { terms: right }) => right.window.weight - left.window.weight || right.tierStart - left.tierStart,
  );
}

/** One row at all times, and so without end. */
export function constantTimeline({ number, terms }: NumberedTerms): Timeline {
  return { spans: [spanOf(0, number, terms)], ...billingOf(terms) };
}

/**
 * One step per stretch in which nothing changes, however many increments fall into it.
 * @param rows in order of force, of the chosen prefix.
 * @param horizonMs from answer; the timeline is right up to here.
 * @returns undefined where no row is in force at answer.
 */
export function ratesFrom(rows: readonly NumberedTerms[], answerMs: number, horizonMs: number): Rates | undefined {
  const spans: RateSpan[] = [];
  const gaps: Gap[] = [];
  let first: Terms | undefined;
  let last: number | undefined;
  for (let atMs = 0; atMs < horizonMs;) {
    const { row, untilMs } = rowAt(rows, answerMs, atMs, horizonMs);
    if (row === undefined) {
      if (first === undefined) return undefined;
      gaps.push({ fromMs: atMs, toMs: untilMs });
    } else if (row.number !== last) {
      first ??= row.terms;
      last = row.number;
      spans.push(spanOf(atMs, row.number, row.terms));
    }
    atMs = untilMs;
  }
  return first && { timeline: { spans, ...billingOf(first) }, gaps };
}

/** Second of the first increment that begins within a gap: no row is there to bill it. */
export function firstBegunIn(gaps: readonly Gap[], segments: readonly Segment[]): number | undefined {
  for (const { fromMs, toMs } of gaps) {
    for (const { fromSecond, seconds, incrementSeconds } of segments) {
      const increments = Math.max(0, Math.ceil((fromMs / 1000 - fromSecond) / incrementSeconds));
      const second = fromSecond + increments * incrementSeconds;
      if (second < fromSecond + seconds && second * 1000 < toMs) return second;
    }
  }
  return undefined;
}

type Stretch = { readonly row: NumberedTerms | undefined; readonly untilMs: number };

function rowAt(rows: readonly NumberedTerms[], answerMs: number, atMs: number, horizonMs: number): Stretch {
  const instantMs = answerMs + atMs;
  let untilMs = horizonMs;
  let window: Terms['window'] | undefined;
  let force: Force | undefined;
  for (const row of rows) {
    const { terms } = row;
    const tierStartMs = terms.tierStart * 1000;
    if (tierStartMs > atMs) {
      untilMs = Math.min(untilMs, tierStartMs);
      continue;
    }
    if (force === undefined || terms.window !== window) force = forceAt((window = terms.window), instantMs);
    untilMs = Math.min(untilMs, force.untilMs - answerMs);
    if (force.inForce) return { row, untilMs };
  }
  return { row: undefined, untilMs };
}

function spanOf(fromMs: number, row: number, { rate, rateUnitSeconds, incrementSeconds }: Terms): RateSpan {
  return { fromMs, rate, rateUnitSeconds, incrementSeconds, row };
}

function billingOf({ connectFee, rounding, decimals, maxCost }: Terms): Omit<Timeline, 'spans'> {
  return { connectFee, rounding, decimals, maxCost };
}
