// Rating told a second time, for tests only: rows as plain objects and a call in, what it costs out. It takes the naive way on
// purpose (increment by increment, wall clocks asked of Intl each time, money in decimal.js) and shares no code with the engine.
import { Decimal } from 'decimal.js';

export type OracleRow = {
  readonly category: string;
  readonly prefix: string;
  readonly currency: string;
  readonly connectFee: string;
  readonly tierStart: number;
  readonly rate: string;
  readonly rateUnit: number;
  readonly increment: number;
  /** Names such as `mon`; empty for any. */
  readonly days: readonly string[];
  /** `12-25` or `2026-12-25`; empty for any. */
  readonly dates: readonly string[];
  /** `HH:MM:SS`, which compares as text. */
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
  readonly weight: number;
  readonly validFrom: number | null;
  readonly validTo: number | null;
  readonly rounding: 'up' | 'down' | 'half-up';
  readonly decimals: number;
  readonly maxCost: string | null;
  readonly strategy: 'free' | 'disconnect' | null;
};

export type OracleCall = {
  readonly category: string;
  readonly currency: string;
  readonly called: string;
  readonly answerMs: number;
  readonly usageMs: number;
};

/** The amount as decimal text and the seconds billed, or a code. */
export type OraclePrice = { readonly amount: string; readonly billed: number } | { readonly code: string };

const Exact = Decimal.clone({ precision: 120, toExpNeg: -90, toExpPos: 90 });
const MODES = { up: Decimal.ROUND_UP, down: Decimal.ROUND_DOWN, 'half-up': Decimal.ROUND_HALF_UP } as const;

export function oraclePrice(rows: readonly OracleRow[], call: OracleCall): OraclePrice {
  const chosen = chosenRows(rows, call, call.currency);
  if (chosen.length === 0) {
    const others = new Set(rows.map(({ currency }) => currency));
    others.delete(call.currency);
    const isElsewhere = [...others].some((currency) => chosenRows(rows, call, currency).length > 0);
    return { code: isElsewhere ? 'no-rate-in-currency' : 'no-rate' };
  }
  const atAnswer = rowInForce(chosen, call.answerMs, 0);
  if (atAnswer === undefined) return { code: 'no-rate' };
  if (call.usageMs === 0) return { amount: '0', billed: 0 };
  let sum = new Exact(atAnswer.connectFee);
  let second = 0;
  while (second * 1000 < call.usageMs) {
    const row = rowInForce(chosen, call.answerMs + second * 1000, second);
    if (row === undefined) return { code: 'no-rate' };
    sum = sum.plus(new Exact(row.rate).times(row.increment).div(row.rateUnit));
    second += row.increment;
  }
  const { maxCost, decimals, rounding } = atAnswer;
  // A third of a rate is cut off after 120 digits: brought back to what it stands for before it is rounded.
  const settled = sum.toDecimalPlaces(60, Decimal.ROUND_HALF_UP);
  const capped = maxCost !== null && settled.gt(maxCost) ? new Exact(maxCost) : settled;
  return { amount: capped.toDecimalPlaces(decimals, MODES[rounding]).toString(), billed: second };
}

function chosenRows(
  rows: readonly OracleRow[],
  { category, called, answerMs }: OracleCall,
  currency: string,
): readonly OracleRow[] {
  const digits = called.replace('+', '');
  const matching = rows.filter(
    (row) =>
      row.currency === currency &&
      (row.prefix === '*' || digits.startsWith(row.prefix)) &&
      (row.validFrom === null || row.validFrom <= answerMs) &&
      (row.validTo === null || answerMs < row.validTo),
  );
  const exact = matching.filter((row) => row.category === category);
  const some = exact.length > 0 || category === 'toll-free-inbound' ? exact : matching.filter((row) => row.category === '*');
  const [longest] = some.map(({ prefix }) => prefix).toSorted((a, b) => lengthOf(b) - lengthOf(a));
  const inCategory = some[0]?.category;
  return rows.filter((row) => row.currency === currency && row.category === inCategory && row.prefix === longest);
}

function lengthOf(prefix: string): number {
  return prefix === '*' ? 0 : prefix.length;
}

function rowInForce(rows: readonly OracleRow[], instantMs: number, second: number): OracleRow | undefined {
  const inForce = rows.filter((row) => row.tierStart <= second && isInForce(row, instantMs));
  return inForce.toSorted((a, b) => b.weight - a.weight || b.tierStart - a.tierStart)[0];
}

function isInForce(row: OracleRow, instantMs: number): boolean {
  if (row.validFrom !== null && instantMs < row.validFrom) return false;
  if (row.validTo !== null && instantMs >= row.validTo) return false;
  const { weekday, date, time } = wallClock(row.timezone, instantMs);
  if (row.days.length > 0 && !row.days.includes(weekday)) return false;
  if (row.dates.length > 0 && !row.dates.some((wanted) => date === wanted || date.slice(5) === wanted)) return false;
  return row.from <= time && time < row.to;
}

type WallClock = { readonly weekday: string; readonly date: string; readonly time: string };

const formats = new Map<string, Intl.DateTimeFormat>();
const clocks = new Map<string, WallClock>();

function wallClock(timezone: string, instantMs: number): WallClock {
  const key = `${timezone} ${Math.floor(instantMs / 1000)}`;
  const known = clocks.get(key);
  if (known !== undefined) return known;
  let format = formats.get(timezone);
  if (format === undefined) {
    const two = '2-digit';
    const fields = { weekday: 'short', year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const;
    format = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hourCycle: 'h23', ...fields });
    formats.set(timezone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(instantMs).map(({ type, value }) => [type, value]));
  const { weekday = '', year, month, day, hour, minute, second } = parts;
  const clock = { weekday: weekday.toLowerCase(), date: `${year}-${month}-${day}`, time: `${hour}:${minute}:${second}` };
  if (clocks.size > 200_000) clocks.clear();
  clocks.set(key, clock);
  return clock;
}
