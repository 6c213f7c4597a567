// Money, the end of a charge: an exact ratio in, micro-units out. The only place in the program that rounds.
import { MICRO_DECIMALS, type Micros } from './decimal.js';

/** `up` is away from zero, `down` towards it, `half-up` to the nearest with ties away from zero. */
export type RoundingMode = (typeof ROUNDING_MODES)[number];

export const ROUNDING_MODES = ['up', 'down', 'half-up'] as const;

const POWERS_OF_TEN: readonly bigint[] = Array.from({ length: MICRO_DECIMALS + 1 }, (_, power) => 10n ** BigInt(power));

/**
 * The value numerator/denominator, in whole currency units, rounded to `decimals` (0 to 6).
 * `roundRatio(121n, 6000n, 4, 'up')` is `20_200n`: 0.0201666… becomes 0.0202.
 */
export function roundRatio(numerator: bigint, denominator: bigint, decimals: number, mode: RoundingMode): Micros {
  if (denominator <= 0n) throw new RangeError(`a ratio needs a positive denominator, not ${denominator}`);
  const scaled = numerator * powerOfTen(decimals);
  const quotient = scaled / denominator;
  const remainder = scaled - quotient * denominator;
  const rounded = awayFromZero(remainder, denominator, mode) ? quotient + (numerator < 0n ? -1n : 1n) : quotient;
  return rounded * powerOfTen(MICRO_DECIMALS - decimals);
}

function awayFromZero(remainder: bigint, denominator: bigint, mode: RoundingMode): boolean {
  if (remainder === 0n) return false;
  if (mode === 'half-up') return (remainder < 0n ? -remainder : remainder) * 2n >= denominator;
  return mode === 'up';
}

function powerOfTen(power: number): bigint {
  const value = POWERS_OF_TEN[power];
  if (value === undefined) throw new RangeError(`an amount has 0 to ${MICRO_DECIMALS} decimals, not ${power}`);
  return value;
}
