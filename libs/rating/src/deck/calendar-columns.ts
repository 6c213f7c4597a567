// Rate deck, the columns that say when: unchecked text of one field in, days, dates, times and instants out, or undefined; and
// the one spelling of each.

import { MAX_INSTANT_MS, MIN_INSTANT_MS } from '../cdr/index.js';
import { ALL_DAYS, MS_PER_DAY, type CalendarDay } from './window.js';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const WEEK = DAYS.length;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const DATE = /^(?:(\d{4})-)?(\d{2})-(\d{2})$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const LEAP_YEAR = 2000;
const MAX_DATES = 366;

/** `mon-fri` is 0b001_1111; `fri-mon` goes over the week's end. */
export function daysOf(text: string): number | undefined {
  if (text === '*') return ALL_DAYS;
  let days = 0;
  for (const part of text.toLowerCase().split(',')) {
    const [first = '', last = first, ...more] = part.trim().split('-');
    const [from, to] = [indexOfDay(first), indexOfDay(last)];
    if (from === -1 || to === -1 || more.length > 0) return undefined;
    for (let at = from; ; at = (at + 1) % WEEK) {
      days |= 1 << at;
      if (at === to) break;
    }
  }
  return days;
}

function indexOfDay(text: string): number {
  return DAYS.findIndex((day) => day === text.trim());
}

/** Runs of three days and more as a range: 0b001_1111 is `mon-fri`, 0b110_0000 `sat,sun`. */
export function daysText(days: number): string {
  if (days === ALL_DAYS) return '*';
  const parts: string[] = [];
  for (let at = 0; at < WEEK; at += 1) {
    if ((days & (1 << at)) === 0) continue;
    let last = at;
    while (last + 1 < WEEK && (days & (1 << (last + 1))) !== 0) last += 1;
    if (last - at >= 2) parts.push(`${DAYS[at]}-${DAYS[last]}`);
    else parts.push(...DAYS.slice(at, last + 1));
    at = last;
  }
  return parts.join(',');
}

/** In the order of the calendar, each once; days of every year first. */
export function datesOf(text: string): readonly CalendarDay[] | undefined {
  if (text === '') return [];
  const dates = new Map<string, CalendarDay>();
  for (const part of text.split('|')) {
    const date = dateOf(part.trim());
    if (date === undefined) return undefined;
    dates.set(dateText(date), date);
  }
  if (dates.size > MAX_DATES) return undefined;
  return [...dates].toSorted(([left], [right]) => left.length - right.length || (left < right ? -1 : 1)).map(([, date]) => date);
}

function dateOf(text: string): CalendarDay | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [match[1] === undefined ? undefined : Number(match[1]), Number(match[2]), Number(match[3])];
  const instant = new Date(Date.UTC(year ?? LEAP_YEAR, month - 1, day));
  const isReal = instant.getUTCMonth() === month - 1 && instant.getUTCDate() === day;
  return isReal && (year === undefined || isWithinCalendar(instant.getTime())) ? { year, month, day } : undefined;
}

export function datesText(dates: readonly CalendarDay[]): string {
  return dates.map(dateText).join('|');
}

function dateText({ year, month, day }: CalendarDay): string {
  const ofYear = `${padded(month)}-${padded(day)}`;
  return year === undefined ? ofYear : `${year}-${ofYear}`;
}

/** Milliseconds since midnight; `08:00` and `8:00:00` are the same, `24:00:00` is the day's end. */
export function clockMsOf(text: string): number | undefined {
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return minutes < 60 && seconds < 60 && ms <= MS_PER_DAY ? ms : undefined;
}

export function clockText(ms: number): string {
  const seconds = ms / 1000;
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(padded).join(':');
}

/** A date is its midnight in UTC. Without an offset a time could be anybody's, so it is refused. */
export function instantOf(text: string): number | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [, date = '', minutes = '00:00', seconds = ':00', zone = 'Z'] = match;
  if (dateOf(date) === undefined) return undefined;
  const instantMs = Date.parse(`${date}T${minutes}${seconds}${zone}`);
  return isWithinCalendar(instantMs) ? instantMs : undefined;
}

function isWithinCalendar(instantMs: number): boolean {
  return instantMs >= MIN_INSTANT_MS && instantMs < MAX_INSTANT_MS;
}

function padded(value: number): string {
  return String(value).padStart(2, '0');
}
