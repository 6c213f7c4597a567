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
    'Destination;Dial Code;Rate/Min;Billing Increment;Comment;Change\n' +
    'Germany;49;0.02;60/1;see mail;Increase\nGermany Mobile;4915,4917-4918;0.10;1/1;;\n';
  expect(rowsOf(sheet)).toEqual([
    '49 Germany 0.02 0+60',
    '49 Germany 0.02 60+1',
    '4915 Germany Mobile 0.1 0+1',
    '4917 Germany Mobile 0.1 0+1',
    '4918 Germany Mobile 0.1 0+1',
  ]);
});

test('a later effective date ends the rate before it', () => {
  const sheet = 'Code,Destination,Price,Effective Date\n49,Germany,0.02,2026-01-01\n49,Germany,0.03,13.03.2026\n';
  expect(rowsOf(sheet)).toEqual(['49 Germany 0.02 0+60 2026-03-13', '49 Germany 0.03 0+60']);
});

test.each([
  ['names in lower case', 'prefix,destination,rate,increment,effective date\n49,Germany,0.02,60/1,2026-12-01'],
  [
    'names in capitals with underscores',
    'DIAL_CODE,DESTINATION,RATE/MIN,BILLING_INCREMENT,EFFECTIVE_DATE\n49,Germany,0.02,60/1,2026-12-01',
  ],
  ['blanks round a stroke', 'Code,Name,Price / Min,Interval,Effective From\n49,Germany,0.02,60/1,2026-12-01'],
  ['a midnight', 'Code,Name,Price,Interval,Effective From\n49,Germany,0.02,60/1,2026-12-01 00:00:00'],
])('%s', (_, sheet) => {
  expect(rowsOf(sheet)).toEqual(['49 Germany 0.02 0+60', '49 Germany 0.02 60+1']);
});

test.each([
  ['2026-12-13', '2026-12-13'],
  ['13.12.2026', '2026-12-13'],
  ['13/12/2026', '2026-12-13'],
  ['12/13/2026', '2026-12-13'],
  ['12/12/2026', '2026-12-12'],
  ['2026-12-13T06:00:00+01:00', '2026-12-13'],
])('an effective date of %s', (written, expected) => {
  const deck = parseDeck(`Code,Price,Effective\n49,0.02,${written}`, { currency: 'USD' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  expect(new Date(deck.row(1).window.validFromMs).toISOString().slice(0, 10)).toBe(expected);
});

test('one fault is told once, whatever number of rows the line makes', () => {
  const refused = parseDeck('Code,Price,Interval\n"4915,4916-4919",oops,60/1', { currency: 'USD' });
  expect(isDeckRejection(refused) && refused.faults.map(({ line, column }) => [line, column])).toEqual([[2, 18]]);
});

test.each([
  ['a date with slashes could be read in two ways', 'Code,Price,Effective Date\n49,0.02,03/01/2026', 2, 9],
  ['a date with dots too', 'Code,Price,Effective Date\n49,0.02,01.12.2026', 2, 9],
  ['a day that no calendar has', 'Code,Price,Effective Date\n49,0.02,31.02.2026', 2, 9],
  ['an end date may mean its morning or its evening', 'Code,Price,End Date\n49,0.02,2026-12-31', 2, 9],
  ['a country code and an area code, or a range', 'Code,Price\n44-79,0.02', 2, 1],
  ['an area code may want its country', 'Country,Area Code,Price\nGermany,30,0.02', 1, 1],
  ['codes that blanks separate', 'Code,Price\n4915 4916,0.02', 2, 1],
  ['a row that is said to be withdrawn', 'Code,Price,Status\n49,0.02,Deleted', 2, 9],
  ['a column without a name', 'Code,Price,\n49,0.02,5', 1, 12],
  ['a decimal comma', 'Code;Price\n49;0,02', 2, 4],
  ['codes that are none', 'Code,Price\n"49, all",0.02', 2, 1],
  ['three increments', 'Code,Price,Interval\n49,0.02,0/60/60', 2, 9],
  ['a column that nobody knows', 'Code,Price,Surcharge\n49,0.02,1', 1, 12],
  ['a code with two rates from one date', 'Code,Price,Effective\n49,0.02,2026-01-01\n49,0.03,2026-01-01', 3, 1],
])('%s', (_, text, line, column) => {
  const refused = parseDeck(text, { currency: 'USD' });
  expect(isDeckRejection(refused) && refused.faults[0]).toMatchObject({ line, column });
});
