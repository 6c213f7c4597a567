// A charge's steps: a timeline and a second of the call in, the nearest end of an increment out. Pools and reservations count in them.

import type { Timeline } from './charge.js';

/**
 * The last end of an increment not after `untilSecond`, counted from `fromSecond` where increments start anew. By the minute from
 * 0, 150 s hold two increments: 120. A call that costs nothing by its nature has no increments and any end will do.
 */
export function endOfIncrementsWithin({ spans }: Timeline, fromSecond: number, untilSecond: number): number {
  if (spans.length === 0) return Math.max(fromSecond, untilSecond);
  let second = fromSecond;
  for (const [index, { incrementSeconds }] of spans.entries()) {
    const endMs = spans[index + 1]?.fromMs ?? Infinity;
    if (endMs <= second * 1000) continue;
    const begunInSpan = Math.ceil((endMs - second * 1000) / (incrementSeconds * 1000));
    const whole = Math.floor((untilSecond - second) / incrementSeconds);
    if (whole < begunInSpan) return second + Math.max(0, whole) * incrementSeconds;
    second += begunInSpan * incrementSeconds;
  }
  return second;
}

/** The first end of an increment at or after `atSecond`: by the minute from 0, 61 s end at 120. */
export function endOfIncrementsCovering({ spans }: Timeline, fromSecond: number, atSecond: number): number {
  if (spans.length === 0) return Math.max(fromSecond, atSecond);
  let second = fromSecond;
  for (const [index, { incrementSeconds }] of spans.entries()) {
    const endMs = Math.min(atSecond * 1000, spans[index + 1]?.fromMs ?? Infinity);
    if (endMs <= second * 1000) continue;
    second += Math.ceil((endMs - second * 1000) / (incrementSeconds * 1000)) * incrementSeconds;
  }
  return second;
}
