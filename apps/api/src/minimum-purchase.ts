// HTTP's least purchase: the setting's text in, micro-units by currency out; undefined when it cannot be read.

import { isCurrency, parseMicros } from '@tollkeeper/money';

/** Microsoft sells Communications Credits from 20 EUR or 50 USD on. */
export const DEFAULT_MINIMUM_PURCHASE = 'EUR=20,USD=50';

/** Currencies that are not named have no minimum. */
export type MinimumPurchase = ReadonlyMap<string, bigint>;

/** `EUR=20,USD=50` → EUR 20_000_000n, USD 50_000_000n; `EUR=0` lifts it. */
export function parseMinimumPurchase(text: string): MinimumPurchase | undefined {
  const minimums = new Map<string, bigint>();
  for (const part of text.split(',')) {
    const [currency = '', amount = '', ...rest] = part.split('=').map((side) => side.trim());
    const micros = parseMicros(amount);
    if (rest.length > 0 || !isCurrency(currency) || minimums.has(currency) || micros === undefined || micros < 0n)
      return undefined;
    minimums.set(currency, micros);
  }
  return minimums;
}
