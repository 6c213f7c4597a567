// A charge's steps: ends of increments before and after a second of the call, by the table and against a walk through the call.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  affordableSeconds,
  costOf,
  endOfIncrementsCovering,
  endOfIncrementsWithin,
  type RateSpan,
  type Timeline,
} from './index.js';

function timeline(...spans: readonly (readonly [fromMs: number, incrementSeconds: number])[]): Timeline {
  const rated = spans.map(([fromMs, incrementSeconds]): RateSpan => {
    return { fromMs, incrementSeconds, rate: '0.06', rateUnitSeconds: 60, row: 1 };
  });
  return { spans: rated, connectFee: '0.05', rounding: 'up', decimals: 4, maxCost: null };
}

describe('ends of increments', () => {
  test.each([
    ['by the minute', timeline([0, 60]), 0, 150, 120, 180],
    ['at an end', timeline([0, 60]), 0, 120, 120, 120],
    ['less than one', timeline([0, 60]), 0, 59, 0, 60],
    ['anew from where a pool ends', timeline([0, 60]), 90, 160, 150, 210],
    ['minute, then second', timeline([0, 60], [60_000, 1]), 0, 75, 75, 75],
    ['an increment reaches over the next rate', timeline([0, 60], [61_000, 1]), 0, 119, 60, 120],
    ['a call without rates', timeline(), 0, 77, 77, 77],
  ] as const)('%s', (_, call, from, second, within, covering) => {
    expect([endOfIncrementsWithin(call, from, second), endOfIncrementsCovering(call, from, second)]).toEqual([within, covering]);
  });

  test('equal a walk from increment to increment', () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: 1, max: 90_000 }), fc.constantFrom(1, 6, 7, 60)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(spans, fc.nat(100), fc.nat(400), (drawn, from, length) => {
        let fromMs = 0;
        const call = timeline(
          ...drawn.map(([gap, increment], at): readonly [number, number] => {
            if (at > 0) fromMs += gap;
            return [fromMs, increment];
          }),
        );
        const until = from + length;
        let second = from;
        let before = from;
        while (second < until) {
          before = second;
          second += (call.spans.findLast((span) => span.fromMs <= before * 1000) as RateSpan).incrementSeconds;
        }
        expect(endOfIncrementsCovering(call, from, until)).toBe(second);
        expect(endOfIncrementsWithin(call, from, until)).toBe(second === until ? until : before);
        expect(from + costOf(call, from, until, { connectFee: false }).billedUsageSeconds).toBe(second);
      }),
      { numRuns: 5_000 },
    );
  });

  test('a part of a call lasts as long as its own price is within the amount', () => {
    const call = timeline([0, 60], [120_000, 6]);
    fc.assert(
      fc.property(fc.nat(300), fc.boolean(), fc.bigInt({ min: 0n, max: 900_000n }), (fromSecond, connectFee, amount) => {
        const seconds = affordableSeconds(call, amount, { fromSecond, connectFee });
        expect(seconds).toBeGreaterThanOrEqual(fromSecond);
        if (seconds > fromSecond) expect(costOf(call, fromSecond, seconds, { connectFee }).amountMicros <= amount).toBe(true);
        expect(costOf(call, fromSecond, seconds + 1, { connectFee }).amountMicros > amount).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});
