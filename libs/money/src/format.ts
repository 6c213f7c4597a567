// Money, shown to people: micro-units and a currency in, text like "EUR 12.50" out.
import { minorUnitsOf } from './currency.js';
import { decimalOf, type Micros } from './decimal.js';

/** At least the currency's own decimals, and never fewer than the amount has: "EUR 12.50", "EUR 0.0201", "JPY 12". */
export function formatAmount(micros: Micros, currency: string): string {
  const [integer = '0', fraction = ''] = decimalOf(micros).split('.');
  const decimals = fraction.padEnd(minorUnitsOf(currency), '0');
  return decimals === '' ? `${currency} ${integer}` : `${currency} ${integer}.${decimals}`;
}
