// Rate step, one row per case, to be read aloud: what is in force, the call, what it costs. Worked out by hand.
import { describe, expect, test } from '@jest/globals';
import { decimalOf } from '@tollkeeper/money';
import { isDeckRejection, isRatingRejection, parseDeck, rate, type RatableCall } from './index.js';

const HEADER =
  'plan,category,prefix,currency,connectFee,tierStart,rate,rateUnit,increment,days,dates,from,to,timezone,weight,validFrom,validTo,rounding,decimals,maxCost,maxCostStrategy';

/** A row in words: `49 0.01 30/6` is prefix, rate and first/further increments; `key=value` sets any other column. */
function rowsOf(words: string): readonly string[] {
  const [prefix = '', price = '', increments = '60/60', ...settings] = words.trim().split(/\s+/);
  const set = Object.fromEntries(settings.map((setting) => setting.split('=') as [string, string]));
  const [first = '', further = ''] = increments.split('/');
  const row = (tierStart: string, increment: string): string => {
    const own: Readonly<Record<string, string>> = { currency: 'EUR', ...set, prefix, rate: price, increment };
    const value = (column: string): string => (column === 'tierStart' ? (own['tierStart'] ?? tierStart) : (own[column] ?? ''));
    return HEADER.split(',')
      .map((column) => (value(column).includes(',') ? `"${value(column)}"` : value(column)))
      .join(',');
  };
  return first === further ? [row('0', first)] : [row('0', first), row(first, further)];
}

function costOf(rows: readonly string[], answer: string, seconds: number, call: Partial<RatableCall> = {}): string {
  const deck = parseDeck([HEADER, ...rows.flatMap(rowsOf)].join('\n'));
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  const rated = rate(
    {
      plan: 'default',
      currency: 'EUR',
      category: 'outbound',
      calledNumber: '+4930123456',
      answerTimeMs: Date.parse(answer),
      usageMs: seconds * 1000,
      ...call,
    },
    deck,
  );
  if (isRatingRejection(rated)) return rated.code;
  return `${rated.billedUsageSeconds} s ${decimalOf(rated.amountMicros)}`;
}

const MONDAY_NOON = '2026-03-02T12:00:00Z';

describe('increments, tiers, connect fee, rounding', () => {
  test.each<[string, string[], number, string]>([
    ['60/60, nothing said, nothing paid', ['49 0.010 60/60 connectFee=0.05'], 0, '0 s 0'],
    ['60/60, a tenth of a second', ['49 0.010 60/60'], 0.1, '60 s 0.01'],
    ['60/60, a minute to the second', ['49 0.010 60/60'], 60, '60 s 0.01'],
    ['60/60, one second more', ['49 0.010 60/60'], 61, '120 s 0.02'],
    ['30/6, 29 s', ['49 0.060 30/6'], 29, '30 s 0.03'],
    ['30/6, 31 s', ['49 0.060 30/6'], 31, '36 s 0.036'],
    ['30/6, 36.001 s', ['49 0.060 30/6'], 36.001, '42 s 0.042'],
    ['6/6, 61 s', ['49 0.060 6/6'], 61, '66 s 0.066'],
    ['1/1, 61 s', ['49 0.060 1/1'], 61, '61 s 0.061'],
    ['1/1, a minute at 0.02 is 0.02 and not 0.0198', ['49 0.02 1/1'], 60, '60 s 0.02'],
    ['60/1, 61 s', ['49 0.060 60/1'], 61, '61 s 0.061'],
    ['connect fee once, however many tiers', ['49 0.060 30/6 connectFee=0.10'], 31, '36 s 0.136'],
    ['cheaper from the third minute', ['49 0.10 60/60', '49 0.05 60/60 tierStart=120'], 180, '180 s 0.25'],
    ['a tier begins where the increment before it ends', ['49 0.10 60/60', '49 0.06 1/1 tierStart=90'], 121, '121 s 0.201'],
    ['up: a hair above is the next step', ['49 0.0100001 60/60 rounding=up decimals=2'], 60, '60 s 0.02'],
    ['down: a hair below is the step before', ['49 0.0199 60/60 rounding=down decimals=2'], 60, '60 s 0.01'],
    ['half-up: the half goes up', ['49 0.015 60/60 rounding=half-up decimals=2'], 60, '60 s 0.02'],
    ['half-up: less than half goes down', ['49 0.0149 60/60 rounding=half-up decimals=2'], 60, '60 s 0.01'],
    ['no decimals: yen', ['49 2.1 60/60 decimals=0 currency=JPY'], 60, '60 s 3'],
    ['three decimals: dinars', ['49 0.0011 60/60 decimals=3 currency=KWD'], 60, '60 s 0.002'],
    ['thirds stay exact until the one rounding', ['49 1 1/1 rateUnit=3 decimals=6'], 2, '2 s 0.666667'],
    ['ten days by the second', ['49 0.06 1/1'], 864_000, '864000 s 864'],
  ])('%s', (_, rows, seconds, expected) => {
    const currency = /currency=(\w+)/.exec(rows.join(' '))?.[1] ?? 'EUR';
    expect(costOf(rows, MONDAY_NOON, seconds, { currency })).toBe(expected);
  });
});

