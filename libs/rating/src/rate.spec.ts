// Rate step, case by case as read aloud: which row, how it adds up, and every rejection.
import { describe, expect, test } from '@jest/globals';
import { decimalOf } from '@tollkeeper/money';
import {
  type Deck,
  isDeckRejection,
  isRatingRejection,
  parseDeck,
  type RatableCall,
  rate,
  RATING_REJECTION_CODES,
} from './index.js';

function deckOf(text: string): Deck {
  const deck = parseDeck(text);
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  return deck;
}

function call(fields: Partial<RatableCall> = {}): RatableCall {
  return {
    plan: 'default',
    currency: 'EUR',
    category: 'outbound',
    calledNumber: '+4915112345678',
    answerTimeMs: Date.UTC(2026, 0, 5),
    usageMs: 60_000,
    ...fields,
  };
}

/** "amount prefix", or the rejection's code. */
function outcome(deck: Deck, fields: Partial<RatableCall>): string {
  const rated = rate(call(fields), deck);
  return isRatingRejection(rated) ? rated.code : `${decimalOf(rated.amountMicros)} ${rated.prefix}`;
}

describe('how it adds up', () => {
  const SUMS = [
    '60/60  0 s      0.010/min              →   0 s  0',
    '60/60  0.001 s  0.010/min              →  60 s  0.01',
    '60/60  60 s     0.010/min              →  60 s  0.01',
    '60/60  61 s     0.010/min              → 120 s  0.02',
    '60/60  61 s     0.010/min  fee 0.05    → 120 s  0.07',
    '60/60  0 s      0.010/min  fee 0.05    →   0 s  0',
    '60/30  31 s     0.010/min              →  60 s  0.01',
    '60/6   61 s     0.010/min              →  66 s  0.011',
    '60/1   60 s     0.020/min              →  60 s  0.02',
    '60/1   61 s     0.020/min              →  61 s  0.0204',
    '60/1   61 s     0.020/min  down 4      →  61 s  0.0203',
    '60/1   61 s     0.020/min  half-up 4   →  61 s  0.0203',
    '60/1   61 s     0.020/min  up 3        →  61 s  0.021',
    '60/1   61 s     0.020/min  up 0        →  61 s  1',
    '60/1   61 s     0.020/min  up 6        →  61 s  0.020334',
    '1/1    67.54 s  0.001/s                →  68 s  0.068',
    '3600/1 90 s     1.200/h                →  90 s  0.03',
  ];

  test.each(SUMS)('%s', (line) => {
    const [given = '', expected] = line.split('→');
    const [unitAndIncrement = '', seconds = '', , price = '', ...rest] = given.trim().split(/\s+/);
    const [rateUnit, increment] = unitAndIncrement.split('/');
    const fee = rest[0] === 'fee' ? rest[1] : '';
    const [rounding = '', decimals = ''] = rest[0] === 'fee' ? [] : rest;
    const deck = deckOf(
      'prefix,rate,rateUnit,increment,connectFee,rounding,decimals,currency\n' +
        `49,${price.split('/')[0]},${rateUnit},${increment},${fee},${rounding},${decimals},EUR`,
    );
    const rated = rate(call({ usageMs: Number(seconds) * 1000 }), deck);
    if (isRatingRejection(rated)) throw new Error(rated.reason);
    expect(`${rated.billedUsageSeconds} s ${decimalOf(rated.amountMicros)}`).toBe(expected?.trim().replaceAll(/\s+/g, ' '));
  });
});

describe('which row', () => {
  const deck = deckOf(
    [
      'plan,category,prefix,rate,currency',
      'default,*,49,0.01,EUR',
      'default,*,4915,0.02,EUR',
      'default,*,+491511,0.03,EUR',
      'default,*,1,0.04,USD',
      'default,*,*,0.99,EUR',
      'default,conference-dial-out,49,0.05,EUR',
      'default,toll-free-inbound,49800,0.06,EUR',
      'gold,*,49,0.07,EUR',
    ].join('\n'),
  );

  test.each([
    ['the longest prefix wins', {}, '0.03 491511'],
    ['a shorter one where the longer does not match', { calledNumber: '+4915200000' }, '0.02 4915'],
    ['the number may end inside a longer prefix', { calledNumber: '+49151' }, '0.02 4915'],
    ['the exact category before the length', { category: 'conference-dial-out' }, '0.05 49'],
    ['`*` where the category has no row that matches', { category: 'conference-dial-out', calledNumber: '+331' }, '0.99 *'],
    ['the fallback prefix matches what nothing else does', { calledNumber: '+999' }, '0.99 *'],
    ['the plan of the tenant', { plan: 'gold' }, '0.07 49'],
    ['inbound toll-free by its own rows', { category: 'toll-free-inbound', calledNumber: '+49800123' }, '0.06 49800'],
    ['inbound toll-free never at an outbound price', { category: 'toll-free-inbound' }, 'no-rate'],
    ['a plan that the deck does not have', { plan: 'silver' }, 'no-plan'],
    ['a number without any row', { plan: 'gold', calledNumber: '+331' }, 'no-rate'],
    ['a number with rows in other currencies only', { currency: 'USD' }, 'no-rate-in-currency'],
    ['a currency that the deck does not have', { currency: 'GBP' }, 'no-rate-in-currency'],
    ['USD where there is a row in USD', { currency: 'USD', calledNumber: '+12025550100' }, '0.04 1'],
  ] as const)('%s', (_, fields, expected) => {
    expect(outcome(deck, fields)).toBe(expected);
  });

  test('every rejection has a case above', () => {
    const seen = [{ plan: 'silver' }, { currency: 'USD' }, { plan: 'gold', calledNumber: '+331' }].map((fields) =>
      outcome(deck, fields),
    );
    expect(new Set(seen)).toEqual(new Set(RATING_REJECTION_CODES));
  });

  test('a reason names plan, category and currencies, and never the number', () => {
    const rejected = rate(call({ currency: 'USD' }), deck);
    expect(isRatingRejection(rejected) && rejected.reason).toBe(
      'plan default, category outbound: the called number has no rate in USD, only in EUR',
    );
  });

  test('an emergency call is free on any plan and in any currency', () => {
    const rated = rate(call({ emergency: true, calledNumber: '112', plan: 'silver', currency: 'JPY' }), deck);
    expect(rated).toMatchObject({ category: 'emergency', amountMicros: 0n, gross: '0', segments: [], rows: [], currency: 'JPY' });
  });

  test('a charge names what priced it', () => {
    expect(rate(call(), deck)).toMatchObject({
      plan: 'default',
      category: 'outbound',
      destination: '491511',
      deckHash: deck.hash,
      rows: [3],
      usageMs: 60_000,
      segments: [{ fromSecond: 0, seconds: 60, rate: '0.03', rateUnitSeconds: 60, incrementSeconds: 60, row: 3 }],
    });
  });
});
