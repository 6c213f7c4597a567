// Usage step: ledger events → one row per tenant and day with what its calls cost and used, by the day of their answer in UTC. A reversal
// takes its debit out of the same day.

import { decimalOf, microsOf } from '@tollkeeper/money';
import { movementOf, type PlacedLedgerEvent, type ReadModel } from './read-model.js';

export type UsageDayRow = {
  /** Tenant and day. */
  readonly day_key: string;
  readonly tenant: string;
  /** `2026-03-03`. */
  readonly day: string;
  readonly debited: string;
  /** Those that cost nothing included. */
  readonly calls: number;
  /** Of included minutes. */
  readonly pool_seconds: number;
};

type CallEvent = Extract<PlacedLedgerEvent, { type: 'CallDebited.v1' | 'CallReversed.v1' }>;

export const usageDay: ReadModel<UsageDayRow> = {
  name: 'usage-day',
  keyOf: (event) => (isCall(event) ? `${event.tenant} ${dayOf(event)}` : undefined),
  fold(row, event) {
    if (!isCall(event)) throw new Error(`usage of ${event.tenant}: ${event.type} is no call`);
    const { tenant } = event;
    const day = dayOf(event);
    const before = row ?? { day_key: `${tenant} ${day}`, tenant, day, debited: '0', calls: 0, pool_seconds: 0 };
    const by = event.type === 'CallDebited.v1' ? 1 : -1;
    return {
      ...before,
      debited: decimalOf(microsOf(before.debited) - movementOf(event)),
      calls: before.calls + by,
      pool_seconds: before.pool_seconds + by * Math.ceil((event.data.pool?.usedMs ?? 0) / 1000),
    };
  },
};

function isCall(event: PlacedLedgerEvent): event is CallEvent {
  return event.type === 'CallDebited.v1' || event.type === 'CallReversed.v1';
}

function dayOf({ data }: CallEvent): string {
  return data.effectiveAt.slice(0, 10);
}
