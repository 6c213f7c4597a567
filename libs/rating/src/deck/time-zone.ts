// Rate deck, wall clocks: an IANA time zone and an instant in, the zone's offset from UTC then, and until when it holds, out.
// Asking `Intl` costs some microseconds, so a zone's changes are looked up once for a stretch of time and kept.

export type Offset = {
  readonly offsetMs: number;
  /** The offset holds up to this instant at least. */
  readonly untilMs: number;
};

export type TimeZone = { readonly name: string; offsetAt(instantMs: number): Offset };

const MS_PER_DAY = 86_400_000;
/** Looked up at once: about a year. */
const STRETCH_MS = 400 * MS_PER_DAY;
const UTC_OFFSET: Offset = { offsetMs: 0, untilMs: Infinity };
const UTC: TimeZone = { name: 'UTC', offsetAt: () => UTC_OFFSET };

const known = new Map<string, TimeZone>([['UTC', UTC]]);

/** Undefined for what is no IANA name. Offsets such as `+01:00` are none: they have no daylight saving to follow. */
export function timeZoneOf(name: string): TimeZone | undefined {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/.test(name)) return undefined;
  try {
    const zone = openZone(name);
    known.set(name, zone);
    return zone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function openZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const stretches = new Map<number, readonly Offset[]>();
  return {
    name,
    offsetAt(instantMs) {
      const index = Math.floor(instantMs / STRETCH_MS);
      let offsets = stretches.get(index);
      if (offsets === undefined) {
        offsets = offsetsBetween(format, index * STRETCH_MS, (index + 1) * STRETCH_MS);
        stretches.set(index, offsets);
      }
      let at = 0;
      while ((offsets[at] as Offset).untilMs <= instantMs) at += 1;
      return offsets[at] as Offset;
    },
  };
}

/** Looked at day by day: no zone changes its offset and changes it back within one. */
function offsetsBetween(format: Intl.DateTimeFormat, fromMs: number, toMs: number): readonly Offset[] {
  const offsets: Offset[] = [];
  let offsetMs = offsetOf(format, fromMs);
  for (let dayMs = fromMs; dayMs < toMs; dayMs += MS_PER_DAY) {
    const nextMs = offsetOf(format, dayMs + MS_PER_DAY);
    if (nextMs === offsetMs) continue;
    offsets.push({ offsetMs, untilMs: changeBetween(format, dayMs, dayMs + MS_PER_DAY, offsetMs) });
    offsetMs = nextMs;
  }
  offsets.push({ offsetMs, untilMs: toMs });
  return offsets;
}

/** The first instant, to the second, that no longer has the offset of `fromMs`. */
function changeBetween(format: Intl.DateTimeFormat, fromMs: number, toMs: number, offsetMs: number): number {
  let before = fromMs / 1000;
  let after = toMs / 1000;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetOf(format, middle * 1000) === offsetMs) before = middle;
    else after = middle;
  }
  return after * 1000;
}

function offsetOf(format: Intl.DateTimeFormat, instantMs: number): number {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format.formatToParts(instantMs)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1000) * 1000;
}
