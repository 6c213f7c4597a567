// Money: the one rounding, checked against decimal.js in every mode and on every tie.
import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { decimalOf, ROUNDING_MODES, type RoundingMode, roundRatio } from './index.js';

const Exact = Decimal.clone({ precision: 120, toExpNeg: -60, toExpPos: 60 });
const ORACLE_MODE: Readonly<Record<RoundingMode, Decimal.Rounding>> = {
  up: Decimal.ROUND_UP,
  down: Decimal.ROUND_DOWN,
  'half-up': Decimal.ROUND_HALF_UP,
};

function oracle(numerator: bigint, denominator: bigint, decimals: number, mode: RoundingMode): string {
  const value = new Exact(numerator.toString()).div(denominator.toString());
  return value.toDecimalPlaces(decimals, ORACLE_MODE[mode]).toFixed().replace(/^-0$/, '0');
}

describe('roundRatio', () => {
  test.each([
    [121n, 6000n, 4, 'up', '0.0202'],
    [121n, 6000n, 4, 'down', '0.0201'],
    [121n, 6000n, 4, 'half-up', '0.0202'],
    [-121n, 6000n, 4, 'up', '-0.0202'],
    [-121n, 6000n, 4, 'down', '-0.0201'],
    [1n, 2n, 0, 'half-up', '1'],
    [-1n, 2n, 0, 'half-up', '-1'],
    [49n, 100n, 0, 'half-up', '0'],
    [1n, 1_000_000_000n, 6, 'up', '0.000001'],
    [2n, 100n, 4, 'up', '0.02'],
    [5n, 1n, 0, 'down', '5'],
    [0n, 7n, 6, 'up', '0'],
  ] as const)('%s/%s to %s decimals, %s → %s', (numerator, denominator, decimals, mode, expected) => {
    expect(decimalOf(roundRatio(numerator, denominator, decimals, mode))).toBe(expected);
  });

  test('equals decimal.js for any ratio, ties favoured', () => {
    const tie = fc.tuple(fc.bigInt({ min: -(10n ** 8n), max: 10n ** 8n }), fc.nat(6)).map(([odd, decimals]) => ({
      numerator: odd * 5n,
      denominator: 10n ** BigInt(decimals + 1),
    }));
    const anyRatio = fc.record({
      numerator: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      denominator: fc.bigInt({ min: 1n, max: 10n ** 15n }),
    });
    fc.assert(
      fc.property(fc.oneof(anyRatio, tie), fc.nat(6), fc.constantFrom(...ROUNDING_MODES), (ratio, decimals, mode) => {
        const rounded = roundRatio(ratio.numerator, ratio.denominator, decimals, mode);
        expect(decimalOf(rounded)).toBe(oracle(ratio.numerator, ratio.denominator, decimals, mode));
      }),
      { numRuns: 10_000 },
    );
  });

  test('a denominator that is not positive, or decimals out of range, is our own mistake', () => {
    expect(() => roundRatio(1n, 0n, 2, 'up')).toThrow('positive denominator');
    expect(() => roundRatio(1n, -1n, 2, 'up')).toThrow('positive denominator');
    expect(() => roundRatio(1n, 1n, 7, 'up')).toThrow('0 to 6 decimals');
  });
});
