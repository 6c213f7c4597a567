// Rate step against an oracle that shares nothing with it: a scan of all rows, strings for prefixes, decimal.js for money.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { decimalOf } from '@tollkeeper/money';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { type Deck, isDeckRejection, isRatingRejection, parseDeck, type RatableCall, rate } from './index.js';

const Exact = Decimal.clone({ precision: 100, toExpNeg: -40, toExpPos: 40 });
const MODES = { up: Decimal.ROUND_UP, down: Decimal.ROUND_DOWN, 'half-up': Decimal.ROUND_HALF_UP } as const;

type Row = {
  readonly category: string;
  readonly prefix: string;
  readonly rate: string;
  readonly currency: string;
  readonly connectFee: string;
  readonly rateUnit: number;
  readonly increment: number;
  readonly rounding: keyof typeof MODES;
  readonly decimals: number;
};

function deckOf(text: string): Deck {
  const deck = parseDeck(text);
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  return deck;
}

function rowFor(rows: readonly Row[], call: RatableCall, currency: string): Row | undefined {
  const matching = rows.filter(
    (row) => row.currency === currency && (row.prefix === '*' || call.calledNumber.startsWith(`+${row.prefix}`)),
  );
  const exact = matching.filter(({ category }) => category === call.category);
  const chosen =
    exact.length > 0 || call.category === 'toll-free-inbound' ? exact : matching.filter(({ category }) => category === '*');
  const length = ({ prefix }: Row): number => (prefix === '*' ? 0 : prefix.length);
  return chosen.toSorted((left, right) => length(right) - length(left))[0];
}

function oracle(rows: readonly Row[], call: RatableCall): string {
  const row = rowFor(rows, call, call.currency);
  if (row === undefined) {
    return rows.some(({ currency }) => rowFor(rows, call, currency) !== undefined) ? 'no-rate-in-currency' : 'no-rate';
  }
  if (call.usageMs === 0) return '0';
  const increments = new Exact(call.usageMs).div(1000).div(row.increment).ceil();
  const cost = new Exact(row.rate).mul(increments).mul(row.increment).div(row.rateUnit).plus(row.connectFee);
  return cost.toDecimalPlaces(row.decimals, MODES[row.rounding]).toFixed();
}

function outcome(deck: Deck, call: RatableCall): string {
  const rated = rate(call, deck);
  return isRatingRejection(rated) ? rated.code : decimalOf(rated.amountMicros);
}

const prefix = fc.oneof(fc.constant('*'), fc.stringMatching(/^[1-3]{1,5}$/));
const category = fc.constantFrom('*', 'outbound', 'toll-free-inbound');
const anyRow: fc.Arbitrary<Row> = fc.record({
  category,
  prefix,
  rate: fc.constantFrom('0', '0.01', '0.02', '0.0193', '1.999999', '0.000000000001'),
  currency: fc.constantFrom('EUR', 'EUR', 'USD'),
  connectFee: fc.constantFrom('0', '0.05'),
  rateUnit: fc.constantFrom(60, 1, 3600, 7),
  increment: fc.constantFrom(60, 30, 6, 1, 7),
  rounding: fc.constantFrom('up', 'down', 'half-up'),
  decimals: fc.integer({ min: 0, max: 6 }),
});
const anyCall = fc.record({
  plan: fc.constant('default'),
  currency: fc.constantFrom('EUR', 'USD', 'GBP'),
  category: fc.constantFrom('outbound', 'toll-free-inbound', 'conference-dial-out'),
  calledNumber: fc.stringMatching(/^\+[1-3]{1,8}$/),
  answerTimeMs: fc.constant(0),
  usageMs: fc.oneof(fc.constantFrom(0, 1, 999, 1000, 1001, 59_999, 60_000, 60_001), fc.nat(10_000_000)),
});

test('rates any call by any deck as the oracle does', () => {
  const rowsOfDeck = fc.uniqueArray(anyRow, {
    minLength: 1,
    maxLength: 30,
    selector: (row) => `${row.category} ${row.prefix} ${row.currency}`,
  });
  fc.assert(
    fc.property(rowsOfDeck, fc.array(anyCall, { minLength: 1, maxLength: 20 }), (rows, calls) => {
      const columns = Object.keys(rows[0] as Row) as (keyof Row)[];
      const deck = deckOf([columns.join(','), ...rows.map((row) => columns.map((column) => row[column]).join(','))].join('\n'));
      for (const call of calls) expect(outcome(deck, call)).toBe(oracle(rows, call));
    }),
    { numRuns: 1_000 },
  );
});

const SHEET = new URL('../../../../shared/data/acs-pstn-rates.csv', import.meta.url);
const onSheet = existsSync(SHEET) ? test : test.skip;

onSheet("500 numbers of Azure's own sheet are priced as a plain scan of the file prices them", () => {
  const text = readFileSync(SHEET, 'utf8');
  const deck = deckOf(text);
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(','))
    .map((fields) => ({ prefix: fields[3] ?? '', price: fields[4] ?? '' }));
  expect(deck.rowCount).toBe(rows.length);
  const numberOfRow = fc
    .tuple(fc.constantFrom(...rows), fc.stringMatching(/^\d{1,7}$/))
    .map(([row, rest]) => `+${row.prefix}${rest}`);
  fc.assert(
    fc.property(numberOfRow, fc.nat(600), (calledNumber, seconds) => {
      const [row] = rows
        .filter((candidate) => calledNumber.startsWith(`+${candidate.prefix}`))
        .toSorted((a, b) => b.prefix.length - a.prefix.length);
      const expected = new Exact(row?.price ?? NaN)
        .mul(Math.ceil(seconds / 60))
        .toDecimalPlaces(4, Decimal.ROUND_UP)
        .toFixed();
      const call = {
        plan: 'default',
        currency: 'USD',
        category: 'outbound',
        calledNumber,
        answerTimeMs: 0,
        usageMs: seconds * 1000,
      };
      expect(outcome(deck, call)).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

onSheet.each(['+33892700000', '+68212345', '+80012345678', '+8811234567'])(
  "Azure's own sheet has no rate for %s",
  (calledNumber) => {
    const deck = deckOf(readFileSync(SHEET, 'utf8'));
    expect(
      outcome(deck, { plan: 'default', currency: 'USD', category: 'outbound', calledNumber, answerTimeMs: 0, usageMs: 1000 }),
    ).toBe('no-rate');
  },
);
