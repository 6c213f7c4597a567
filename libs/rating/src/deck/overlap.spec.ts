// Rate deck, its check of windows: two that it lets stand side by side are never in force together, whatever the instant.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDeckRejection, parseDeck } from '../index.js';
import { canMeet } from './overlap.js';
import { timeZoneOf } from './time-zone.js';
import { ALL_DAYS, forceAt, MS_PER_DAY, type Window } from './window.js';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 0, 1);

const zone = timeZoneOf('Europe/Paris') ?? timeZoneOf('UTC')!;
const clock = fc.constantFrom(0, 2.5, 8, 12, 18, 23, 24).map((hours) => hours * HOUR_MS);
const instant = fc.integer({ min: 0, max: 60 }).map((days) => START_MS + days * MS_PER_DAY + 6 * HOUR_MS);
const date = fc.constantFrom(
  { year: undefined, month: 1, day: 6 },
  { year: 2026, month: 1, day: 6 },
  { year: undefined, month: 2, day: 28 },
  { year: 2026, month: 2, day: 7 },
);

const window = fc
  .record({
    days: fc.oneof(fc.constant(ALL_DAYS), fc.integer({ min: 1, max: ALL_DAYS })),
    dates: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(date, { minLength: 1, maxLength: 2 }) },
    ),
    hours: fc.tuple(clock, clock).filter(([from, to]) => from !== to),
    validity: fc.oneof(
      fc.constant([-Infinity, Infinity] as const),
      fc.tuple(instant, instant).filter(([from, to]) => from !== to),
    ),
  })
  .map(({ days, dates, hours, validity }): Window => {
    const [fromMs = 0, toMs = 0] = hours.toSorted((a, b) => a - b);
    const [validFromMs = 0, validToMs = 0] = [...validity].toSorted((a, b) => a - b);
    const isAllTheTime = days === ALL_DAYS && dates.length === 0 && fromMs === 0 && toMs === MS_PER_DAY;
    return { days, dates, fromMs, toMs, zone, weight: 0, validFromMs, validToMs, isAllTheTime };
  });

/** Every half hour of ninety days, of which every window above has its part. */
function meetWithin(left: Window, right: Window): boolean {
  for (let atMs = START_MS - MS_PER_DAY; atMs < START_MS + 90 * MS_PER_DAY; atMs += HOUR_MS / 2) {
    if (forceAt(left, atMs).inForce && forceAt(right, atMs).inForce) return true;
  }
  return false;
}

describe('windows of one zone', () => {
  test('that are said never to meet never do', () => {
    let apart = 0;
    fc.assert(
      fc.property(window, window, (left, right) => {
        if (canMeet(left, right)) return;
        apart += 1;
        expect(meetWithin(left, right)).toBe(false);
      }),
      { numRuns: 400 },
    );
    expect(apart).toBeGreaterThan(40);
  });
});

const HEADER = 'prefix,rate,currency,days,dates,from,to,timezone,validFrom,validTo\n';

test.each([
  ['weekdays and weekend', '49,1,EUR,mon-fri,,,,,,', '49,1,EUR,"sat,sun",,,,,,', true],
  ['a day and the same day', '49,1,EUR,mon,,,,,,', '49,1,EUR,mon-tue,,,,,,', false],
  ['morning and afternoon', '49,1,EUR,,,,12:00,,,', '49,1,EUR,,,12:00,,,,', true],
  ['one second together', '49,1,EUR,,,,12:00:01,,,', '49,1,EUR,,,12:00,,,,', false],
  ['a date that is a Friday, and weekends', '49,1,EUR,,2026-12-25,,,,,', '49,1,EUR,"sat,sun",,,,,,', true],
  ['a date of every year, and weekends', '49,1,EUR,,12-25,,,,,', '49,1,EUR,"sat,sun",,,,,,', false],
  ['two dates', '49,1,EUR,,12-25,,,,,', '49,1,EUR,,12-26,,,,,', true],
  ['a date and the same date of one year', '49,1,EUR,,12-25,,,,,', '49,1,EUR,,2026-12-25,,,,,', false],
  ['this year and the next', '49,1,EUR,,,,,,,2027-01-01', '49,1,EUR,,,,,,2027-01-01,', true],
  ['other zones, which daylight saving moves', '49,1,EUR,,,,08:00,UTC,,', '49,1,EUR,,,20:00,,Europe/Paris,,', false],
  ['other zones, kept apart by validity', '49,1,EUR,,,,,UTC,,2026-06-01', '49,1,EUR,,,,,Europe/Paris,2026-06-01,', true],
])('%s', (_, first, second, isTaken) => {
  expect(isDeckRejection(parseDeck(`${HEADER}${first}\n${second}`))).toBe(!isTaken);
});

describe('wall clocks', () => {
  test.each([
    ['Europe/Paris', '2026-03-29T00:59:59Z', 60],
    ['Europe/Paris', '2026-03-29T01:00:00Z', 120],
    ['Europe/Paris', '2026-10-25T00:59:59Z', 120],
    ['Europe/Paris', '2026-10-25T01:00:00Z', 60],
    ['America/New_York', '2026-03-08T06:59:59Z', -300],
    ['America/New_York', '2026-03-08T07:00:00Z', -240],
    ['Australia/Lord_Howe', '2026-04-04T14:59:59Z', 660],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z', 630],
    ['Asia/Kathmandu', '2026-07-01T00:00:00Z', 345],
    ['America/Sao_Paulo', '2026-01-01T00:00:00Z', -180],
    ['UTC', '2026-01-01T00:00:00Z', 0],
  ])('%s at %s is %d minutes ahead', (name, at, minutes) => {
    const { offsetMs, untilMs } = timeZoneOf(name)!.offsetAt(Date.parse(at));
    expect(offsetMs / 60_000).toBe(minutes);
    expect(untilMs).toBeGreaterThan(Date.parse(at));
  });

  test.each(['Mars/Phobos', '', '+01:00', 'GMT+1; drop'])('%j is no zone', (name) => {
    expect(timeZoneOf(name)).toBeUndefined();
  });
});
