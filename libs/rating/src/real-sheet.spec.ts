// The real sheet: every number is priced as a naive scan of the file says, and those that it does not sell have no rate.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { decimalOf } from '@tollkeeper/money';
import { isDeckRejection, isRatingRejection, parseDeck, rate, type Deck } from './index.js';

const SHEET = '../shared/data/acs-pstn-rates.csv';
const NUMBERS = 500;

const suite = existsSync(SHEET) ? describe : describe.skip;

suite(`Azure's sheet as it is${existsSync(SHEET) ? '' : ' (skipped: ../shared/data is not here)'}`, () => {
  const text = existsSync(SHEET) ? readFileSync(SHEET, 'utf8') : '';
  const lines = text.trim().split(/\r?\n/).slice(1);
  const deck = parseDeck(text) as Deck;

  /** The last two fields are prefix and price; only the name before them may hold a comma. */
  const scan = (digits: string): { readonly prefix: string; readonly price: string } | undefined => {
    let found: { prefix: string; price: string } | undefined;
    for (const line of lines) {
      const fields = line.split(',');
      const [prefix = '', price = ''] = [fields.at(-2), fields.at(-1)];
      if (digits.startsWith(prefix) && prefix.length > (found?.prefix.length ?? 0)) found = { prefix, price };
    }
    return found;
  };
  const priceOf = (called: string): string => {
    const call = { plan: 'default', currency: 'USD', category: 'outbound', answerTimeMs: 0, usageMs: 60_000 };
    const rated = rate({ ...call, calledNumber: called }, deck);
    return isRatingRejection(rated) ? rated.code : `${rated.prefix} ${decimalOf(rated.amountMicros)}`;
  };

  test('is read whole', () => {
    expect(isDeckRejection(deck)).toBe(false);
    expect(deck.rowCount).toBe(lines.length);
  });

  test(`${NUMBERS} random numbers are priced as a naive scan says`, () => {
    let state = 20_261_124;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state % below;
    };
    let priced = 0;
    for (let count = 0; count < NUMBERS; count += 1) {
      const prefix = count % 5 === 0 ? '' : (lines[random(lines.length)]?.split(',').at(-2) ?? '');
      const digits = (prefix + String(1 + random(9)) + String(random(1e9)).padStart(9, '0')).slice(0, 15);
      const found = scan(digits);
      if (found !== undefined) priced += 1;
      // A minute at the price, rounded up to four decimals, which no price of the sheet goes beyond.
      expect(`+${digits} ${priceOf(`+${digits}`)}`).toBe(
        `+${digits} ${found === undefined ? 'no-rate' : `${found.prefix} ${Number(found.price)}`}`,
      );
    }
    expect(priced).toBeGreaterThan(NUMBERS / 2);
  });

  test.each(['+33892123456', '+68212345', '+80012345678', '+88112345678'])('%s has no rate', (number) => {
    expect(priceOf(number)).toBe('no-rate');
  });
});
