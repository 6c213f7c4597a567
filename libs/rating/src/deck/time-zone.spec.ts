// Rate deck, wall clocks: the offset of a zone at an instant, and the very second at which it changes.
import { expect, test } from '@jest/globals';
import { timeZoneOf } from './time-zone.js';

function offsetMinutes(zone: string, instant: string): number {
  const offset = timeZoneOf(zone)?.offsetAt(Date.parse(instant));
  return (offset?.offsetMs ?? NaN) / 60_000;
}

test.each([
  ['Europe/Paris, the second before spring', 'Europe/Paris', '2026-03-29T00:59:59.999Z', 60],
  ['Europe/Paris, spring', 'Europe/Paris', '2026-03-29T01:00:00Z', 120],
  ['Europe/Paris, the second before autumn', 'Europe/Paris', '2026-10-25T00:59:59.999Z', 120],
  ['Europe/Paris, autumn', 'Europe/Paris', '2026-10-25T01:00:00Z', 60],
  ['America/New_York, spring', 'America/New_York', '2026-03-08T07:00:00Z', -240],
  ['America/New_York, the second before', 'America/New_York', '2026-03-08T06:59:59Z', -300],
  ['half an hour in Lord Howe', 'Australia/Lord_Howe', '2026-04-04T14:59:59Z', 660],
  ['half an hour in Lord Howe, after', 'Australia/Lord_Howe', '2026-04-04T15:00:00Z', 630],
  ['a quarter of an hour in Kathmandu', 'Asia/Kathmandu', '2026-07-01T00:00:00Z', 345],
  ['Morocco outside Ramadan', 'Africa/Casablanca', '2025-01-15T00:00:00Z', 60],
  ['Morocco within Ramadan', 'Africa/Casablanca', '2025-03-15T00:00:00Z', 0],
  ['Samoa, before it left out a day', 'Pacific/Apia', '2011-12-30T09:59:59Z', -600],
  ['Samoa, after', 'Pacific/Apia', '2011-12-30T10:00:00Z', 840],
  ['before 1970', 'Europe/Paris', '1969-07-20T20:17:40Z', 60],
  ['UTC', 'UTC', '2026-07-01T00:00:00Z', 0],
])('%s', (_, zone, instant, minutes) => {
  expect(offsetMinutes(zone, instant)).toBe(minutes);
});

test('an offset holds until the change, and no step passes over one', () => {
  const paris = timeZoneOf('Europe/Paris');
  let atMs = Date.UTC(2026, 0, 1);
  const changes: string[] = [];
  let before = paris?.offsetAt(atMs).offsetMs;
  while (atMs < Date.UTC(2027, 0, 1)) {
    const { offsetMs, untilMs } = paris?.offsetAt(atMs) ?? { offsetMs: 0, untilMs: Infinity };
    if (offsetMs !== before) changes.push(new Date(atMs).toISOString());
    before = offsetMs;
    expect(untilMs).toBeGreaterThan(atMs);
    atMs = untilMs;
  }
  expect(changes).toEqual(['2026-03-29T01:00:00.000Z', '2026-10-25T01:00:00.000Z']);
});

test.each(['Mars/Olympus', '+01:00', '', 'Europe/Paris ', 'x'.repeat(80)])('%j is no zone', (name) => {
  expect(timeZoneOf(name)).toBeUndefined();
});
