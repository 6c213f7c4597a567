// Rate deck, carriers' A–Z sheets as they come: what they say is read, and what could be read in two ways is refused.
import { expect, test } from '@jest/globals';
import { isDeckRejection, parseDeck } from '../index.js';

function rowsOf(text: string): readonly string[] {
  const deck = parseDeck(text, { currency: 'USD' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  return Array.from({ length: deck.rowCount }, (_, at) => {
    const { prefix, rate, incrementSeconds, tierStart, window, destination } = deck.row(at + 1);
    const until = window.validToMs === Infinity ? '' : new Date(window.validToMs).toISOString().slice(0, 10);
    return `${prefix} ${destination} ${rate} ${tierStart}+${incrementSeconds} ${until}`.trim();
  });
}

test('first and further increments are tiers, several codes in a field are rows, remarks are passed over', () => {
  const sheet =
    'Destination;Dial Code;Rate/Min;Billing Increment;Comment\n' +
    'Germany;49;0.02;60/1;new\nGermany Mobile;4915,4917-4918;0.10;1/1;\n';
  expect(rowsOf(sheet)).toEqual([
    '49 Germany 0.02 0+60',
    '49 Germany 0.02 60+1',
    '4915 Germany Mobile 0.1 0+1',
    '4917 Germany Mobile 0.1 0+1',
    '4918 Germany Mobile 0.1 0+1',
  ]);
});

test('a later effective date ends the rate before it', () => {
  const sheet = 'Code,Destination,Price,Effective Date\n49,Germany,0.02,2026-01-01\n49,Germany,0.03,01.03.2026\n';
  expect(rowsOf(sheet)).toEqual(['49 Germany 0.02 0+60 2026-03-01', '49 Germany 0.03 0+60']);
});

test.each([
  ['a date with slashes could be read in two ways', 'Code,Price,Effective Date\n49,0.02,03/01/2026', 2, 9],
  ['codes that are none', 'Code,Price\n"49, all",0.02', 2, 1],
  ['three increments', 'Code,Price,Interval\n49,0.02,0/60/60', 2, 9],
  ['a column that nobody knows', 'Code,Price,Surcharge\n49,0.02,1', 1, 12],
  ['a code with two rates from one date', 'Code,Price,Effective\n49,0.02,2026-01-01\n49,0.03,2026-01-01', 3, 1],
])('%s', (_, text, line, column) => {
  const refused = parseDeck(text, { currency: 'USD' });
  expect(isDeckRejection(refused) && refused.faults[0]).toMatchObject({ line, column });
});
