// Rate deck, its check of windows: whether two can be in force at one instant, told from what they say and not from a calendar
// of some years; and compared with a walk from instant to instant.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HOUR_MS, windowOf } from './fixtures.js';
import { canMeet } from './overlap.js';
import { forceAt, type Window } from './window.js';

const [MON_FRI, SAT_SUN, SATURDAY] = [0b001_1111, 0b110_0000, 0b010_0000];
const at = (text: string): number => Date.parse(text);
const yearly = (month: number, day: number) => ({ year: undefined, month, day });
const dated = (year: number, month: number, day: number) => ({ year, month, day });
const AUTUMN_2026 = { validFromMs: at('2026-09-01T00:00:00Z'), validToMs: at('2026-12-01T00:00:00Z') };

type Case = readonly [string, Partial<Window> & { timezone?: string }, Partial<Window> & { timezone?: string }, boolean];
const CASES: readonly Case[] = [
  ['both always', {}, {}, true],
  ['weekdays and the weekend', { days: MON_FRI }, { days: SAT_SUN }, false],
  ['morning and afternoon', { toMs: 12 * HOUR_MS }, { fromMs: 12 * HOUR_MS }, false],
  ['times that share a second', { toMs: 12 * HOUR_MS + 1000 }, { fromMs: 12 * HOUR_MS }, true],
  ['one after the other', { validToMs: at('2026-12-01T00:00:00Z') }, { validFromMs: at('2026-12-01T00:00:00Z') }, false],
  ['other zones, whatever they say', { days: MON_FRI, timezone: 'Europe/Paris' }, { days: SAT_SUN }, true],
  ['other zones at other times', { ...AUTUMN_2026, timezone: 'Europe/Paris' }, { validFromMs: AUTUMN_2026.validToMs }, false],
  ['two holidays', { dates: [yearly(12, 25)] }, { dates: [yearly(12, 26)] }, false],
  ['a holiday of one year and of every year', { dates: [dated(2026, 12, 25)] }, { dates: [yearly(12, 25)] }, true],
  ['a holiday of two years', { dates: [dated(2026, 12, 25)] }, { dates: [dated(2027, 12, 25)] }, false],
  ['a holiday that is a Friday, and the weekend', { dates: [dated(2026, 12, 25)] }, { days: SAT_SUN }, false],
  ['a holiday that is once a Saturday', { dates: [yearly(12, 25)] }, { days: SATURDAY }, true],
  ['a leap day is once a Saturday', { dates: [yearly(2, 29)] }, { days: SATURDAY }, true],
  ['a holiday out of season', { dates: [yearly(12, 25)] }, AUTUMN_2026, false],
  ['a holiday in season on a Sunday', { ...AUTUMN_2026, dates: [yearly(11, 1)] }, { days: MON_FRI }, false],
  [
    'a validity of three days without a weekend',
    { validFromMs: at('2026-11-24T00:00:00Z'), validToMs: at('2026-11-27T00:00:00Z'), days: SAT_SUN },
    { days: SAT_SUN },
    false,
  ],
  [
    'a validity that ends on Friday night in UTC, when it is Saturday in Tokyo',
    { timezone: 'Asia/Tokyo', validFromMs: at('2026-11-24T00:00:00Z'), validToMs: at('2026-11-27T16:00:00Z'), days: SAT_SUN },
    { timezone: 'Asia/Tokyo' },
    true,
  ],
  [
    'a validity of an hour, at another time of day',
    { validFromMs: at('2026-11-24T10:00:00Z'), validToMs: at('2026-11-24T11:00:00Z') },
    { fromMs: 12 * HOUR_MS },
    false,
  ],
];

test.each(CASES)('%s', (_, left, right, meet) => {
  expect(canMeet(windowOf(left), windowOf(right))).toBe(meet);
  expect(canMeet(windowOf(right), windowOf(left))).toBe(meet);
});

/** From instant to instant through the time in which either is valid. */
function meetOnAWalk(left: Window, right: Window, fromMs: number, toMs: number): boolean {
  for (let atMs = fromMs; atMs < toMs;) {
    const [one, other] = [forceAt(left, atMs), forceAt(right, atMs)];
    if (one.inForce && other.inForce) return true;
    atMs = Math.min(one.untilMs, other.untilMs);
  }
  return false;
}

test('windows of one zone meet exactly where a walk through their validity finds both in force', () => {
  const startMs = at('2026-10-20T00:00:00Z');
  const hour = fc.integer({ min: 0, max: 24 * 14 }).map((hours) => startMs + hours * HOUR_MS);
  const timezone = fc.constantFrom('UTC', 'Asia/Tokyo', 'America/New_York', 'Asia/Kathmandu');
  const window = fc.record({
    days: fc.integer({ min: 1, max: 127 }),
    dates: fc.oneof(
      fc.constant([]),
      fc.array(
        fc.integer({ min: 20, max: 31 }).map((day) => dated(2026, 10, day)),
        { minLength: 1, maxLength: 2 },
      ),
      fc.array(
        fc.integer({ min: 20, max: 31 }).map((day) => yearly(10, day)),
        { minLength: 1, maxLength: 2 },
      ),
    ),
    times: fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 1, max: 24 })),
    validity: fc.tuple(hour, hour),
  });
  fc.assert(
    fc.property(window, window, timezone, (left, right, zone) => {
      const [one, other] = [left, right].map(({ days, dates, times, validity }) =>
        windowOf({
          timezone: zone,
          days,
          dates,
          fromMs: Math.min(times[0], times[1] - 1) * HOUR_MS,
          toMs: times[1] * HOUR_MS,
          validFromMs: Math.min(...validity),
          validToMs: Math.max(...validity) + HOUR_MS,
        }),
      ) as [Window, Window];
      expect(canMeet(one, other)).toBe(meetOnAWalk(one, other, startMs, startMs + 15 * 24 * HOUR_MS));
    }),
    { numRuns: 3_000 },
  );
});
