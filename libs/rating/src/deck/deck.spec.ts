// Rate deck: what is read, with which defaults, and every reason to refuse it with its place.
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  contentOf,
  type Deck,
  DECK_FAULT_CODES,
  type DeckRejection,
  isDeckRejection,
  MAX_DECK_ROWS,
  MAX_LISTED_FAULTS,
  parseDeck,
} from '../index.js';

function deckOf(text: string, currency?: string): Deck {
  const deck = parseDeck(text, currency === undefined ? {} : { currency });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  return deck;
}

function refusalOf(text: string): DeckRejection {
  const deck = parseDeck(text);
  if (!isDeckRejection(deck)) throw new Error(`a deck of ${deck.rowCount} rows was read`);
  return deck;
}

const HEADER = 'prefix,rate,currency,increment\n';

describe('a deck that reads', () => {
  test('prefix and rate are enough; every other column has its default', () => {
    const deck = deckOf('prefix,rate\n49,0.020', 'EUR');
    expect([deck.rowCount, deck.row(1)]).toEqual([
      1,
      {
        number: 1,
        plan: 'default',
        category: '*',
        prefix: '49',
        destination: '49',
        currency: 'EUR',
        connectFee: '0',
        tierStart: 0,
        rate: '0.02',
        rateUnitSeconds: 60,
        incrementSeconds: 60,
        window: expect.objectContaining({ isAllTheTime: true, weight: 0 }),
        rounding: 'up',
        decimals: 4,
        maxCost: null,
      },
    ]);
  });

  test('quotes, blanks, a byte order mark, CRLF, blank lines and a last line without an end change nothing', () => {
    const plain = deckOf('prefix,destination,rate,currency\n49,Germany,0.02,EUR\n33,"France, ""F""",0.03,EUR\n');
    const dressed = deckOf(
      '\ufeff"prefix", destination ,rate,currency\r\n\r\n+49, Germany ,"0.020",EUR\r\n33,"France, ""F""",0.03,EUR',
    );
    expect(contentOf(dressed)).toBe(contentOf(plain));
    expect(dressed.hash).toBe(plain.hash);
  });

  test('an increment written 60/1 is one of 60 s and from then on of 1 s', () => {
    const expected = deckOf('prefix,rate,tierStart,increment\n49,0.02,0,60\n49,0.02,60,1', 'EUR');
    expect(deckOf('prefix,rate,increment\n49,0.02,60/1', 'EUR').hash).toBe(expected.hash);
  });

  test('plans and currencies are told', () => {
    const deck = deckOf('plan,prefix,rate,currency\ngold,49,1,EUR\ngold,49,1,USD\n,49,1,EUR');
    expect([deck.plans, deck.currenciesOf('gold'), deck.currenciesOf('lead')]).toEqual([['gold', 'default'], ['EUR', 'USD'], []]);
  });

  test('semicolons and tabs separate as well', () => {
    const expected = deckOf('prefix,rate\n49,0.02', 'EUR').hash;
    expect(deckOf('prefix;rate\n49;0.02', 'EUR').hash).toBe(expected);
    expect(deckOf('prefix\trate\n49\t0.02', 'EUR').hash).toBe(expected);
  });

  test("the hash is that of the prices: spelled defaults and Azure's layout do not change it, a price or the order does", () => {
    const hash = deckOf('prefix,destination,rate\n93,Afghanistan,0.32\n355,Albania,0.241', 'USD').hash;
    expect(
      deckOf(
        'Destination Name,Destination Type,Country,Prefix,Price / min\nAfghanistan,mixed,AF,93,0.32\nAlbania,landline,AL,355,0.241',
      ).hash,
    ).toBe(hash);
    expect(
      deckOf(
        'plan,prefix,destination,rate,decimals,tierStart\ndefault,93,Afghanistan,0.3200,4,0\ndefault,355,Albania,0.241,,',
        'USD',
      ).hash,
    ).toBe(hash);
    expect(deckOf('prefix,destination,rate\n93,Afghanistan,0.33\n355,Albania,0.241', 'USD').hash).not.toBe(hash);
    expect(deckOf('prefix,destination,rate\n355,Albania,0.241\n93,Afghanistan,0.32', 'USD').hash).not.toBe(hash);
    const content = 'prefix,destination,currency,rate\n93,Afghanistan,USD,0.32\n355,Albania,USD,0.241\n';
    expect(hash).toBe(createHash('sha256').update(content).digest('hex'));
  });
});

