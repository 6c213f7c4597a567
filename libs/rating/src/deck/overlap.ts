// Rate deck, its check of windows: two windows of one weight in, whether both can be in force at one instant out.
import { ALL_DAYS, fallsOn, MS_PER_DAY, weekdayOf, type CalendarDay, type Window } from './window.js';

const WEEK_DAYS = 7;
/** A day of the year, 29 February too, falls on each weekday within so many years. */
const YEARS_OF_ALL_WEEKDAYS = 40;
/** Where a validity has no beginning; no call is older. */
const FIRST_YEAR = 2000;

/**
 * Windows of different zones are taken to meet unless their validity keeps them apart: daylight saving moves the one against the
 * other, and governments move daylight saving. 08:00–12:00 and 12:00–18:00 never meet; 25 December and Saturdays do.
 */
export function canMeet(left: Window, right: Window): boolean {
  const validFromMs = Math.max(left.validFromMs, right.validFromMs);
  const validToMs = Math.min(left.validToMs, right.validToMs);
  if (validFromMs >= validToMs) return false;
  if (left.zone !== right.zone) return true;
  const fromMs = Math.max(left.fromMs, right.fromMs);
  const toMs = Math.min(left.toMs, right.toMs);
  const days = left.days & right.days;
  if (fromMs >= toMs || days === 0) return false;
  const localFromMs = localOf(left, validFromMs);
  const localToMs = localOf(left, validToMs);
  // Both windows on one local day, and that part of it within the validity.
  const meetOn = (day: number): boolean =>
    fallsOn(left, day) && fallsOn(right, day) && day * MS_PER_DAY + fromMs < localToMs && day * MS_PER_DAY + toMs > localFromMs;
  const dates = commonDates(left.dates, right.dates);
  if (dates !== undefined) return dates.some((date) => daysOf(date, days, localFromMs, localToMs).some(meetOn));
  const firstDay = Math.floor(localFromMs / MS_PER_DAY);
  const lastDay = Math.floor(localToMs / MS_PER_DAY);
  if (lastDay - firstDay > WEEK_DAYS) return true;
  for (let day = firstDay; day <= lastDay; day += 1) if ((days & (1 << weekdayOf(day))) !== 0 && meetOn(day)) return true;
  return false;
}

function localOf({ zone }: Window, instantMs: number): number {
  return Number.isFinite(instantMs) ? instantMs + zone.offsetAt(instantMs).offsetMs : instantMs;
}

/** Undefined where neither asks for dates. */
function commonDates(left: readonly CalendarDay[], right: readonly CalendarDay[]): readonly CalendarDay[] | undefined {
  if (left.length === 0) return right.length === 0 ? undefined : right;
  if (right.length === 0) return left;
  return left.flatMap((one) =>
    right
      .filter(({ month, day, year }) => month === one.month && day === one.day && (year ?? one.year) === (one.year ?? year))
      .map((other) => ({ ...one, year: one.year ?? other.year })),
  );
}

/** The date in every year of the validity in which it may fall on a wanted weekday; local days counted from 1970-01-01. */
function daysOf({ year, month, day }: CalendarDay, days: number, fromMs: number, toMs: number): readonly number[] {
  const first = Number.isFinite(fromMs) ? new Date(fromMs).getUTCFullYear() : FIRST_YEAR;
  // On any weekday the first few years tell as much as all; a leap day may be eight years away.
  const enough = first + (days === ALL_DAYS ? WEEK_DAYS + 1 : YEARS_OF_ALL_WEEKDAYS);
  const last = Number.isFinite(toMs) ? Math.min(new Date(toMs).getUTCFullYear(), enough) : enough;
  const found: number[] = [];
  for (let at = year ?? first; at <= (year ?? last); at += 1) {
    const dateMs = Date.UTC(at, month - 1, day);
    if (new Date(dateMs).getUTCDate() === day) found.push(dateMs / MS_PER_DAY);
  }
  return found;
}
