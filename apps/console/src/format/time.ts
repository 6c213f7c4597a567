// The page's times: instants and days as the API gives them in, text for people out, always in UTC.

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** `2026-03-03T12:00:05.123Z` → `3 Mar 2026, 12:00:05`. */
export function instantText(instant: string, language: string): string {
  return format(language, Date.parse(instant), {
    ...DAY,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
}

/** `2026-03-03` or an instant of that day → `3 Mar 2026`. */
export function dayText(day: string, language: string): string {
  return format(language, Date.parse(day), DAY);
}

export function shortDayText(dayMs: number, language: string): string {
  return format(language, dayMs, { day: 'numeric', month: 'short' });
}

/** `2026-03` → `March 2026`. */
export function monthText(month: string, language: string): string {
  return format(language, Date.parse(`${month}-01`), { month: 'long', year: 'numeric' });
}

/** 3,725.4 s → `1:02:05.4`; 61 → `1:01`. */
export function durationText(seconds: number, language = 'en'): string {
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  const millis = Math.round((seconds - whole) * SECOND_MS);
  const point = language === 'fr' ? ',' : '.';
  const fraction = millis === 0 ? '' : point + String(millis).padStart(3, '0').replace(/0+$/, '');
  const head = hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}` : String(minutes);
  return `${head}:${rest}${fraction}`;
}

export function countText(count: number, language: string): string {
  return new Intl.NumberFormat(language).format(count);
}

/** Today's day, or that many days away, in UTC. */
export function dayFromNow(days: number, nowMs = Date.now()): string {
  return new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10);
}

/** Whole days from today until a day. */
export function daysUntil(day: string, nowMs = Date.now()): number {
  return Math.round((Date.parse(day.slice(0, 10)) - Date.parse(dayFromNow(0, nowMs))) / DAY_MS);
}

/** Past, or within a minute. */
export function isNowOrSoon(instant: string, nowMs = Date.now()): boolean {
  return Date.parse(instant) < nowMs + MINUTE_MS;
}

/** `2026-03` → its first day and the one after its last. */
export function monthBounds(month: string): { readonly from: string; readonly to: string } {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return { from: `${month}-01`, to: new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10) };
}

/** Twelve months back from this one, newest first. */
export function lastMonths(count: number, nowMs = Date.now()): readonly string[] {
  const now = new Date(nowMs);
  return Array.from({ length: count }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  );
}

const DAY = { day: 'numeric', month: 'short', year: 'numeric' } as const;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: string, atMs: number, options: Intl.DateTimeFormatOptions): string {
  if (Number.isNaN(atMs)) return '–';
  const key = language + JSON.stringify(options);
  // British English puts the day first, as every other language here does.
  const locale = language === 'en' ? 'en-GB' : language;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  formats.set(key, known);
  return known.format(atMs);
}
