// Rate deck, fuzz: ten thousand damaged files are refused with the place of each fault, or read whole; none throws, none is read
// in part. How many rows a file has is counted here by other means.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contentOf, DECK_FAULT_CODES, isDeckRejection, parseDeck } from '../index.js';

const FILES = 10_000;
const SHEET = '../shared/data/acs-pstn-rates.csv';

const PLAIN = [
  'plan,prefix,destination,rate,currency,increment,connectFee',
  ...Array.from({ length: 30 }, (_, at) => `default,${at + 30},"Land ${at}, all",0.0${at + 1},EUR,60,0.01`),
].join('\n');
const WINDOWS = [
  'prefix,rate,currency,tierStart,days,from,to,timezone,weight,dates,validFrom,validTo,maxCost,maxCostStrategy',
  '49,0.10,EUR,0,mon-fri,08:00:00,18:00:00,Europe/Paris,0,,,,5,free',
  '49,0.05,EUR,120,mon-fri,08:00:00,18:00:00,Europe/Paris,0,,,,5,free',
  '49,0.04,EUR,0,mon-fri,18:00:00,24:00:00,Europe/Paris,0,,,,,',
  '49,0.03,EUR,0,"sat,sun",,,Europe/Paris,0,,,,,',
  '49,0.01,EUR,0,*,,,Europe/Paris,10,12-25|01-01,2026-01-01,2027-01-01,,',
  '33,0.02,EUR,0,,,,,,,,,,',
].join('\n');
const CARRIER = [
  'Destination;Dial Code;Rate/Min;Billing Increment;Effective Date',
  'Germany;49;0.02;60/1;2026-01-01',
  'Germany Mobile;4915;0.10;1/1;2026-01-01',
  'Germany Mobile;4915;0.09;1/1;2026-06-01',
].join('\r\n');
const AZURE = existsSync(SHEET) ? readFileSync(SHEET, 'utf8').split('\n').slice(0, 200).join('\n') : PLAIN;

const odd = fc.constantFrom(
  '"',
  ',',
  ';',
  '\t',
  '\n',
  '\r\n',
  '\ufeff',
  '\u0000',
  '-',
  '0,02',
  '-0.01',
  '1e9',
  '*',
  '=cmd',
  '𝒵',
  'EURO',
  '24:00:00',
  'x'.repeat(300),
);
const damage = fc.oneof(
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(),
    what: fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 4 })),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('end' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('double-line' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('swap-lines' as const), at: fc.nat(), other: fc.nat() }),
  fc.record({ kind: fc.constant('other-delimiter' as const), to: fc.constantFrom(';', '\t', '|') }),
);
type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never;

function damaged(text: string, how: Damage): string {
  const lines = text.split('\n');
  switch (how.kind) {
    case 'insert': {
      const at = how.at % text.length;
      return text.slice(0, at) + how.what + text.slice(at);
    }
    case 'cut': {
      const at = how.at % text.length;
      return text.slice(0, at) + text.slice(at + how.length);
    }
    case 'end':
      return text.slice(0, how.at % text.length);
    case 'double-line':
      return lines.toSpliced(how.at % lines.length, 0, lines[how.at % lines.length] ?? '').join('\n');
    case 'swap-lines': {
      const [a, b] = [how.at % lines.length, how.other % lines.length];
      return lines
        .with(a, lines[b] ?? '')
        .with(b, lines[a] ?? '')
        .join('\n');
    }
    case 'other-delimiter':
      return text.replaceAll(',', how.to);
  }
}

test(`${FILES} damaged files`, () => {
  let refused = 0;
  let read = 0;
  const file = fc.tuple(fc.constantFrom(PLAIN, WINDOWS, CARRIER, AZURE), fc.array(damage, { minLength: 1, maxLength: 3 }));
  fc.assert(
    fc.property(file, ([whole, how]) => {
      const text = how.reduce(damaged, whole);
      const deck = parseDeck(text, { currency: 'EUR' });
      if (isDeckRejection(deck)) {
        refused += 1;
        expect(deck.faultCount).toBeGreaterThanOrEqual(deck.faults.length);
        expect(deck.faults.length).toBeGreaterThan(0);
        for (const { code, line, column, reason } of deck.faults) {
          expect(DECK_FAULT_CODES).toContain(code);
          expect(line >= 1 && column >= 1 && line <= text.split('\n').length && reason.length > 10).toBe(true);
        }
        return;
      }
      read += 1;
      const lines = text.split('\n').filter((line) => line.replace('\ufeff', '').trim() !== '');
      // A carrier's line may stand for several codes, and with 60/1 for two tiers of each.
      if (whole === CARRIER) expect(deck.rowCount).toBeGreaterThanOrEqual(lines.length - 1);
      else expect(deck.rowCount).toBe(lines.length - 1);
      expect(parseDeck(contentOf(deck))).toMatchObject({ hash: deck.hash });
    }),
    { numRuns: FILES },
  );
  expect(Math.min(refused, read)).toBeGreaterThan(FILES / 20);
});
