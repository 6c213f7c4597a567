// Advice: what a tenant's calls cost day by day → at which balance to recharge and by how much, with the numbers that say so.
//
// The trigger lasts for the costliest three days there were: the time that a failed card may take to be mended. The amount lasts for a
// mean month. Both are rounded up, and are no less than what is sold.

import { decimalOf, microsOf } from '@tollkeeper/money';

/** Days are UTC, `2026-03-03`. */
export type SpentDay = { readonly day: string; readonly debited: string };

export type Advice =
  /** Usage has to be seen for two months first; from that day on there is advice. */
  | { readonly tooEarly: true; readonly from: string }
  | {
      readonly tooEarly: false;
      readonly trigger: string;
      readonly amount: string;
      readonly basis: {
        readonly from: string;
        /** The last whole day. */
        readonly to: string;
        readonly days: number;
        readonly spent: string;
        readonly meanMonth: string;
        readonly mostInThreeDays: { readonly from: string; readonly to: string; readonly amount: string };
        /** Least that is sold in the currency; null where there is none. */
        readonly minimum: string | null;
      };
    };

const MS_PER_DAY = 86_400_000;
const USAGE_MONTHS = 2;
/** Older spending says little of the next month. */
export const ADVICE_MONTHS = 12;
const MENDING_DAYS = 3;
const DAYS_PER_YEAR = 365n;
const MONTHS_PER_YEAR = 12n;
const UNIT = 1_000_000n;

export type AdviceOptions = {
  /** The first day with a call; undefined when there was none. */
  readonly firstDay: string | undefined;
  readonly today: string;
  readonly minimumMicros?: bigint;
};

/**
 * 90 days at 1 EUR with one of 30 EUR: 119 EUR in 90 days are 40.22 a month → amount 41; 32 in three days → trigger 32.
 * @param days of the last `ADVICE_MONTHS`, in any order; those without calls may be missing.
 */
export function adviceFor(days: readonly SpentDay[], { firstDay, today, minimumMicros }: AdviceOptions): Advice {
  const adviceFrom = monthsLater(firstDay ?? today, USAGE_MONTHS);
  if (firstDay === undefined || adviceFrom > today) return { tooEarly: true, from: adviceFrom };
  const earliest = monthsLater(today, -ADVICE_MONTHS);
  const from = firstDay > earliest ? firstDay : earliest;
  const to = daysLater(today, -1);
  const spentOn = new Map(days.map(({ day, debited }) => [day, microsOf(debited)]));
  const all: string[] = [];
  for (let day = from; day <= to; day = daysLater(day, 1)) all.push(day);
  const spent = all.reduce((sum, day) => sum + (spentOn.get(day) ?? 0n), 0n);
  const yearly = MONTHS_PER_YEAR * BigInt(all.length);
  const meanMonth = (spent * DAYS_PER_YEAR + yearly - 1n) / yearly;
  const most = mostInARow(all, spentOn);
  const atLeast = (micros: bigint, least: bigint): string => decimalOf(micros > least ? micros : least);
  const minimum = minimumMicros ?? 0n;
  return {
    tooEarly: false,
    trigger: atLeast(tidy(most.micros), minimum),
    amount: atLeast(tidy(meanMonth), minimum > 0n ? minimum : UNIT),
    basis: {
      from,
      to,
      days: all.length,
      spent: decimalOf(spent),
      meanMonth: decimalOf(meanMonth),
      mostInThreeDays: { from: most.from, to: daysLater(most.from, MENDING_DAYS - 1), amount: decimalOf(most.micros) },
      minimum: minimum > 0n ? decimalOf(minimum) : null,
    },
  };
}

/** Of equal ones the first. */
function mostInARow(
  all: readonly string[],
  spentOn: ReadonlyMap<string, bigint>,
): { readonly from: string; readonly micros: bigint } {
  let most = { from: all[0] ?? '', micros: -1n };
  for (const from of all.slice(0, Math.max(1, all.length - MENDING_DAYS + 1))) {
    let micros = 0n;
    for (let by = 0; by < MENDING_DAYS; by += 1) micros += spentOn.get(daysLater(from, by)) ?? 0n;
    if (micros > most.micros) most = { from, micros };
  }
  return most;
}

/** Up to two figures that count, and whole units: 34.2 → 35, 137 → 140, 1234 → 1300. */
function tidy(micros: bigint): bigint {
  let step = UNIT;
  while (micros > 100n * step) step *= 10n;
  return micros <= 0n ? 0n : ((micros + step - 1n) / step) * step;
}

function daysLater(day: string, by: number): string {
  return new Date(Date.parse(day) + by * MS_PER_DAY).toISOString().slice(0, 10);
}

/** The same day of the month; the month's last where it has no such day. */
export function monthsLater(day: string, by: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + by, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + by, Math.min(date, last))).toISOString().slice(0, 10);
}
