// Rate deck, when a row is in force: the edges of days, dates, times of day and validity, and both nights of daylight saving.
import { describe, expect, test } from '@jest/globals';
import { HOUR_MS, windowOf } from './fixtures.js';
import { forceAt, type Window } from './window.js';

const MON_FRI = 0b001_1111;
const NIGHT = { fromMs: 2 * HOUR_MS, toMs: 3 * HOUR_MS };

/** Every instant at which the window begins or ceases to be in force, walked as rating walks it. */
function edges(window: Window, from: string, to: string): readonly string[] {
  const found: string[] = [];
  let was: boolean | undefined;
  for (let atMs = Date.parse(from); atMs < Date.parse(to);) {
    const { inForce, untilMs } = forceAt(window, atMs);
    if (inForce !== was) found.push(`${inForce ? 'on' : 'off'} ${new Date(atMs).toISOString().slice(0, 19)}`);
    was = inForce;
    expect(untilMs).toBeGreaterThan(atMs);
    atMs = untilMs;
  }
  return found;
}

describe('a window', () => {
  test('of working hours is that of the wall clock, summer and winter', () => {
    const office = windowOf({ timezone: 'Europe/Paris', days: MON_FRI, fromMs: 8 * HOUR_MS, toMs: 18 * HOUR_MS });
    expect(edges(office, '2026-03-27T12:00:00Z', '2026-03-30T20:00:00Z')).toEqual([
      'on 2026-03-27T12:00:00',
      'off 2026-03-27T17:00:00',
      'on 2026-03-30T06:00:00',
      'off 2026-03-30T16:00:00',
    ]);
  });

  test('of an hour that the clock passes over is not in force that night', () => {
    const night = windowOf({ timezone: 'Europe/Paris', ...NIGHT });
    expect(edges(night, '2026-03-28T00:00:00Z', '2026-03-30T12:00:00Z')).toEqual([
      'off 2026-03-28T00:00:00',
      'on 2026-03-28T01:00:00',
      'off 2026-03-28T02:00:00',
      'on 2026-03-30T00:00:00',
      'off 2026-03-30T01:00:00',
    ]);
  });

  test('of an hour that the clock shows twice is in force both times', () => {
    const night = windowOf({ timezone: 'Europe/Paris', ...NIGHT });
    expect(edges(night, '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z')).toEqual([
      'off 2026-10-24T12:00:00',
      'on 2026-10-25T00:00:00',
      'off 2026-10-25T02:00:00',
    ]);
    const halfPast = windowOf({ timezone: 'Europe/Paris', fromMs: 2.5 * HOUR_MS, toMs: 3 * HOUR_MS });
    expect(edges(halfPast, '2026-10-25T00:00:00Z', '2026-10-25T12:00:00Z')).toEqual([
      'off 2026-10-25T00:00:00',
      'on 2026-10-25T00:30:00',
      'off 2026-10-25T01:00:00',
      'on 2026-10-25T01:30:00',
      'off 2026-10-25T02:00:00',
    ]);
  });

  test('of a date is the local day, which daylight saving makes 23 or 25 hours long', () => {
    const day = { year: 2026, month: 10, day: 25 };
    expect(edges(windowOf({ timezone: 'Europe/Paris', dates: [day] }), '2026-10-24T00:00:00Z', '2026-10-27T00:00:00Z')).toEqual([
      'off 2026-10-24T00:00:00',
      'on 2026-10-24T22:00:00',
      'off 2026-10-25T23:00:00',
    ]);
  });

  test('of 29 February comes every fourth year, and needs its weekday as well', () => {
    const leapDay = { year: undefined, month: 2, day: 29 };
    expect(edges(windowOf({ dates: [leapDay] }), '2027-01-01T00:00:00Z', '2029-01-01T00:00:00Z')).toEqual([
      'off 2027-01-01T00:00:00',
      'on 2028-02-29T00:00:00',
      'off 2028-03-01T00:00:00',
    ]);
    const weekday = forceAt(windowOf({ dates: [leapDay], days: 0b000_0001 }), Date.UTC(2028, 1, 29));
    expect(weekday.inForce).toBe(false);
  });

  test('begins with its validity and ends before the end of it', () => {
    const valid = windowOf({ validFromMs: Date.UTC(2026, 0, 1), validToMs: Date.UTC(2026, 1, 1) });
    expect(edges(valid, '2025-12-01T00:00:00Z', '2026-03-01T00:00:00Z')).toEqual([
      'off 2025-12-01T00:00:00',
      'on 2026-01-01T00:00:00',
      'off 2026-02-01T00:00:00',
    ]);
    expect(forceAt(valid, valid.validToMs)).toEqual({ inForce: false, untilMs: Infinity });
  });
});
