// Step CDR, times: the text of an instant in, epoch milliseconds UTC out (NaN when it is not an instant).
//
// Hand-written, because Date.parse rolls 31 February over into March, guesses at other layouts, and reads a text without
// an offset in the machine's own zone.

const DIGIT_0 = 48;

/**
 * ISO 8601 with `T` or a blank, any fraction, and `Z`, `+hh:mm`, `+hhmm` or `+hh`. Without an offset the wall clock of
 * `timezone` is meant; with `timezone` null such a text is refused.
 *
 * `parseInstant('2026-01-15T10:30:05.250-0300', null)` is 13:30:05.250 UTC. `notBeforeMs` settles the hour that a
 * clock shows twice in autumn: the first reading that is not before it.
 */
export function parseInstant(text: string, timezone: string | null, notBeforeMs: number | null = null): number {
  if (text.length < 19 || text.length > 40) return NaN;
  const wallMs = wallClockMs(text);
  if (wallMs !== wallMs) return NaN;
  let at = 19;
  let fractionMs = 0;
  if (text.charCodeAt(at) === 46) {
    const firstDigit = ++at;
    for (let scale = 100; isDigit(text, at); at++, scale /= 10) {
      if (scale >= 1) fractionMs += (text.charCodeAt(at) - DIGIT_0) * scale;
    }
    if (at === firstDigit) return NaN;
  }
  const localMs = wallMs + fractionMs;
  if (at === text.length) return timezone === null ? NaN : wallClockToInstant(localMs, timezone, notBeforeMs);
  return localMs - offsetMs(text, at);
}

export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= DIGIT_0 && code <= 57;
}

function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    if (!isDigit(text, at)) return NaN;
    value = value * 10 + text.charCodeAt(at) - DIGIT_0;
  }
  return value;
}

/** The first 19 characters, `YYYY-MM-DD?HH:MM:SS`, read as if they were UTC. */
function wallClockMs(text: string): number {
  const separator = text.charCodeAt(10);
  if (separator !== 84 && separator !== 32) return NaN;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return NaN;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return NaN;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  const inRange = month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 59;
  if (!inRange || !(day <= daysInMonth(year, month))) return NaN;
  // Date.UTC takes years below 100 for 19xx; no CDR is that old, and the caller's bounds refuse both readings.
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function offsetMs(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 90) return at + 1 === text.length ? 0 : NaN;
  if (sign !== 43 && sign !== 45) return NaN;
  const rest = text.length - at - 1;
  const hours = digits(text, at + 1, 2);
  const minutesAt = rest === 5 && text.charCodeAt(at + 3) === 58 ? at + 4 : at + 3;
  const minutes = rest === 2 ? 0 : digits(text, minutesAt, 2);
  if (rest !== 2 && minutesAt + 2 !== text.length) return NaN;
  if (!(hours <= 18 && minutes <= 59)) return NaN;
  return (sign === 45 ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function wallClockToInstant(localMs: number, timezone: string, notBeforeMs: number | null): number {
  if (timezone === 'UTC') return localMs;
  const before = zoneOffsetMs(timezone, localMs - 86_400_000);
  const after = zoneOffsetMs(timezone, localMs + 86_400_000);
  // The larger offset gives the earlier instant.
  const earlier = localMs - Math.max(before, after);
  const later = localMs - Math.min(before, after);
  if (earlier === later) return earlier;
  const earlierIsReal = zoneOffsetMs(timezone, earlier) === localMs - earlier;
  const laterIsReal = zoneOffsetMs(timezone, later) === localMs - later;
  if (earlierIsReal && laterIsReal) return notBeforeMs !== null && earlier < notBeforeMs ? later : earlier;
  // In spring the clock skips an hour that no switch should write; the offset before the change reads it furthest on.
  return earlierIsReal ? earlier : later;
}

/** Zones change at multiples of a quarter of an hour, and asking Intl costs microseconds: remember per quarter. */
const QUARTER_MS = 900_000;
const MAX_REMEMBERED_QUARTERS = 4096;
const zones = new Map<string, { readonly clock: Intl.DateTimeFormat; readonly offsets: Map<number, number> }>();

function zoneOffsetMs(timezone: string, instantMs: number): number {
  let zone = zones.get(timezone);
  if (zone === undefined) {
    const clock = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    zone = { clock, offsets: new Map() };
    zones.set(timezone, zone);
  }
  const quarter = Math.floor(instantMs / QUARTER_MS);
  let offset = zone.offsets.get(quarter);
  if (offset === undefined) {
    if (zone.offsets.size >= MAX_REMEMBERED_QUARTERS) zone.offsets.clear();
    offset = askedOffsetMs(zone.clock, quarter * QUARTER_MS);
    zone.offsets.set(quarter, offset);
  }
  return offset;
}

function askedOffsetMs(clock: Intl.DateTimeFormat, instantMs: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(instantMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - instantMs;
}
