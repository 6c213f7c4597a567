// A charge's sum, case by case as read aloud, and against an oracle that bills increment by increment in decimal.js.
import { describe, expect, test } from '@jest/globals';
import { decimalOf } from '@tollkeeper/money';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { costOf, priceOf, type RateSpan, type Timeline } from './index.js';

const Exact = Decimal.clone({ precision: 100, toExpNeg: -60, toExpPos: 60 });
const MODES = { up: Decimal.ROUND_UP, down: Decimal.ROUND_DOWN, 'half-up': Decimal.ROUND_HALF_UP } as const;

function span(fromMs: number, rate: string, incrementSeconds: number, rateUnitSeconds = 60): RateSpan {
  return { fromMs, rate, rateUnitSeconds, incrementSeconds, row: 1 };
}

function timeline(spans: readonly RateSpan[], rest: Partial<Timeline> = {}): Timeline {
  return { spans, connectFee: '0', rounding: 'up', decimals: 4, maxCost: null, ...rest };
}

type OraclePrice = { readonly amount: string; readonly billed: number; readonly gross: Decimal };

/** Every rate unit of the cases divides it, so that nothing is divided before the end. */
const COMMON_UNIT_SECONDS = 25_200;

/** One increment after the other, each at the rate in force when it begins. */
function oracle(
  { connectFee, decimals, rounding, spans }: Timeline,
  fromSecond: number,
  usageMs: number,
  fee: boolean,
): OraclePrice {
  let sum = new Exact(fee ? connectFee : 0).mul(COMMON_UNIT_SECONDS);
  let second = fromSecond;
  while (second * 1000 < usageMs) {
    const inForce = spans.findLast(({ fromMs }) => fromMs <= second * 1000) as RateSpan;
    const units = COMMON_UNIT_SECONDS / inForce.rateUnitSeconds;
    sum = sum.plus(new Exact(inForce.rate).mul(inForce.incrementSeconds).mul(units));
    second += inForce.incrementSeconds;
  }
  const gross = sum.div(COMMON_UNIT_SECONDS);
  const amount = gross.toDecimalPlaces(decimals, MODES[rounding]).toFixed();
  return { amount, billed: second - fromSecond, gross };
}

function grossOf(text: string): Decimal {
  const [numerator = '', denominator = '1'] = text.split('/');
  return new Exact(numerator).div(denominator);
}

describe('priceOf', () => {
  test.each([
    // increment, usage, rate per minute, fee → billed seconds, gross, amount
    [60, 61_000, '0.01', '0', 120, '0.02', '0.02'],
    [60, 60_000, '0.01', '0', 60, '0.01', '0.01'],
    [60, 1, '0.01', '0', 60, '0.01', '0.01'],
    [60, 0, '0.01', '0.05', 0, '0', '0'],
    [1, 60_000, '0.02', '0', 60, '0.02', '0.02'],
    [1, 67_541, '0.02', '0', 68, '17/750', '0.0227'],
    [1, 400, '0.06', '0', 1, '0.001', '0.001'],
    [6, 61_000, '0.01', '0.05', 66, '0.061', '0.061'],
    [30, 31_000, '0', '0.05', 60, '0.05', '0.05'],
    [1, 61_000, '0.0198360', '0', 61, '0.0201666', '0.0202'],
  ] as const)(
    'increments of %d s, %d ms at %s a minute, fee %s → %d s, gross %s, amount %s',
    (increment, usageMs, rate, connectFee, billed, gross, amount) => {
      const price = priceOf(timeline([span(0, rate, increment)], { connectFee }), usageMs);
      expect([price.billedUsageSeconds, price.gross, decimalOf(price.amountMicros)]).toEqual([billed, gross, amount]);
    },
  );

  test('the sum is rounded once: 0.02 a minute by the second is 0.02, and 0.0198 would be the sum of rounded seconds', () => {
    const perSecondRounded = timeline([span(0, '0.02', 1)], { rounding: 'half-up' });
    expect(decimalOf(priceOf(perSecondRounded, 60_000).amountMicros)).toBe('0.02');
  });

  test('a rate unit other than the minute, and two of them in one call', () => {
    const perHourThenSecond = timeline([span(0, '0.6', 60, 3600), span(90_000, '0.001', 1, 1)]);
    const price = priceOf(perHourThenSecond, 125_000);
    expect(price.segments.map(({ fromSecond, seconds, rate }) => [fromSecond, seconds, rate])).toEqual([
      [0, 120, '0.6'],
      [120, 5, '0.001'],
    ]);
    expect(decimalOf(price.amountMicros)).toBe('0.025');
  });

  test('an increment begun before a boundary is billed wholly at its rate, and the next rate starts where it ends', () => {
    const price = priceOf(timeline([span(0, '0.1', 60), span(60_001, '0.2', 60)]), 150_000);
    expect(price.segments.map(({ fromSecond, seconds }) => [fromSecond, seconds])).toEqual([
      [0, 120],
      [120, 60],
    ]);
  });

  test('ten days by the second are one division', () => {
    const price = priceOf(timeline([span(0, '0.01', 1)]), 864_000_000);
    expect(price.segments).toHaveLength(1);
    expect(decimalOf(price.amountMicros)).toBe('144');
  });
});

