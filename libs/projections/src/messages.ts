// Publishing step: ledger events and alerts → what subscribers are told. Ids are made of tenant and revision, so that a
// message sent twice is recognised as one.

import { movementOf, type PlacedLedgerEvent } from './read-model.js';
import type { LowBalanceAlert } from './low-balance-alert.js';

/** The attributes of a CloudEvent 1.0 that are ours to say, and its data. */
export type OutgoingMessage = {
  readonly id: string;
  readonly type: string;
  /** The tenant. */
  readonly subject: string;
  readonly time: string;
  readonly data: Readonly<Record<string, string | number | null>>;
};

/** Undefined when the event leaves the balance as it was. */
export function balanceMessage(event: PlacedLedgerEvent): OutgoingMessage | undefined {
  if (event.type !== 'AccountOpened.v1' && movementOf(event) === 0n) return undefined;
  const { tenant, revision, type, data } = event;
  const { balance, available, effectiveAt, recordedAt } = data;
  const amount = 'amount' in data ? data.amount : '0';
  const cdrId = type === 'CallDebited.v1' || type === 'CallReversed.v1' ? data.cdr.id : null;
  return {
    id: `${tenant}:${revision}`,
    type: 'tollkeeper.balance.changed.v1',
    subject: tenant,
    time: recordedAt,
    data: { amount, available, balance, cause: type, cdrId, effectiveAt, revision, tenant },
  };
}

export function alertMessage(alert: LowBalanceAlert): OutgoingMessage {
  const { tenant, currency, threshold, available, revision } = alert;
  return {
    id: alert.alert_id,
    type: 'tollkeeper.alert.low-balance.v1',
    subject: tenant,
    time: alert.raised_at,
    data: { available, currency, revision, tenant, threshold },
  };
}

/** Undefined for every event but the request itself: the stream has decided, this only passes it on. */
export function rechargeCommand(event: PlacedLedgerEvent): OutgoingMessage | undefined {
  if (event.type !== 'RechargeRequested.v1') return undefined;
  const { tenant, revision } = event;
  const { amount, cause, currency, rechargeId, recordedAt } = event.data;
  return {
    id: `${tenant}:${revision}`,
    type: 'tollkeeper.recharge.requested.v1',
    subject: tenant,
    time: recordedAt,
    data: { amount, cause, currency, rechargeId, revision, tenant },
  };
}
