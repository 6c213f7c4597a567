// Rate deck, its check of windows: two windows of one weight in, whether both can be in force at one instant out.

import { ALL_DAYS, fallsOn, MS_PER_DAY, weekdayOf, type CalendarDay, type Window } from './window.js';

/** A day of the year falls on each weekday within so many years, leap days included. */
const YEARS_OF_ALL_WEEKDAYS = 40;

/**
 * Windows of different zones are taken to meet unless their validity keeps them apart: daylight saving moves the one against the
 * other, and governments move daylight saving.
 */
export function canMeet(left: Window, right: Window): boolean {
  const fromMs = Math.max(left.validFromMs, right.validFromMs);
  const toMs = Math.min(left.validToMs, right.validToMs);
  if (fromMs >= toMs) return false;
  if (left.zone !== right.zone) return true;
  if (Math.max(left.fromMs, right.fromMs) >= Math.min(left.toMs, right.toMs)) return false;
  return daysOf(left, right, fromMs, toMs);
}

/** Whether a local day that begins within the validity, or a day before it, is one of both. */
function daysOf(left: Window, right: Window, fromMs: number, toMs: number): boolean {
  if ((left.days & right.days) === 0) return false;
  const dated = left.dates.length > 0 ? left : right;
  if (dated.dates.length > 0) {
    return dated.dates.some((date) => daysBetween(date, fromMs, toMs).some((day) => fallsOn(left, day) && fallsOn(right, day)));
  }
  const first = Math.floor(fromMs / MS_PER_DAY) - 1;
  const last = Math.floor(toMs / MS_PER_DAY) + 1;
  if (!(last - first < 7)) return true;
  const shared = left.days & right.days;
  for (let day = first; day <= last; day += 1) if ((shared & (1 << weekdayOf(day))) !== 0) return true;
  return shared === ALL_DAYS;
}

function daysBetween({ year, month, day }: CalendarDay, fromMs: number, toMs: number): readonly number[] {
  const earliest = Number.isFinite(fromMs) ? new Date(fromMs - MS_PER_DAY).getUTCFullYear() : 2000;
  const latest = Number.isFinite(toMs) ? new Date(toMs + MS_PER_DAY).getUTCFullYear() : earliest + YEARS_OF_ALL_WEEKDAYS;
  const days: number[] = [];
  for (let at = year ?? earliest; at <= (year ?? Math.min(latest, earliest + YEARS_OF_ALL_WEEKDAYS)); at += 1) {
    const dayMs = Date.UTC(at, month - 1, day);
    // 29 February stands only in leap years. A local day may begin up to a day before or after that of UTC.
    if (new Date(dayMs).getUTCDate() !== day) continue;
    if (dayMs > fromMs - 2 * MS_PER_DAY && dayMs < toMs + MS_PER_DAY) days.push(dayMs / MS_PER_DAY);
  }
  return days;
}
