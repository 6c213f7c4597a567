// Reservation step's fold: what the events of a call in progress do to the holds on credit and on included minutes.

import { microsOf } from '@tollkeeper/money';
import type { Account } from './account.js';
import type { LedgerEvent } from './events.js';
import type { PoolHold, Release } from './fact.js';
import type { ReservationExpired, ReservationMade } from './reservation-facts.js';
import { changePool } from './pools.js';
import type { Reservation } from './reservation.js';

export type ReservationEvent = Extract<
  LedgerEvent,
  { type: 'ReservationMade.v1' | 'ReservationExtended.v1' | 'ReservationTerminated.v1' | 'ReservationExpired.v1' }
>;

export function isReservationEvent(event: LedgerEvent): event is ReservationEvent {
  return event.type.startsWith('Reservation');
}

/** @throws RangeError when the session is not one that is held, or the holds do not add up. */
export function applyReservation(account: Account, event: ReservationEvent): Account {
  switch (event.type) {
    case 'ReservationMade.v1':
      return withHold(account, undefined, madeBy(event.data));
    case 'ReservationExtended.v1': {
      const before = heldSession(account, event.data.sessionId);
      const { amount, pool, grantedSeconds, usedSeconds, isFinal, validUntil } = event.data;
      const hold = { amountMicros: microsOf(amount), pool, deadlineMs: Date.parse(validUntil) };
      return withHold(account, before, { ...before, ...hold, grantedSeconds, usedSeconds, isFinal });
    }
    case 'ReservationTerminated.v1': {
      const before = heldSession(account, event.data.sessionId);
      const { amount, pool, usedSeconds, settleBy } = event.data;
      const hold = { amountMicros: microsOf(amount), pool, deadlineMs: Date.parse(settleBy) };
      return withHold(account, before, { ...before, ...hold, status: 'terminated', usedSeconds });
    }
    case 'ReservationExpired.v1':
      return lapsed(account, event.data);
  }
}

function madeBy(data: ReservationMade): Reservation {
  return {
    sessionId: data.sessionId,
    fingerprint: data.fingerprint,
    status: 'open',
    amountMicros: microsOf(data.amount),
    pool: data.pool,
    coverage: data.coverage,
    creditRefusal: data.creditRefusal,
    category: data.category,
    presumedAnswerMs: Date.parse(data.presumedAnswer),
    grantedSeconds: data.grantedSeconds,
    usedSeconds: 0,
    isFinal: data.isFinal,
    timeline: data.timeline,
    ratedSeconds: data.ratedSeconds ?? Infinity,
    deadlineMs: Date.parse(data.validUntil),
  };
}

/**
 * One whose call had ended is done with; the other is remembered for as long as its CDR could be settled, so that a CDR which comes
 * late is known to be of a call that was allowed.
 */
function lapsed(account: Account, { sessionId, releases, recordedAt }: ReservationExpired): Account {
  const before = heldSession(account, sessionId);
  const free = released(account, sessionId, releases);
  if (before.status === 'terminated') return free;
  const deadlineMs = Date.parse(recordedAt) + account.terms.settleTimeoutSeconds * 1000;
  return withHold(free, undefined, { ...before, status: 'lapsed', amountMicros: 0n, pool: null, deadlineMs });
}

/** The session's hold is free, and the session forgotten. @throws RangeError when it held something else. */
export function released(account: Account, sessionId: string, releases: Release): Account {
  const before = account.reservations.get(sessionId);
  if (
    before === undefined ||
    before.amountMicros !== microsOf(releases.amount) ||
    before.pool?.heldMs !== releases.pool?.heldMs
  ) {
    throw new RangeError(`session ${sessionId} holds ${before?.amountMicros ?? 'nothing'}, not ${releases.amount}`);
  }
  return {
    ...account,
    reservations: account.reservations.without(sessionId),
    reservedMicros: account.reservedMicros - before.amountMicros,
    pools: holdChanged(account, before.pool, null),
  };
}

/** Lapsed sessions are forgotten in their time, and the account knows anew when the next hold runs out. */
export function withoutForgotten(account: Account, nowMs: number): Account {
  if (nowMs < account.nextDeadlineMs) return account;
  let { reservations } = account;
  let nextDeadlineMs = Infinity;
  for (const { sessionId, status, deadlineMs } of account.reservations.values()) {
    if (status === 'lapsed' && deadlineMs <= nowMs) reservations = reservations.without(sessionId);
    else nextDeadlineMs = Math.min(nextDeadlineMs, deadlineMs);
  }
  return { ...account, reservations, nextDeadlineMs };
}

function heldSession(account: Account, sessionId: string): Reservation {
  const reservation = account.reservations.get(sessionId);
  if (reservation === undefined || reservation.status === 'lapsed') throw new RangeError(`session ${sessionId} is not held`);
  return reservation;
}

function withHold(account: Account, before: Reservation | undefined, after: Reservation): Account {
  return {
    ...account,
    reservations: account.reservations.with(after.sessionId, after),
    nextDeadlineMs: Math.min(account.nextDeadlineMs, after.deadlineMs),
    reservedMicros: account.reservedMicros - (before?.amountMicros ?? 0n) + after.amountMicros,
    pools: holdChanged(account, before?.pool ?? null, after.pool),
  };
}

function holdChanged({ pools }: Account, before: PoolHold | null, after: PoolHold | null): Account['pools'] {
  const without = before === null ? pools : changePool(pools, before, { heldMs: -before.heldMs });
  return after === null ? without : changePool(without, after, { heldMs: after.heldMs });
}
