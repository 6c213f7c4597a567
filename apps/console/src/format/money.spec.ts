// The page's money, tested: every decimal that the ledger writes down is shown, in each language's way.

import { describe, expect, test } from '@jest/globals';
import { amountText, isZero, meanText, minus, moneyText, typedAmount } from './money.js';

const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('an amount', () => {
  test.each([
    ['12.5', 'EUR', 'en', '€12.50'],
    ['12.3456', 'EUR', 'en', '€12.3456'],
    ['-0.000001', 'EUR', 'en', '-€0.000001'],
    ['1234567.5', 'USD', 'en', '$1,234,567.50'],
    ['1234567.5', 'EUR', 'fr', '1 234 567,50 €'],
    // Beyond what a binary float can hold: the last digit would be lost.
    ['9007199254740993.123457', 'EUR', 'en', '€9,007,199,254,740,993.123457'],
    ['0', 'EUR', 'fr', '0,00 €'],
  ])('%s %s in %s reads %s', (amount, currency, language, read) => {
    expect(plain(moneyText(amount, currency, language))).toBe(read);
  });

  test('that is a mean is rounded to what can be paid', () => {
    expect(meanText('11.715101', 'EUR', 'en')).toBe('€11.72');
  });

  test('that is a fraction or a word comes back as it is', () => {
    expect(moneyText('121/6000', 'EUR', 'en')).toBe('121/6000 EUR');
    expect(amountText('121/6000', 'fr')).toBe('121/6000');
  });

  test('in a column shows its decimals without the currency', () => {
    expect(amountText('0.0427', 'fr')).toBe('0,0427');
    expect(amountText('3', 'en')).toBe('3.00');
    expect(amountText('0.04200', 'en', 0)).toBe('0.042');
  });
});

test.each([
  ['34.7474', '0.7474', '34'],
  ['0.1', '0.3', '-0.2'],
  ['10', '10.000000', '0'],
  ['9007199254740993.1', '0.000001', '9007199254740993.099999'],
  ['-1.5', '2', '-3.5'],
])('%s less %s is %s', (left, right, difference) => {
  expect(minus(left, right)).toBe(difference);
});

test.each([
  ['25', '25'],
  ['12,50', '12.50'],
  ['1 000.25', '1000.25'],
  ['1,000.25', undefined],
  ['-5', undefined],
  ['', undefined],
  ['1e3', undefined],
  ['0.1234567', undefined],
])('typed %p is taken for %p', (typed, amount) => {
  expect(typedAmount(typed)).toBe(amount);
});

test('nothing is nothing however it is written', () => {
  expect([isZero('0'), isZero('0.000'), isZero('-0'), isZero('0.01')]).toEqual([true, true, true, false]);
});
