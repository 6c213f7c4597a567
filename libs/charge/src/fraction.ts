// A charge's exact arithmetic: the rate unit that several rates share, and a ratio as text that people can redo.

/**
 * The smallest number of seconds that every rate unit divides: 60 for rates by the second and by the minute. A few units
 * without a common measure are together more than a number holds exactly.
 */
export function commonUnitSeconds(rates: readonly { readonly rateUnitSeconds: number }[]): bigint {
  let common = 1n;
  let last = 1;
  for (const { rateUnitSeconds } of rates) {
    if (rateUnitSeconds === last) continue;
    last = rateUnitSeconds;
    const unit = BigInt(rateUnitSeconds);
    if (common % unit !== 0n) common *= unit / commonDivisorOfBig(common, unit);
  }
  return common;
}

/** A ratio in lowest terms: 1210000 and 60000000 read "121/6000". */
export function fractionText(numerator: bigint, denominator: bigint): string {
  const divisor = commonDivisorOfBig(numerator, denominator);
  return `${numerator / divisor}/${denominator / divisor}`;
}

function commonDivisor(left: number, right: number): number {
  let [a, b] = [left, right];
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

function commonDivisorOfBig(left: bigint, right: bigint): bigint {
  let [a, b] = [left, right];
  while (b > Number.MAX_SAFE_INTEGER || a > Number.MAX_SAFE_INTEGER) [a, b] = [b, a % b];
  // Whole numbers below 2⁵³ are exact as numbers, and Euclid's forty steps are ten times faster on them.
  return BigInt(commonDivisor(Number(a), Number(b)));
}
