// Rate deck, when a row is in force: days, dates, times of day in a zone, validity. A window and an instant in; whether it is in
// force, and until when that cannot change, out.

import type { TimeZone } from './time-zone.js';

export const MS_PER_DAY = 86_400_000;
export const ALL_DAYS = 0b111_1111;

/** `year` is undefined for a day of every year. */
export type CalendarDay = { readonly year: number | undefined; readonly month: number; readonly day: number };

/** One object for all rows that share it, so that the tiers of a window are told by identity. */
export type Window = {
  /** Bit 0 is Monday. */
  readonly days: number;
  /** Empty for any date. */
  readonly dates: readonly CalendarDay[];
  /** Milliseconds of the wall clock since its midnight; `toMs` is exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: TimeZone;
  readonly weight: number;
  /** Instants; −Infinity and Infinity where there is no bound. `validToMs` is exclusive. */
  readonly validFromMs: number;
  readonly validToMs: number;
  /** Every hour of every day, while it is valid. */
  readonly isAllTheTime: boolean;
};

export function isValidAt({ validFromMs, validToMs }: Window, instantMs: number): boolean {
  return instantMs >= validFromMs && instantMs < validToMs;
}

export type Force = {
  readonly inForce: boolean;
  /** Until here it stays so; it may go on after. */
  readonly untilMs: number;
};

/** 08:00–18:00 in Paris, asked at 07:00 UTC on a winter's day, is in force until 17:00 UTC. */
export function forceAt(window: Window, instantMs: number): Force {
  const { validFromMs, validToMs } = window;
  if (instantMs < validFromMs) return { inForce: false, untilMs: validFromMs };
  if (instantMs >= validToMs) return { inForce: false, untilMs: Infinity };
  if (window.isAllTheTime) return { inForce: true, untilMs: validToMs };
  const { offsetMs, untilMs: offsetUntilMs } = window.zone.offsetAt(instantMs);
  const localMs = instantMs + offsetMs;
  const day = Math.floor(localMs / MS_PER_DAY);
  const clockMs = localMs - day * MS_PER_DAY;
  const isDay = fallsOn(window, day);
  const inForce = isDay && clockMs >= window.fromMs && clockMs < window.toMs;
  const nextClockMs = !isDay ? MS_PER_DAY : clockMs < window.fromMs ? window.fromMs : inForce ? window.toMs : MS_PER_DAY;
  return { inForce, untilMs: Math.min(instantMs + nextClockMs - clockMs, offsetUntilMs, validToMs) };
}

/** @param day of the local calendar, counted from 1970-01-01, which was a Thursday. */
export function fallsOn({ days, dates }: Pick<Window, 'days' | 'dates'>, day: number): boolean {
  if ((days & (1 << weekdayOf(day))) === 0) return false;
  if (dates.length === 0) return true;
  const date = new Date(day * MS_PER_DAY);
  const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  return dates.some((one) => one.day === dayOfMonth && one.month === month && (one.year ?? year) === year);
}

/** 0 is Monday. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}