const PEAK = [
  '49 0.10 1/1 days=mon-fri from=08:00 to=18:00',
  '49 0.10 1/1 days=sat-sun',
  '49 0.04 1/1 days=mon-fri to=08:00',
  '49 0.04 1/1 days=mon-fri from=18:00',
];
const PARIS = PEAK.map((row) => `${row} timezone=Europe/Paris`);

describe('times of day, days, dates, validity', () => {
  test.each<[string, string[], string, number, string]>([
    ['peak to off-peak in mid-call', PEAK, '2026-03-02T17:59:00Z', 120, '120 s 0.14'],
    [
      'an increment is billed wholly at the rate it begins at',
      PEAK.map((row) => row.replace('1/1', '60/60')),
      '2026-03-02T17:59:30Z',
      120,
      '120 s 0.14',
    ],
    ['Friday to Saturday at midnight', PEAK, '2026-03-06T23:59:00Z', 120, '120 s 0.14'],
    ['Sunday to Monday at midnight', PEAK, '2026-03-08T23:59:00Z', 120, '120 s 0.14'],
    ['midnight of another zone', PARIS, '2026-03-06T22:59:00Z', 120, '120 s 0.14'],
    ['08:00 in Paris is 07:00 UTC in winter', PARIS, '2026-03-02T06:59:00Z', 120, '120 s 0.14'],
    ['and 06:00 UTC in summer', PARIS, '2026-07-06T05:59:00Z', 120, '120 s 0.14'],
    ['Kathmandu is 5:45 ahead', PEAK.map((row) => `${row} timezone=Asia/Kathmandu`), '2026-03-02T12:14:00Z', 120, '120 s 0.14'],
    ['a holiday outweighs a weekday', [...PEAK, '49 0.01 1/1 dates=12-25 weight=10'], '2026-12-25T12:00:00Z', 60, '60 s 0.01'],
    ['a holiday ends at midnight', [...PEAK, '49 0.01 1/1 dates=12-25 weight=10'], '2026-12-25T23:59:00Z', 120, '120 s 0.11'],
    [
      'a holiday of one year is not that of the next',
      [...PEAK, '49 0.01 1/1 dates=2025-12-25 weight=10'],
      '2026-12-25T12:00:00Z',
      60,
      '60 s 0.1',
    ],
    ['29 February', ['49 0.10', '49 0.01 60/60 dates=02-29 weight=1'], '2028-02-29T12:00:00Z', 60, '60 s 0.01'],
    [
      'a new price from midnight, in mid-call',
      ['49 0.10 1/1 validTo=2026-04-01', '49 0.04 1/1 validFrom=2026-04-01'],
      '2026-03-31T23:59:00Z',
      120,
      '120 s 0.14',
    ],
    [
      'a prefix that is not valid yet leaves the call to a shorter one',
      ['49 0.10', '4930 0.04 60/60 validFrom=2026-04-01'],
      MONDAY_NOON,
      60,
      '60 s 0.1',
    ],
    ['and has it from then on', ['49 0.10', '4930 0.04 60/60 validFrom=2026-03-01'], MONDAY_NOON, 60, '60 s 0.04'],
    ['no row at an instant: no shorter prefix steps in', ['49 0.10', '4930 0.04 60/60 from=13:00'], MONDAY_NOON, 60, 'no-rate'],
    ['a call into a gap has no rate', ['49 0.10 1/1 to=12:01', '49 0.10 1/1 from=12:02'], MONDAY_NOON, 61, 'no-rate'],
    [
      'a gap that an increment covers does no harm',
      ['49 0.10 300/300 to=12:01', '49 0.10 60/60 from=12:02'],
      MONDAY_NOON,
      301,
      '360 s 0.6',
    ],
    [
      'tiers count from answer, whatever the window',
      ['49 0.10 1/1 to=12:01', '49 0.06 1/1 from=12:01', '49 0.03 1/1 tierStart=90 from=12:01'],
      MONDAY_NOON,
      120,
      '120 s 0.145',
    ],
  ])('%s', (_, rows, answer, seconds, expected) => {
    expect(costOf(rows, answer, seconds)).toBe(expected);
  });

  const NIGHT = (zone: string) => [
    `49 0.60 60/60 from=00:00 to=02:30 timezone=${zone}`,
    `49 0.06 60/60 from=02:30 timezone=${zone}`,
  ];
  test.each<[string, string[], string, number, string]>([
    [
      'Paris in spring: 02:30 is never, 03:00 comes an hour after 02:00',
      NIGHT('Europe/Paris'),
      '2026-03-29T00:30:00Z',
      3600,
      '3600 s 19.8',
    ],
    ['Paris in autumn: 02:30 comes twice', NIGHT('Europe/Paris'), '2026-10-25T00:00:00Z', 7200, '7200 s 39.6'],
    ['New York in spring', NIGHT('America/New_York'), '2026-03-08T06:30:00Z', 3600, '3600 s 19.8'],
    [
      'New York in autumn: the hour from one is peak both times',
      NIGHT('America/New_York'),
      '2026-11-01T05:00:00Z',
      7200,
      '7200 s 72',
    ],
    ['Sydney in April', NIGHT('Australia/Sydney'), '2026-04-04T15:00:00Z', 7200, '7200 s 39.6'],
  ])('%s', (_, rows, answer, seconds, expected) => {
    expect(costOf(rows, answer, seconds)).toBe(expected);
  });
});

