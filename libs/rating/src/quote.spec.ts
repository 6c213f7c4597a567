// Rate step, asked before the call: what it would cost, and how long a balance lasts, which rating a call of that length proves.
import { describe, expect, test } from '@jest/globals';
import { microsOf } from '@tollkeeper/money';
import fc from 'fast-check';
import { deckOf } from './deck/fixtures.js';
import { type Deck, isRatingRejection, MAX_USAGE_MS, quote, type RatableCall, rate } from './index.js';

const CALL: RatableCall = {
  plan: 'default',
  currency: 'EUR',
  category: 'outbound',
  calledNumber: '+33123456789',
  answerTimeMs: Date.parse('2026-11-24T16:00:00Z'),
  usageMs: 60_000,
};

function lasts(deck: Deck, balance: string, call: Partial<RatableCall> = {}): number | null | string | undefined {
  const quoted = quote({ ...CALL, ...call }, deck, { balanceMicros: microsOf(balance) });
  return isRatingRejection(quoted) ? quoted.code : quoted.maxUsageSeconds;
}

const FLAT = deckOf('prefix,rate\n33,0.02');
const PEAK = deckOf(
  'prefix,rate,increment,from,to,timezone\n33,0.60,60,08:00,18:00,Europe/Paris\n33,0.06,60,18:00,24:00,Europe/Paris',
);

describe('how long a balance lasts', () => {
  test.each([
    ['three minutes', FLAT, '0.06', 180],
    ['not for a minute', FLAT, '0.01', 0],
    ['overdrawn', FLAT, '-1', 0],
    ['longer than any call', FLAT, '1000', null],
    ['for ever, for nothing', deckOf('prefix,rate\n33,0'), '0', null],
    ['from peak into off-peak', PEAK, '37.2', 3600 + 20 * 60],
    ['no longer than there are rows', PEAK, '1000', 7 * 3600],
    ['until the maximum cost disconnects', deckOf('prefix,rate,maxCost,maxCostStrategy\n33,0.02,0.1,disconnect'), '1000', 300],
    ['for ever once it is free', deckOf('prefix,rate,maxCost,maxCostStrategy\n33,0.02,0.1,free'), '0.1', null],
    ['short of where it is free', deckOf('prefix,rate,maxCost,maxCostStrategy\n33,0.02,0.1,free'), '0.09', 240],
    ['through days of changes', deckOf('prefix,rate,from,to\n33,0.01,00:00,12:00\n33,0.02,12:00,24:00'), '100', 398_400],
  ])('%s', (_, deck, balance, expected) => {
    expect(lasts(deck, balance)).toBe(expected);
  });

  test('an emergency call lasts on any balance; a number without a rate is refused; without a balance only the cost is told', () => {
    expect(lasts(FLAT, '-5', { emergency: true })).toBeNull();
    expect(lasts(FLAT, '5', { calledNumber: '+49123' })).toBe('no-rate');
    expect(quote(CALL, FLAT)).toEqual({ charge: rate(CALL, FLAT) });
  });

  test('a call so long costs no more than the balance, and one a second longer does or has no rate', () => {
    const rates = fc.constantFrom('0', '0.01', '0.6', '1.2345');
    const increment = fc.constantFrom(1, 6, 60, 3600);
    const row = fc.tuple(rates, increment);
    const hour = fc.integer({ min: 1, max: 22 });
    fc.assert(
      fc.property(
        row,
        row,
        row,
        hour,
        hour,
        fc.nat(86_399),
        fc.integer({ min: 0, max: 50_000_000 }),
        (a, b, c, noon, gap, at, balance) => {
          const evening = Math.min(23, noon + 1 + (gap % 3));
          const deck = deckOf(
            `prefix,rate,increment,from,to,tierStart\n33,${a.join(',')},00:00,${noon}:00,0\n` +
              `33,${b.join(',')},00:00,${noon}:00,7200\n33,${c.join(',')},${gap % 2 === 0 ? noon : evening}:00,24:00,0`,
          );
          const call = { ...CALL, answerTimeMs: Date.UTC(2026, 10, 24) + at * 1000, usageMs: 0 };
          const quoted = quote(call, deck, { balanceMicros: BigInt(balance) });
          if (isRatingRejection(quoted)) return;
          const seconds = quoted.maxUsageSeconds ?? MAX_USAGE_MS / 1000;
          const longest = rate({ ...call, usageMs: seconds * 1000 }, deck);
          expect(!isRatingRejection(longest) && longest.amountMicros <= BigInt(balance)).toBe(true);
          if (quoted.maxUsageSeconds === null) return;
          const longer = rate({ ...call, usageMs: seconds * 1000 + 1 }, deck);
          expect(isRatingRejection(longer) || longer.amountMicros > BigInt(balance)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
