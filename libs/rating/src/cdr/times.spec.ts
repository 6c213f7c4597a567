// Step CDR, times: texts that are instants, and texts that only look like it.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTimezone, parseInstant } from './times.js';

describe('instants', () => {
  test.each([
    ['2026-01-15T10:30:05Z', Date.UTC(2026, 0, 15, 10, 30, 5)],
    ['2026-01-15 10:30:05.250+00', Date.UTC(2026, 0, 15, 10, 30, 5, 250)],
    ['2026-01-15T10:30:05.2589935Z', Date.UTC(2026, 0, 15, 10, 30, 5, 258)],
    ['2026-01-15T10:30:05.000-0300', Date.UTC(2026, 0, 15, 13, 30, 5)],
    ['2026-01-15T10:30:05+05:30', Date.UTC(2026, 0, 15, 5, 0, 5)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ])('%s', (text, expected) => {
    expect(parseInstant(text, null)).toBe(expected);
  });

  test.each([
    '2026-01-15',
    '2026-01-15T10:30:05',
    '2026-01-15T10:30:05.Z',
    '2026-01-15T10:30:05Z ',
    '2026-01-15T10:30:05+5',
    '2026-01-15T10:30:05+05:3',
    '2026-01-15T10:30:05+19:00',
    '2026-01-15T10:30:05 CET',
    '2026-01-15T24:00:00Z',
    '2026-01-15T10:60:00Z',
    '2026-01-15T10:30:60Z',
    '2026-00-15T10:30:05Z',
    '2026-02-29T10:30:05Z',
    '2100-02-29T10:30:05Z',
    '2026-04-31T10:30:05Z',
    '2026/01/15T10:30:05Z',
    '+026-01-15T10:30:05Z',
    '2026-01-15T10:30:05.1234567890123456789012345Z',
  ])('not %s', (text) => {
    expect(parseInstant(text, null)).toBeNaN();
  });
});

test('every instant in every zone is read back from its wall clock', () => {
  const zones = fc.constantFrom('Europe/Paris', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC');
  const seconds = fc.integer({ min: Date.UTC(2015, 0, 1) / 1000, max: Date.UTC(2035, 0, 1) / 1000 });
  fc.assert(
    fc.property(zones, seconds, (timezone, second) => {
      const wallClock = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' });
      const readMs = parseInstant(wallClock.format(second * 1000), timezone, second * 1000);
      expect(readMs).toBe(second * 1000);
    }),
    { numRuns: 500 },
  );
});

test('zones are IANA names', () => {
  expect(isTimezone('Europe/Paris')).toBe(true);
  expect(isTimezone('Europe/Nowhere')).toBe(false);
});
