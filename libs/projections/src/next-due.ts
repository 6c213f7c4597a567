// Balance step, the clock: open lots, their warning and the last event → the instant at which the ledger may next have something to
// write down by itself. What calls in progress hold, and auto-recharge, are looked for otherwise.

import type { LedgerEvent } from '@tollkeeper/ledger';
import { parseLots } from './lots-column.js';

const MS_PER_DAY = 86_400_000;

/** A lot's warning or expiry, or the end of the month of the last event unless that closed one already. */
export function nextDue(lots: string, lotWarningDays: number, { type, data }: LedgerEvent): string | null {
  const instants = parseLots(lots).map(({ expiresAt, warned }) => {
    return warned ? expiresAt : new Date(Date.parse(expiresAt) - lotWarningDays * MS_PER_DAY).toISOString();
  });
  if (type !== 'PeriodClosed.v1') instants.push(endOfMonth(data.recordedAt));
  return instants.length === 0 ? null : instants.reduce((first, next) => (next < first ? next : first));
}

/** `2026-12-03T…` → `2027-01-01T00:00:00.000Z`. */
function endOfMonth(recordedAt: string): string {
  return new Date(Date.UTC(Number(recordedAt.slice(0, 4)), Number(recordedAt.slice(5, 7)), 1)).toISOString();
}
