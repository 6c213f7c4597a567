// Explanation's arithmetic: exact fractions, written anew so that a sum redone with them shares nothing with the code that made it.

export type Rational = { readonly over: bigint; readonly under: bigint };

export const ZERO: Rational = { over: 0n, under: 1n };

/** `0.042` is 21/500; `121/6000` is itself. @throws RangeError for what is neither. */
export function rational(text: string): Rational {
  const [, sign, whole, decimals = '', under] = /^(-?)(\d+)(?:\.(\d+)|\/(\d+))?$/.exec(text) ?? [];
  if (whole === undefined || under === '0') throw new RangeError(`"${text}" is neither a decimal nor a fraction`);
  const over = BigInt(whole + decimals) * (sign === '-' ? -1n : 1n);
  return reduced(over, under === undefined ? 10n ** BigInt(decimals.length) : BigInt(under));
}

export function plus(left: Rational, right: Rational): Rational {
  return reduced(left.over * right.under + right.over * left.under, left.under * right.under);
}

export function times(left: Rational, right: Rational): Rational {
  return reduced(left.over * right.over, left.under * right.under);
}

export function ratio(over: number, under: number): Rational {
  return reduced(BigInt(over), BigInt(under));
}

export function isMore(left: Rational, right: Rational): boolean {
  return left.over * right.under > right.over * left.under;
}

export function isSame(left: Rational, right: Rational): boolean {
  return left.over === right.over && left.under === right.under;
}

/** As a decimal where it has an end within 12 places, else as a fraction: 1/8 is 0.125, 1/3 stays. */
export function textOf(value: Rational): string {
  const scaled = value.over * 10n ** 12n;
  return scaled % value.under === 0n ? decimalText(scaled / value.under, 12) : `${value.over}/${value.under}`;
}

/** `up` is away from zero, `down` towards it, `half-up` to the nearest with ties away from zero: 0.0201666… to 4, up, is 0.0202. */
export function rounded(value: Rational, decimals: number, mode: string): Rational {
  const scale = 10n ** BigInt(decimals);
  const sign = value.over < 0n ? -1n : 1n;
  const scaled = value.over * sign * scale;
  const whole = scaled / value.under;
  const rest = scaled % value.under;
  const isAway = rest > 0n && (mode === 'up' || (mode === 'half-up' && rest * 2n >= value.under));
  return reduced(sign * (isAway ? whole + 1n : whole), scale);
}

function reduced(over: bigint, under: bigint): Rational {
  let [a, b] = [over < 0n ? -over : over, under];
  while (b !== 0n) [a, b] = [b, a % b];
  return { over: over / a, under: under / a };
}

function decimalText(scaled: bigint, decimals: number): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return (scaled < 0n ? '-' : '') + digits.slice(0, -decimals) + (fraction === '' ? '' : `.${fraction}`);
}
