// What falls due by itself: an account and an instant → the events that write it down, each at its own instant, before whatever else
// is decided. The same on time and on replay, since they stand on the stream.

import { decimalOf } from '@tollkeeper/money';
import { MS_PER_DAY, type Account } from './account.js';
import { common, posted } from './event-parts.js';
import type { LedgerEvent } from './events.js';
import { evolveState } from './evolve.js';
import { expirable, type Lot } from './lots.js';
import { closedPeriod, endOfMonthMs } from './period.js';
import type { Reservation } from './reservation.js';

/**
 * One command's events are one append, which has a bound: a thousand calls whose switch has fallen silent run out in several commands.
 * What is left keeps what it holds a little longer.
 */
export const MAX_DUE_EVENTS = 200;

/**
 * The books of a month that is over, holds that have run out, lots whose term is over, warnings of lots about to expire.
 * @param releasedAtMs what was held of an expired lot expires when it is released, not before.
 */
export function dueEvents(account: Account, nowMs: number, releasedAtMs = 0): readonly LedgerEvent[] {
  const events: LedgerEvent[] = [];
  let current = account;
  const write = (event: LedgerEvent): void => {
    events.push(event);
    current = evolveState(current, event);
  };
  const { period } = account;
  if (period.events > 0 && endOfMonthMs(period.month) <= nowMs) write(periodClosed(account, nowMs));
  let sinceMs = releasedAtMs;
  const lapses = lapsesIn(account, nowMs);
  while (events.length < MAX_DUE_EVENTS) {
    const reservation = lapses[0];
    const [expiry] = expirable(current.credit, current.reservedMicros, nowMs);
    if (reservation !== undefined && !(expiry !== undefined && expiry.lot.expiresAtMs < reservation.deadlineMs)) {
      write(reservationExpired(current, reservation, nowMs));
      lapses.shift();
      sinceMs = Math.max(sinceMs, reservation.deadlineMs);
    } else if (expiry !== undefined) {
      write(lotExpired(current, expiry, Math.max(expiry.lot.expiresAtMs, sinceMs), nowMs));
    } else break;
  }
  for (const lot of current.credit.lots) {
    if (events.length < MAX_DUE_EVENTS && isWarningDue(lot, current, nowMs)) write(lotExpiryWarned(current, lot, nowMs));
  }
  return events;
}

/** The holds that have run out, the first of them first. */
function lapsesIn({ nextDeadlineMs, reservations }: Account, nowMs: number): Reservation[] {
  if (nowMs < nextDeadlineMs) return [];
  return [...reservations.values()]
    .filter(({ status, deadlineMs }) => status !== 'lapsed' && deadlineMs <= nowMs)
    .toSorted((left, right) => left.deadlineMs - right.deadlineMs || (left.sessionId < right.sessionId ? -1 : 1))
    .slice(0, MAX_DUE_EVENTS);
}

function reservationExpired(
  account: Account,
  { sessionId, amountMicros, pool, deadlineMs }: Reservation,
  nowMs: number,
): LedgerEvent {
  const freed = { ...account, reservedMicros: account.reservedMicros - amountMicros };
  const { available, balance, effectiveAt, recordedAt, tenant } = common(freed, deadlineMs, nowMs);
  const releases = { amount: decimalOf(amountMicros), pool };
  return { type: 'ReservationExpired.v1', data: { available, balance, effectiveAt, recordedAt, releases, sessionId, tenant } };
}

function lotExpired(
  account: Account,
  { lot, amountMicros }: { readonly lot: Lot; readonly amountMicros: bigint },
  effectiveAtMs: number,
  nowMs: number,
): LedgerEvent {
  const after = account.balanceMicros - amountMicros;
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, effectiveAtMs, nowMs, after);
  const amount = decimalOf(amountMicros);
  const posting = posted(amountMicros, 'tenant-credit', 'expired-credit');
  return {
    type: 'LotExpired.v1',
    data: { amount, available, balance, effectiveAt, lotId: lot.lotId, posting, recordedAt, tenant },
  };
}

function isWarningDue({ isWarned, expiresAtMs }: Lot, { terms }: Account, nowMs: number): boolean {
  return !isWarned && expiresAtMs > nowMs && expiresAtMs - terms.lotWarningDays * MS_PER_DAY <= nowMs;
}

function lotExpiryWarned(account: Account, { lotId, remainingMicros, expiresAtMs }: Lot, nowMs: number): LedgerEvent {
  const warnedAtMs = expiresAtMs - account.terms.lotWarningDays * MS_PER_DAY;
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, warnedAtMs, nowMs);
  const [amount, expiresAt] = [decimalOf(remainingMicros), new Date(expiresAtMs).toISOString()];
  return {
    type: 'LotExpiryWarned.v1',
    data: { amount, available, balance, effectiveAt, expiresAt, lotId, recordedAt, tenant },
  };
}

function periodClosed(account: Account, nowMs: number): LedgerEvent {
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, endOfMonthMs(account.period.month), nowMs);
  const { callsDebited, callsNotBillable, credited, debited, events, ...rest } = closedPeriod(account.period);
  return {
    type: 'PeriodClosed.v1',
    data: {
      available,
      balance,
      callsDebited,
      callsNotBillable,
      credited,
      debited,
      effectiveAt,
      events,
      expired: rest.expired,
      month: rest.month,
      opening: rest.opening,
      purchased: rest.purchased,
      recordedAt,
      refunded: rest.refunded,
      reversed: rest.reversed,
      tenant,
      withdrawn: rest.withdrawn,
    },
  };
}
