// Money, the first and last step of every amount: plain decimal text in, exact scaled integers out, and back.

/** An amount in 10⁻⁶ of its currency: 12.5 is `12_500_000n`. */
export type Micros = bigint;

export const MICRO_DECIMALS = 6;

/** A million million currency units: beyond any account, and it keeps micro-units within 64 bits. */
export const MAX_INTEGER_DIGITS = 12;

const PLAIN_DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * Unchecked text to an integer count of 10⁻ᵈ, exactly: `parseScaled('0.0125', 12)` is `12_500_000_000n`.
 * Undefined for anything but a plain decimal that fits: no exponent, no sign but `-`, no blank, no comma.
 */
export function parseScaled(text: string, decimals: number): bigint | undefined {
  const match = PLAIN_DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign = '', integer = '', fraction = ''] = match;
  if (integer.length > MAX_INTEGER_DIGITS || fraction.length > decimals) return undefined;
  return BigInt(sign + integer + fraction.padEnd(decimals, '0'));
}

/** A count of 10⁻ᵈ to its one canonical spelling: no trailing zero after the point, no point without a digit. */
export function scaledText(value: bigint, decimals: number): string {
  if (value === 0n) return '0';
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === 48) end -= 1;
  const integer = digits.slice(0, point);
  const text = end === point ? integer : `${integer}.${digits.slice(point, end)}`;
  return negative ? `-${text}` : text;
}

/** Unchecked text to micro-units: `parseMicros('12.5')` is `12_500_000n`, `parseMicros('1,5')` is undefined. */
export function parseMicros(text: string): Micros | undefined {
  return parseScaled(text, MICRO_DECIMALS);
}

/** Text that is known to be an amount to micro-units; anything else is our own mistake and throws. */
export function microsOf(text: string): Micros {
  const micros = parseMicros(text);
  if (micros === undefined) {
    throw new RangeError(`"${text}" is not an amount: expected a plain decimal with at most ${MICRO_DECIMALS} decimals`);
  }
  return micros;
}

/** Micro-units to decimal text: `12_500_000n` is "12.5", `-4_000n` is "-0.004", `0n` is "0". */
export function decimalOf(micros: Micros): string {
  return scaledText(micros, MICRO_DECIMALS);
}
