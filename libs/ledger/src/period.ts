// The books of a month: what was recorded in it, event by event, until `PeriodClosed` puts it down.

import { decimalOf, microsOf } from '@tollkeeper/money';
import type { PeriodClosed } from './account-facts.js';
import type { LedgerEvent } from './events.js';

const SUMS = ['credited', 'debited', 'expired', 'purchased', 'refunded', 'reversed', 'withdrawn'] as const;
type SumName = (typeof SUMS)[number];

export type Period = Readonly<Record<SumName, bigint>> & {
  /** `2026-03`, UTC, by `recordedAt`; empty before the first event. */
  readonly month: string;
  readonly openingMicros: bigint;
  readonly events: number;
  readonly callsDebited: number;
  readonly callsNotBillable: number;
};

export function newPeriod(month: string, openingMicros: bigint): Period {
  const sums = { credited: 0n, debited: 0n, expired: 0n, purchased: 0n, refunded: 0n, reversed: 0n, withdrawn: 0n };
  return { month, openingMicros, events: 0, callsDebited: 0, callsNotBillable: 0, ...sums };
}

/** The period after the event, which is of the same month, or of a later one and then begins it. */
export function countedIn(before: Period, event: LedgerEvent, balanceBeforeMicros: bigint): Period {
  const month = event.data.recordedAt.slice(0, 7);
  const period = before.month === month ? before : newPeriod(month, balanceBeforeMicros);
  // The closing itself is no business of the month that it is written down in.
  if (event.type === 'PeriodClosed.v1') return period;
  const counted = { ...period, events: period.events + 1 };
  if (event.type === 'CallNotBillable.v1') return { ...counted, callsNotBillable: period.callsNotBillable + 1 };
  const sum = sumOf(event);
  if (sum === undefined || !('amount' in event.data)) return counted;
  const by = event.type === 'CallDebited.v1' ? 1 : event.type === 'CallReversed.v1' ? -1 : 0;
  return { ...counted, [sum]: period[sum] + microsOf(event.data.amount), callsDebited: period.callsDebited + by };
}

function sumOf(event: LedgerEvent): SumName | undefined {
  switch (event.type) {
    case 'CallDebited.v1':
      return 'debited';
    case 'CallReversed.v1':
      return 'reversed';
    case 'CreditPurchased.v1':
      return 'purchased';
    case 'LotExpired.v1':
      return 'expired';
    case 'PurchaseRefunded.v1':
      return 'refunded';
    case 'CreditAdjusted.v1':
      return event.data.direction === 'credit' ? 'credited' : 'withdrawn';
    default:
      return undefined;
  }
}

/** What `PeriodClosed.v1` says of the period, in canonical order of keys. */
export function closedPeriod(
  period: Period,
): Omit<PeriodClosed, 'available' | 'balance' | 'effectiveAt' | 'recordedAt' | 'tenant'> {
  return {
    callsDebited: period.callsDebited,
    callsNotBillable: period.callsNotBillable,
    credited: decimalOf(period.credited),
    debited: decimalOf(period.debited),
    events: period.events,
    expired: decimalOf(period.expired),
    month: period.month,
    opening: decimalOf(period.openingMicros),
    purchased: decimalOf(period.purchased),
    refunded: decimalOf(period.refunded),
    reversed: decimalOf(period.reversed),
    withdrawn: decimalOf(period.withdrawn),
  };
}

/** The instant at which a month ends: `2026-12` → 2027-01-01T00:00:00Z. */
export function endOfMonthMs(month: string): number {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return Date.UTC(year, number, 1);
}
