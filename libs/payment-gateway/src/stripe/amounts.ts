// Payment step at Stripe: an amount in decimal text and its currency → Stripe's integer, and back for the simulator.

import { minorUnitsOf, parseScaled, scaledText } from '@tollkeeper/money';

/**
 * Where Stripe departs from ISO 4217, each by a factor of 100 on real money (docs.stripe.com/currencies, "Zero-decimal
 * currencies" and "Special cases"): krónur and shillings are sent with two decimals that must be zero, ariary without any.
 */
const DECIMALS_AT_STRIPE: ReadonlyMap<string, number> = new Map([
  ['ISK', 2],
  ['UGX', 2],
  ['MGA', 0],
]);

/** 12.5 EUR is 1250, 500 JPY is 500, 5 ISK is 500. Undefined for what Stripe cannot take: 12.345 KWD, as the last of three is 0. */
export function stripeAmountOf(amount: string, currency: string): number | undefined {
  const minor = parseScaled(amount, decimalsOf(currency));
  if (minor === undefined || minor <= 0n || minor > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  if (minorUnitsOf(currency) === 3 && minor % 10n !== 0n) return undefined;
  return Number(minor);
}

/** Stripe's integer as decimal text: 1250 of EUR is 12.5. */
export function decimalOfStripe(amount: number, currency: string): string {
  return scaledText(BigInt(amount), decimalsOf(currency));
}

function decimalsOf(currency: string): number {
  return DECIMALS_AT_STRIPE.get(currency) ?? minorUnitsOf(currency);
}