describe('costOf', () => {
  test('increments restart in a part of a call, while rates count from answer; the fee is for the caller to give', () => {
    const call = timeline([span(0, '0.1', 60), span(120_000, '0.6', 60)], { connectFee: '1' });
    const part = costOf(call, 90, 130, { connectFee: false });
    expect(part.segments.map(({ fromSecond, seconds, rate }) => [fromSecond, seconds, rate])).toEqual([[90, 60, '0.1']]);
    expect(decimalOf(part.amountMicros)).toBe('0.1');
    expect(decimalOf(costOf(call, 90, 130, { connectFee: true }).amountMicros)).toBe('1.1');
  });

  test('equals the oracle for any timeline, part and mode', () => {
    const rates = fc.constantFrom('0', '0.01', '0.02', '0.0193', '0.000001', '0.333333333333', '12.5');
    const spans = fc.array(
      fc.record({ rate: rates, increment: fc.constantFrom(1, 6, 30, 60, 7), unit: fc.constantFrom(60, 1, 3600, 7) }),
      { minLength: 1, maxLength: 4 },
    );
    const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 200_000 }), fc.constantFrom(60_000, 1_000, 59_999, 60_001)), {
      minLength: 3,
      maxLength: 3,
    });
    const rest = fc.record({
      connectFee: fc.constantFrom('0', '0.05', '0.333333333333'),
      rounding: fc.constantFrom('up', 'down', 'half-up'),
      decimals: fc.integer({ min: 0, max: 6 }),
    });
    const usages = fc.oneof(fc.integer({ min: 0, max: 600_000 }), fc.constantFrom(0, 1, 59_999, 60_000, 60_001));
    fc.assert(
      fc.property(spans, lengths, rest, fc.nat(120), usages, fc.boolean(), (drawn, gaps, options, fromSecond, usageMs, fee) => {
        let fromMs = 0;
        const call = timeline(
          drawn.map(({ rate, increment, unit }, at) => {
            const next = span(fromMs, rate, increment, unit);
            fromMs += gaps[at] ?? 1;
            return next;
          }),
          options as Partial<Timeline>,
        );
        const price = costOf(call, fromSecond, Math.ceil(usageMs / 1000), { connectFee: fee });
        const expected = oracle(call, fromSecond, usageMs, fee);
        expect(decimalOf(price.amountMicros)).toBe(expected.amount);
        expect(price.billedUsageSeconds).toBe(expected.billed);
        expect(grossOf(price.gross).minus(expected.gross).abs().lt('1e-80')).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

test('rate units without a common measure are exact all the same, however long the call', () => {
  const units = [86_399, 86_381, 86_371, 86_369];
  const call = timeline(
    units.map((unit, at) => span(at * 600_000_000, '0.000001', 1, unit)),
    { decimals: 6 },
  );
  const seconds = 600_000n;
  const product = units.reduce((all, unit) => all * BigInt(unit), 1n);
  const numerator = units.reduce((sum, unit) => sum + seconds * (product / BigInt(unit)), 0n);
  const [above = '', below = ''] = priceOf(call, 2_400_000_000).gross.split('/');
  expect(BigInt(above) * product * 1_000_000n).toBe(numerator * BigInt(below));
});

describe('a maximum cost', () => {
  const capped = (amount: string) =>
    timeline([span(0, '0.60', 60)], { connectFee: '0.10', maxCost: { amount, strategy: 'free' } });

  test.each([
    ['below it nothing changes', '2', 60_000, '0.7', '0.7'],
    ['the connect fee counts towards it', '1.20', 120_000, '1.2', '1.3'],
    ['exactly at it', '1.3', 120_000, '1.3', '1.3'],
    ['a call of no usage still costs nothing', '0.05', 0, '0', '0'],
    ['less than the connect fee', '0.05', 1_000, '0.05', '0.7'],
  ])('%s', (_, amount, usageMs, charged, gross) => {
    const price = priceOf(capped(amount), usageMs);
    expect([decimalOf(price.amountMicros), price.gross]).toEqual([charged, gross]);
  });
});
