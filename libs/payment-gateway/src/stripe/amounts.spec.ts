// Amounts at Stripe: decimal text to the integer that Stripe takes for it, and back.

import { expect, test } from '@jest/globals';
import { decimalOfStripe, stripeAmountOf } from './amounts.js';

test.each([
  ['50', 'EUR', 5000],
  ['12.5', 'EUR', 1250],
  ['0.29', 'USD', 29], // 0.29 × 100 is 28.999… in binary
  ['1.1', 'GBP', 110],
  ['500', 'JPY', 500],
  ['5', 'ISK', 500], // ISO 4217 says no decimals, Stripe two
  ['5', 'UGX', 500],
  ['5000', 'MGA', 5000], // ISO 4217 says two decimals, Stripe none
  ['5.12', 'KWD', 5120],
  ['1200', 'HUF', 120_000],
])('%s %s is %i', (amount, currency, integer) => {
  expect(stripeAmountOf(amount, currency)).toBe(integer);
  expect(decimalOfStripe(integer, currency)).toBe(amount);
});

test.each([
  ['12.345', 'EUR'],
  ['0.5', 'JPY'],
  ['5.124', 'KWD'], // Stripe wants the last of three digits to be 0
  ['0.5', 'MGA'],
  ['0', 'EUR'],
  ['-1', 'EUR'],
])('%s %s cannot be taken', (amount, currency) => {
  expect(stripeAmountOf(amount, currency)).toBeUndefined();
});

test('the largest amount that money knows is exact', () => {
  expect(stripeAmountOf('999999999999.99', 'EUR')).toBe(99_999_999_999_999);
});