describe('a deck that is refused', () => {
  test.each([
    ['deck-empty', '', 1, 1],
    ['deck-empty', HEADER, 1, 1],
    ['column-unknown', 'prefix,rate,currency,colour\n', 1, 22],
    ['column-twice', 'prefix,rate,currency,rate\n', 1, 22],
    ['column-missing', 'prefix,currency\n', 1, 1],
    ['column-missing', 'prefix,rate\n49,0.02', 1, 1],
    ['quote-invalid', 'prefix,"rate\n', 1, 1],
    ['quote-invalid', `${HEADER}49,"0.02,EUR,60`, 2, 1],
    ['quote-invalid', `${HEADER}49,0"02,EUR,60`, 2, 1],
    ['quote-invalid', `${HEADER}49,"0.02"1,EUR,60`, 2, 1],
    ['fields-miscounted', `${HEADER}49,0,02,EUR,60`, 2, 1],
    ['fields-miscounted', `${HEADER}49,0.02`, 2, 1],
    ['value-missing', `${HEADER},0.02,EUR,60`, 2, 1],
    ['value-missing', `${HEADER}49,,EUR,60`, 2, 4],
    ['value-invalid', `${HEADER}49,"0,02",EUR,60`, 2, 4],
    ['value-invalid', `${HEADER}49,-0.02,EUR,60`, 2, 4],
    ['value-invalid', `${HEADER}49,1e309,EUR,60`, 2, 4],
    ['value-invalid', `${HEADER}49,NaN,EUR,60`, 2, 4],
    ['value-invalid', `${HEADER}0049,0.02,EUR,60`, 2, 1],
    ['value-invalid', `${HEADER}4x9,0.02,EUR,60`, 2, 1],
    ['value-invalid', `${HEADER}1234567890123456,0.02,EUR,60`, 2, 1],
    ['value-invalid', `${HEADER}49,0.02,EURO,60`, 2, 9],
    ['value-invalid', `${HEADER}49,0.02,EUR,0`, 2, 13],
    ['value-invalid', `${HEADER}49,0.02,EUR,1.5`, 2, 13],
    ['value-invalid', 'prefix,rate,currency,rounding\n49,0.02,EUR,sideways', 2, 13],
    ['value-invalid', 'prefix,rate,currency,decimals\n49,0.02,EUR,7', 2, 13],
    ['value-invalid', 'prefix,rate,currency,destination\n49,0.02,EUR,two\u2028lines', 2, 13],
    ['value-invalid', 'prefix,rate,currency,category\n49,0.02,EUR,out bound', 2, 13],
    ['value-invalid', 'prefix,rate,currency,days\n49,0.02,EUR,mo-fr', 2, 13],
    ['value-invalid', 'prefix,rate,currency,dates\n49,0.02,EUR,02-30', 2, 13],
    ['value-invalid', 'prefix,rate,currency,from\n49,0.02,EUR,8h', 2, 13],
    ['value-invalid', 'prefix,rate,currency,to\n49,0.02,EUR,24:00:01', 2, 13],
    ['value-invalid', 'prefix,rate,currency,timezone\n49,0.02,EUR,Europe/Paradise', 2, 13],
    ['value-invalid', 'prefix,rate,currency,timezone\n49,0.02,EUR,+01:00', 2, 13],
    ['value-invalid', 'prefix,rate,currency,weight\n49,0.02,EUR,-1', 2, 13],
    ['value-invalid', 'prefix,rate,currency,validFrom\n49,0.02,EUR,2026-01-01T00:00:00', 2, 13],
    ['tier-never-begins', 'prefix,rate,currency,tierStart\n49,0.02,EUR,0\n49,0.01,EUR,2678400', 3, 13],
    ['value-invalid', 'prefix,rate,currency,tierStart\n49,0.02,EUR,60/1', 2, 13],
    ['value-invalid', 'prefix,rate,currency,tierStart,increment\n49,0.02,EUR,0,60/1', 2, 15],
    ['value-invalid', 'prefix;rate;currency\n49;0,02;EUR', 2, 4],
    ['value-invalid', 'prefix,rate,currency,destination\n49,0.02,EUR,half\ud800', 2, 13],
    ['value-invalid', 'prefix,rate,currency,maxCost,maxCostStrategy\n49,0.02,EUR,0.00005,free', 2, 13],
    ['value-missing', 'prefix,rate,currency,maxCost\n49,0.02,EUR,1', 2, 1],
    ['value-missing', 'prefix,rate,currency,maxCostStrategy\n49,0.02,EUR,free', 2, 1],
    ['window-invalid', 'prefix,rate,currency,from,to\n49,0.02,EUR,20:00:00,08:00:00', 2, 13],
    ['window-invalid', 'prefix,rate,currency,validFrom,validTo\n49,0.02,EUR,2026-02-01,2026-02-01', 2, 13],
    ['tier-never-begins', 'prefix,rate,currency,tierStart\n49,0.02,EUR,60', 2, 13],
    ['tier-never-begins', 'prefix,rate,currency,tierStart\n49,0.02,EUR,0\n49,0.01,EUR,10\n49,0.01,EUR,60', 3, 13],
    ['tiers-disagree', 'prefix,rate,currency,tierStart,connectFee\n49,0.02,EUR,0,0\n49,0.01,EUR,60,1', 3, 13],
    ['window-overlap', 'prefix,rate,currency,days\n49,0.02,EUR,mon-fri\n49,0.01,EUR,fri-sun', 3, 1],
    ['window-overlap', 'prefix,rate,currency,weight,dates\n49,0.02,EUR,0,\n49,0.01,EUR,0,12-25', 3, 13],
    ['window-overlap', 'prefix,rate,currency,weight,to\n49,0.02,EUR,7,12:00\n49,0.01,EUR,7,11:00', 3, 13],
    ['row-twice', `${HEADER}49,0.02,EUR,60\n+49,0.03,EUR,60`, 3, 1],
  ] as const)('%s: %j', (code, text, line, column) => {
    const [fault] = refusalOf(text).faults;
    expect(fault).toMatchObject({ code, line, column });
  });

  test('every fault is told, in order, and nothing of the deck is used', () => {
    const { faults, faultCount, reason } = refusalOf(`${HEADER}49,"0,02",EURO,60\n33,0.03,EUR,60\nx,0.02,EUR,0\n`);
    expect(faults.map(({ line, column }) => [line, column])).toEqual([
      [2, 4],
      [2, 11],
      [4, 1],
      [4, 12],
    ]);
    expect(faultCount).toBe(4);
    expect(reason).toContain('and 3 more; no row of the deck is used');
  });

  test('a reason says what was wrong and what is expected', () => {
    expect(refusalOf(`${HEADER}49,"0,02",EUR,60`).faults[0]?.reason).toBe(
      'rate "0,02" is not a decimal with a point, not negative, at most 12 decimals; write a point where it has a comma',
    );
    expect(refusalOf('prefix,rate,currency,timezone\n49,0.02,EUR,Mars').faults[0]?.reason).toBe(
      'timezone "Mars" is not an IANA name such as Europe/Paris',
    );
  });

  test('a tier whose beginning has a fault of its own is not said to be missing', () => {
    const { faults } = refusalOf('prefix,rate,currency,tierStart\n49,oops,EUR,0\n49,0.01,EUR,60');
    expect(faults.map(({ code, line }) => `${code} ${line}`)).toEqual(['value-invalid 2']);
  });

  test('a sheet with every row twice is refused as quickly as any other', () => {
    const once = Array.from({ length: 60_000 }, (_, at) => `${1_000_000 + at},0.02,EUR,60\n`).join('');
    const { faultCount, faults } = refusalOf(HEADER + once + once);
    expect([faultCount, faults[0]?.line, faults[0]?.column]).toEqual([60_000, 60_002, 1]);
  });

  test('faults are counted beyond the number that is listed', () => {
    const refusal = refusalOf(HEADER + '49,oops,EUR,60\n'.repeat(MAX_LISTED_FAULTS + 5));
    expect([refusal.faults.length, refusal.faultCount]).toEqual([MAX_LISTED_FAULTS, MAX_LISTED_FAULTS + 5]);
  });

  test('deck-too-large: one row more than the bound', () => {
    const rows = Array.from({ length: MAX_DECK_ROWS + 1 }, (_, at) => `${1_000_000 + at},0.02`);
    const refused = parseDeck(`prefix,rate\n${rows.join('\n')}`, { currency: 'EUR' });
    expect(isDeckRejection(refused) && refused.faults).toMatchObject([{ code: 'deck-too-large', line: MAX_DECK_ROWS + 2 }]);
  });

  test('the list of codes has no other', () => {
    expect(DECK_FAULT_CODES).toHaveLength(14);
  });

  test('a damaged file is refused or read whole, and never throws', () => {
    const lines = Array.from({ length: 20 }, (_, at) => `${at + 30},"Land ${at}",0.0${at + 1},EUR,60`);
    const whole = ['prefix,destination,rate,currency,increment', ...lines].join('\n');
    const damage = fc.record({
      at: fc.nat(whole.length - 1),
      cut: fc.nat(5),
      insert: fc.string({ unit: 'binary', maxLength: 4 }),
    });
    fc.assert(
      fc.property(damage, ({ at, cut, insert }) => {
        const damaged = whole.slice(0, at) + insert + whole.slice(at + cut);
        const deck = parseDeck(damaged);
        const lineCount = damaged.split('\n').filter((line) => line.trim() !== '').length;
        if (isDeckRejection(deck)) expect(deck.faultCount).toBeGreaterThan(0);
        else expect(deck.rowCount).toBe(lineCount - 1);
      }),
      { numRuns: 3_000 },
    );
  });
});
