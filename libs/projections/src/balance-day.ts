// Balance step, by day: ledger events → one row per tenant and day with what it had at the day's end and at its lowest, UTC, by the
// time of recording. A day on which nothing was recorded has no row: the one before it still holds.

import { microsOf } from '@tollkeeper/money';
import type { PlacedLedgerEvent, ReadModel } from './read-model.js';

export type BalanceDayRow = {
  /** Tenant and day. */
  readonly day_key: string;
  readonly tenant: string;
  /** `2026-03-03`. */
  readonly day: string;
  readonly balance: string;
  readonly available: string;
  /** Of `available`, after any event of the day. */
  readonly lowest_available: string;
  readonly revision: number;
};

export const balanceDay: ReadModel<BalanceDayRow> = {
  name: 'balance-day',
  keyOf: (event) => `${event.tenant} ${dayOf(event)}`,
  fold(row, event) {
    const { tenant, revision, data } = event;
    const { balance, available } = data;
    const day = dayOf(event);
    const lowest = row !== undefined && microsOf(row.lowest_available) < microsOf(available) ? row.lowest_available : available;
    return { day_key: `${tenant} ${day}`, tenant, day, balance, available, lowest_available: lowest, revision };
  },
};

function dayOf({ data }: PlacedLedgerEvent): string {
  return data.recordedAt.slice(0, 10);
}
