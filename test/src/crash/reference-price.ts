// Crash test's own price of a call: the rows of its rate deck come in as text; the amount, worked out the slow and plain way,
// goes out. It shares nothing with the product, so that both cannot be wrong alike.

import { Decimal } from 'decimal.js';

export type ReferenceRow = {
  readonly prefix: string;
  readonly currency: string;
  readonly rate: string;
  readonly rateUnit: number;
  readonly increment: number;
  readonly connectFee: string;
  readonly rounding: 'up' | 'down' | 'half-up';
  readonly decimals: number;
};

/** Prefixes within prefixes, odd increments and every rounding, so that a wrong row or a wrong round shows in the sum. */
export const REFERENCE_ROWS: readonly ReferenceRow[] = [
  priced('33', 'EUR', '0.0123', { increment: 1 }),
  priced('331', 'EUR', '0.0190', { increment: 60 }),
  priced('44', 'EUR', '0.0091', { increment: 6, rounding: 'half-up' }),
  priced('447', 'EUR', '0.0333', { increment: 30, connectFee: '0.05' }),
  priced('49', 'EUR', '0.0200', { increment: 60 }),
  priced('1', 'EUR', '0.0077', { increment: 1, connectFee: '0.01', rounding: 'down', decimals: 6 }),
  priced('1212', 'EUR', '0.0150', { increment: 60 }),
  priced('33', 'USD', '0.0141', { increment: 1 }),
  priced('44', 'USD', '0.0107', { increment: 6, rounding: 'half-up', decimals: 5 }),
  priced('49', 'USD', '0.0222', { increment: 60 }),
  priced('1', 'USD', '0.0049', { increment: 6, rateUnit: 30 }),
];

function priced(
  prefix: string,
  currency: string,
  rate: string,
  more: Partial<ReferenceRow> & { increment: number },
): ReferenceRow {
  return { prefix, currency, rate, rateUnit: 60, connectFee: '0', rounding: 'up', decimals: 4, ...more };
}

export function rateDeckCsv(): string {
  const columns = ['prefix', 'currency', 'rate', 'rateUnit', 'increment', 'connectFee', 'rounding', 'decimals'] as const;
  const lines = REFERENCE_ROWS.map((one) => columns.map((column) => String(one[column])).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

const MODES = { up: Decimal.ROUND_UP, down: Decimal.ROUND_DOWN, 'half-up': Decimal.ROUND_HALF_UP } as const;

/** 61 s to +33 1 …, 60/60 at 0.0190 → 120 s → 0.038. Throws where the deck has no price: the load must not ask for it. */
export function referencePrice(calledNumber: string, currency: string, usageMs: number): string {
  const digits = calledNumber.replace('+', '');
  const [row] = REFERENCE_ROWS.filter((one) => one.currency === currency && digits.startsWith(one.prefix)).toSorted(
    (a, b) => b.prefix.length - a.prefix.length,
  );
  if (row === undefined) throw new Error(`the reference deck has no price in ${currency} for ${calledNumber}`);
  if (usageMs === 0) return '0';
  const increments = new Decimal(usageMs).div(1000).div(row.increment).ceil();
  const cost = new Decimal(row.rate).mul(increments).mul(row.increment).div(row.rateUnit).add(row.connectFee);
  return cost.toDecimalPlaces(row.decimals, MODES[row.rounding]).toFixed();
}
