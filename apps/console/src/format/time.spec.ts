// The page's times, tested: whatever the browser's time zone, they are those of UTC.

import { expect, test } from '@jest/globals';
import { daysUntil, dayText, durationText, instantText, lastMonths, monthBounds, monthText } from './time.js';

test('instants and days are told in UTC', () => {
  expect(instantText('2026-03-03T23:59:59.999Z', 'en')).toBe('3 Mar 2026, 23:59:59');
  expect(dayText('2026-12-01', 'fr')).toBe('1 déc. 2026');
  expect(dayText('nonsense', 'fr')).toBe('–');
  expect(monthText('2026-03', 'fr')).toBe('mars 2026');
});

test.each([
  [61, '1:01'],
  [61.2, '1:01.2'],
  [0, '0:00'],
  [3725.04, '1:02:05.04'],
])('%d seconds last %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test('months know where they begin and end', () => {
  expect(monthBounds('2026-12')).toEqual({ from: '2026-12-01', to: '2027-01-01' });
  expect(lastMonths(3, Date.parse('2026-01-31T23:00:00Z'))).toEqual(['2026-01', '2025-12', '2025-11']);
});

test('days are counted by the calendar', () => {
  expect(daysUntil('2026-03-05', Date.parse('2026-03-03T23:00:00Z'))).toBe(2);
});
