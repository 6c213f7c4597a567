// Money: currency codes and their minor units by ISO 4217, and amounts as people read them.
import { describe, expect, test } from '@jest/globals';
import { currencies, formatAmount, isCurrency, microsOf, minorUnitsOf } from './index.js';

describe('currency', () => {
  test.each([
    ['EUR', 2],
    ['USD', 2],
    ['JPY', 0],
    ['ISK', 0],
    ['KWD', 3],
    ['CLF', 4],
    ['IDR', 2],
    ['IQD', 3],
    ['MGA', 2],
  ])('%s has %d decimals', (currency, decimals) => {
    expect(minorUnitsOf(currency)).toBe(decimals);
  });

  test.each(['eur', 'EURO', '', 'XXX', 'XAU', '__proto__', 'constructor', undefined, 978])('%p is no currency', (unchecked) => {
    expect(isCurrency(unchecked)).toBe(false);
  });

  test('the table holds each code once', () => {
    const all = currencies();
    expect(new Set(all).size).toBe(all.length);
    expect(all.every((code) => /^[A-Z]{3}$/.test(code) && isCurrency(code))).toBe(true);
    expect(() => minorUnitsOf('EURO')).toThrow('not an ISO 4217 currency');
  });
});

describe('formatAmount', () => {
  test.each([
    ['12.5', 'EUR', 'EUR 12.50'],
    ['0.0201', 'EUR', 'EUR 0.0201'],
    ['-3', 'USD', 'USD -3.00'],
    ['12', 'JPY', 'JPY 12'],
    ['0.5', 'JPY', 'JPY 0.5'],
    ['1', 'KWD', 'KWD 1.000'],
  ])('%s %s reads %s', (text, currency, expected) => {
    expect(formatAmount(microsOf(text), currency)).toBe(expected);
  });
});
