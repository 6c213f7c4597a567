// The setting MINIMUM_PURCHASE, as text.

import { expect, test } from '@jest/globals';
import { readSettings } from '@tollkeeper/program';
import { DEFAULT_MINIMUM_PURCHASE, parseMinimumPurchase } from './minimum-purchase.js';
import { ApiSettings } from './settings.js';

test('says the least that is sold, by currency', () => {
  expect(parseMinimumPurchase(DEFAULT_MINIMUM_PURCHASE)).toEqual(new Map(Object.entries({ EUR: 20_000_000n, USD: 50_000_000n })));
  expect(parseMinimumPurchase(' EUR = 0 , JPY=2500')).toEqual(new Map(Object.entries({ EUR: 0n, JPY: 2_500_000_000n })));
});

test.each(['EUR', 'EUR=', 'EUR=-1', 'euro=20', 'EUR=20=30', 'EUR=20,EUR=30', 'EUR=20,,USD=50', 'EUR=1e3'])(
  '%s is refused at start, by name',
  (text) => {
    expect(parseMinimumPurchase(text)).toBeUndefined();
    const { faults = [] } = readSettings(ApiSettings, { MINIMUM_PURCHASE: text });
    expect(faults).toContainEqual(expect.stringMatching(/^MINIMUM_PURCHASE holds .*EUR=20,USD=50/));
  },
);

test('an operator’s token has some length, and is never shown', () => {
  const { faults = [] } = readSettings(ApiSettings, { OPERATOR_TOKEN: 'short' });
  const [fault] = faults.filter((line) => line.startsWith('OPERATOR_TOKEN'));
  expect(fault).toMatch(/16 characters/);
  expect(fault).not.toContain('short');
});
