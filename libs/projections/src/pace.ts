// Pace: what a tenant's calls cost of late and what credit is available → how much that is a day, and the day on which the credit runs
// out if it goes on so. Nothing is foreseen of recharges and of lots that expire.

import { decimalOf, microsOf, roundRatio } from '@tollkeeper/money';
import type { SpentDay } from './advice.js';

export type Pace = {
  readonly perDay: string;
  /** Full days that it is the mean of, beside today so far. */
  readonly overDays: number;
  /** `2026-12-20`; null where it never does, or in no foreseeable time. */
  readonly runsOutOn: string | null;
};

/** A week has all its days; what is older says little of tomorrow. */
export const PACE_DAYS = 7;

const MS_PER_DAY = 86_400_000;
const MICROS = 1_000_000n;
const DECIMALS = 6;
/** Ten years: beyond them a day says nothing. */
const MAX_AHEAD_MS = 3_653n * BigInt(MS_PER_DAY);

export type PaceOptions = {
  /** The first day with a call; undefined when there was none. */
  readonly firstDay: string | undefined;
  readonly available: string;
  readonly nowMs: number;
};

/**
 * 14 EUR in seven days and the noon of the eighth are 1.866667 a day; 28 EUR then last for another 15 days.
 * @param days of the last `PACE_DAYS` and today, in any order; those without calls may be missing.
 */
export function paceOf(days: readonly SpentDay[], { firstDay, available, nowMs }: PaceOptions): Pace {
  const todayMs = nowMs - (nowMs % MS_PER_DAY);
  const weekMs = todayMs - PACE_DAYS * MS_PER_DAY;
  const fromMs = firstDay === undefined ? weekMs : Math.min(todayMs, Math.max(weekMs, Date.parse(firstDay)));
  const overDays = (todayMs - fromMs) / MS_PER_DAY;
  const from = dayOf(fromMs);
  let spent = 0n;
  for (const { day, debited } of days) if (day >= from) spent += microsOf(debited);
  if (spent <= 0n) return { perDay: '0', overDays, runsOutOn: null };
  // An hour of the very first day is no measure of a day.
  const elapsedMs = BigInt(Math.max(MS_PER_DAY, nowMs - fromMs));
  const perDay = roundRatio(spent * BigInt(MS_PER_DAY), elapsedMs * MICROS, DECIMALS, 'half-up');
  const availableMicros = microsOf(available);
  const leftMs = availableMicros <= 0n ? 0n : (availableMicros * elapsedMs) / spent;
  return { perDay: decimalOf(perDay), overDays, runsOutOn: leftMs > MAX_AHEAD_MS ? null : dayOf(nowMs + Number(leftMs)) };
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