describe('maximum cost', () => {
  test.each<[string, string[], number, string]>([
    ['free: talk on, pay no more', ['49 0.60 60/60 maxCost=1 maxCostStrategy=free'], 600, '600 s 1'],
    [
      'disconnect: a call that went on all the same pays no more',
      ['49 0.60 60/60 maxCost=1 maxCostStrategy=disconnect'],
      600,
      '600 s 1',
    ],
    ['the connect fee counts', ['49 0.60 60/60 connectFee=0.5 maxCost=1 maxCostStrategy=free'], 60, '60 s 1'],
    ['below it nothing changes', ['49 0.60 60/60 maxCost=1 maxCostStrategy=free'], 60, '60 s 0.6'],
  ])('%s', (_, rows, seconds, expected) => {
    expect(costOf(rows, MONDAY_NOON, seconds)).toBe(expected);
  });
});

describe('which row', () => {
  const rows = [
    '49 0.01',
    '4930 0.02',
    '* 0.90',
    '1 0.05 60/60 currency=USD',
    '49 0.03 60/60 category=conference-dial-out',
    '800 0.04 60/60 category=toll-free-inbound',
    '4930 0.07 60/60 plan=gold weight=9',
    '49 0.08 60/60 plan=gold weight=10',
  ];
  test.each<[string, Partial<RatableCall>, string]>([
    ['the longest prefix', {}, '60 s 0.02'],
    ['a shorter one', { calledNumber: '+4940123456' }, '60 s 0.01'],
    ['the fallback', { calledNumber: '+35812345' }, '60 s 0.9'],
    ['category before length', { category: 'conference-dial-out' }, '60 s 0.03'],
    ['length before weight', { plan: 'gold' }, '60 s 0.07'],
    ['911 on raw digits is free', { calledNumber: '911', emergency: true }, '0 s 0'],
    ['inbound toll-free by its own rows', { category: 'toll-free-inbound', calledNumber: '+800123456' }, '60 s 0.04'],
    ['inbound toll-free never at an outbound price, nor by the fallback', { category: 'toll-free-inbound' }, 'no-rate'],
    ['nothing is converted', { currency: 'USD' }, 'no-rate-in-currency'],
    ['a plan without rows', { plan: 'silver' }, 'no-plan'],
  ])('%s', (_, call, expected) => {
    expect(costOf(rows, MONDAY_NOON, 60, call)).toBe(expected);
  });
});
