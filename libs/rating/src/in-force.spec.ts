// Rate step, its middle: which rows a call passes through, where each begins, and what an instant without a row does.
import { describe, expect, test } from '@jest/globals';
import { decimalOf } from '@tollkeeper/money';
import { deckOf } from './deck/fixtures.js';
import { type Deck, isRatingRejection, type RatableCall, rate } from './index.js';

function callAt(answer: string, usageSeconds: number): RatableCall {
  const who = { plan: 'default', currency: 'EUR', category: 'outbound', calledNumber: '+33123456789' };
  return { ...who, answerTimeMs: Date.parse(answer), usageMs: usageSeconds * 1000 };
}

/** Each segment as "row@second+seconds", then the amount; or the rejection's code. */
function path(deck: Deck, answer: string, usageSeconds: number): string {
  const rated = rate(callAt(answer, usageSeconds), deck);
  if (isRatingRejection(rated)) return rated.code;
  const segments = rated.segments.map(({ row, fromSecond, seconds }) => `${row}@${fromSecond}+${seconds}`);
  return `${segments.join(' ')} = ${decimalOf(rated.amountMicros)}`;
}

const PEAK = deckOf(
  `prefix,rate,increment,connectFee,days,dates,from,to,timezone,weight
33,0.60,60,0.10,mon-fri,,08:00:00,18:00:00,Europe/Paris,10
33,0.30,60,0.05,*,,,,Europe/Paris,0
33,0.12,60,0,*,12-25,,,Europe/Paris,20`,
);
const TIERS = deckOf('prefix,rate,increment,tierStart\n33,0.60,60,0\n33,0.30,6,90\n33,0.06,1,180');
const WINTER_NIGHT = deckOf(
  'prefix,rate,increment,from,to,timezone\n33,0.60,60,00:00,02:30,Europe/Paris\n33,0.06,60,02:30,24:00,Europe/Paris',
);

describe('the rows that a call passes through', () => {
  test.each([
    ['peak only', PEAK, '2026-11-24T09:00:00Z', 90, '1@0+120 = 1.3'],
    ['peak to off-peak at 18:00 in Paris', PEAK, '2026-11-24T16:59:00Z', 150, '1@0+60 2@60+120 = 1.3'],
    ['an increment begun before the boundary is billed wholly', PEAK, '2026-11-24T16:59:30Z', 61, '1@0+60 2@60+60 = 1'],
    ['the connect fee is that of the row at answer', PEAK, '2026-11-24T06:59:00Z', 90, '2@0+60 1@60+60 = 0.95'],
    ['a holiday is heavier than a weekday', PEAK, '2026-12-25T10:00:00Z', 60, '3@0+60 = 0.12'],
    ['over midnight into a holiday', PEAK, '2026-12-24T22:59:00Z', 90, '2@0+60 3@60+60 = 0.47'],
    ['the weekend', PEAK, '2026-11-28T10:00:00Z', 60, '2@0+60 = 0.35'],
    ['summer: peak begins at 06:00 UTC', PEAK, '2026-07-01T06:00:00Z', 60, '1@0+60 = 0.7'],
    ['nothing used', PEAK, '2026-11-24T09:00:00Z', 0, ' = 0'],
    ['tiers, each where the increments before it end', TIERS, '2026-11-24T09:00:00Z', 200, '1@0+120 2@120+60 3@180+20 = 1.52'],
    ['02:00 to 02:30 twice', WINTER_NIGHT, '2026-10-25T00:29:00Z', 180, '1@0+60 2@60+120 = 0.72'],
    ['and again an hour later', WINTER_NIGHT, '2026-10-25T00:59:00Z', 180, '2@0+60 1@60+120 = 1.26'],
    ['02:30 is passed over in spring', WINTER_NIGHT, '2026-03-29T00:59:00Z', 120, '1@0+60 2@60+60 = 0.66'],
  ])('%s', (_, deck, answer, usage, expected) => {
    expect(path(deck, answer, usage)).toBe(expected);
  });

  test('ten days by the second are as many segments as there are changes', () => {
    const bySecond = deckOf('prefix,rate,increment,from,to\n33,0.06,1,00:00,12:00\n33,0.03,1,12:00,24:00');
    const rated = rate(callAt('2026-11-24T00:00:00Z', 864_000), bySecond);
    if (isRatingRejection(rated)) throw new Error(rated.reason);
    expect([rated.segments.length, decimalOf(rated.amountMicros), rated.rows]).toEqual([20, '648', [1, 2]]);
  });
});

describe('validity', () => {
  const BY_YEAR = deckOf(
    `prefix,rate,increment,validFrom,validTo
33,0.60,60,,2026-12-01T00:00:00Z
33,0.30,60,2026-12-01T00:00:00Z,2026-12-02T00:00:00Z
3,0.06,60,,`,
  );

  test.each([
    ['a change in the middle of a call', '2026-11-30T23:59:00Z', 90, '1@0+60 2@60+60 = 0.9'],
    ['a prefix that is no longer valid at answer leaves the call to a shorter one', '2026-12-02T00:00:00Z', 60, '3@0+60 = 0.06'],
    ['a shorter one never steps in later', '2026-12-01T23:59:00Z', 61, 'no-rate'],
    ['an increment that begins before the end is billed wholly', '2026-12-01T23:59:30Z', 60, '2@0+60 = 0.3'],
  ])('%s', (_, answer, usage, expected) => {
    expect(path(BY_YEAR, answer, usage)).toBe(expected);
  });
});

describe('an instant without a row', () => {
  const GAP = deckOf('prefix,rate,increment,from,to\n33,0.60,60,00:00,10:00:00\n33,0.06,60,10:00:30,24:00\n3,9,60,,');

  test.each([
    ['does no harm where one increment covers it', '2026-11-24T09:59:45Z', 90, '1@0+60 2@60+60 = 0.66'],
    ['nor where the call ends first', '2026-11-24T09:59:00Z', 60, '1@0+60 = 0.6'],
    ['refuses the whole call where an increment would begin', '2026-11-24T09:59:00Z', 61, 'no-rate'],
    ['refuses the call that is answered then', '2026-11-24T10:00:10Z', 5, 'no-rate'],
  ])('%s', (_, answer, usage, expected) => {
    expect(path(GAP, answer, usage)).toBe(expected);
  });

  test('a reason tells a number that no row is for from one whose rows are not in force, and names neither number', () => {
    const reason = (deck: Deck, answer: string): string => {
      const rated = rate(callAt(answer, 61), deck);
      return isRatingRejection(rated) ? rated.reason : 'rated';
    };
    const expired = deckOf('prefix,rate,validTo\n33,1,2026-01-01T00:00:00Z');
    const who = 'plan default, category outbound';
    expect(reason(deckOf('prefix,rate\n49,1'), '2026-11-24T00:00:00Z')).toBe(`${who}: no row matches the called number`);
    expect(reason(expired, '2026-11-24T00:00:00Z')).toBe(`${who}: no row of prefix 33 is in force at 2026-11-24T00:00:00.000Z`);
    expect(reason(GAP, '2026-11-24T09:59:00Z')).toBe(`${who}: no row of prefix 33 is in force at 2026-11-24T10:00:00.000Z`);
  });
});
