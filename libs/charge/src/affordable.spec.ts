// A charge, asked the other way round: the longest call an amount pays for is exactly the longest that costs no more.
import { describe, expect, test } from '@jest/globals';
import { microsOf } from '@tollkeeper/money';
import fc from 'fast-check';
import { affordableSeconds, priceOf, type RateSpan, type Timeline } from './index.js';

function timeline(spans: readonly Omit<RateSpan, 'row'>[], rest: Partial<Timeline> = {}): Timeline {
  return {
    spans: spans.map((span) => ({ ...span, row: 1 })),
    connectFee: '0',
    rounding: 'up',
    decimals: 4,
    maxCost: null,
    ...rest,
  };
}

const perMinute = (rate: string, incrementSeconds = 60) => ({ fromMs: 0, rate, rateUnitSeconds: 60, incrementSeconds });

describe('affordableSeconds', () => {
  test.each([
    ['0.05', timeline([perMinute('0.02')]), 120],
    ['0.06', timeline([perMinute('0.02')]), 180],
    ['0.0199', timeline([perMinute('0.02')]), 0],
    ['0', timeline([perMinute('0.02')]), 0],
    ['0.1', timeline([perMinute('0.02')], { connectFee: '0.05' }), 120],
    ['0.04', timeline([perMinute('0.02')], { connectFee: '0.05' }), 0],
    ['0', timeline([perMinute('0')]), Infinity],
    ['-1', timeline([perMinute('0')]), 0],
    ['1', timeline([]), Infinity],
    ['0.02', timeline([perMinute('0.02', 1)]), 60],
    ['0.1', timeline([perMinute('0.1'), { ...perMinute('0'), fromMs: 60_000 }]), Infinity],
  ] as const)('%s lasts as long as it should (%#)', (amount, call, seconds) => {
    expect(affordableSeconds(call, microsOf(amount))).toBe(seconds);
  });

  test('no second less than the amount pays for, and none more', () => {
    const span = fc.record({
      rate: fc.constantFrom('0.02', '0.0193', '0.333333333333', '0.01', '0'),
      incrementSeconds: fc.constantFrom(1, 6, 60),
      rateUnitSeconds: fc.constantFrom(60, 1, 3600),
    });
    const rest = fc.record({
      connectFee: fc.constantFrom('0', '0.05'),
      rounding: fc.constantFrom('up', 'down', 'half-up'),
      decimals: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(
        fc.tuple(span, span, span),
        fc.tuple(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: 1, max: 90_000 })),
        rest,
        fc.bigInt({ min: 0n, max: 3_000_000n }),
        ([a, b, c], [first, second], options, amount) => {
          const call = timeline(
            [
              { fromMs: 0, ...a },
              { fromMs: first, ...b },
              { fromMs: first + second, ...c },
            ],
            options as Partial<Timeline>,
          );
          const seconds = affordableSeconds(call, amount);
          if (seconds === Infinity) {
            expect(priceOf(call, 1e12).amountMicros <= amount).toBe(true);
            return;
          }
          expect(priceOf(call, seconds * 1000).amountMicros <= amount).toBe(true);
          expect(priceOf(call, seconds * 1000 + 1).amountMicros > amount).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

describe('with a maximum cost', () => {
  const capped = (strategy: 'free' | 'disconnect') => timeline([perMinute('0.5')], { maxCost: { amount: '1.2', strategy } });

  test.each([
    ['free', '1.19', 120],
    ['free', '1.2', Infinity],
    ['disconnect', '1.19', 120],
    ['disconnect', '1.2', 120],
    ['disconnect', '99', 120],
  ] as const)('%s: %s lasts %d s', (strategy, amount, seconds) => {
    expect(affordableSeconds(capped(strategy), microsOf(amount))).toBe(seconds);
  });
});
