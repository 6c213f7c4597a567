// Publishing step: ledger events and alerts → what subscribers are told. Ids are made of tenant and revision, so that a
// message sent twice is recognised as one.

import { movementOf, type PlacedLedgerEvent } from './read-model.js';
import type { LowBalanceAlert } from './low-balance-alert.js';
import { NOTICE_KINDS, type Notice, type NoticeKind } from './notices.js';

/** The attributes of a CloudEvent 1.0 that are ours to say, and its data. */
export type OutgoingMessage = {
  readonly id: string;
  readonly type: string;
  /** The tenant. */
  readonly subject: string;
  readonly time: string;
  readonly data: Readonly<Record<string, string | number | null>>;
};

const BALANCE_TYPE = 'tollkeeper.balance.changed.v1';
const ALERT_TYPE = 'tollkeeper.alert.low-balance.v1';

/** Everything that subscribers to webhooks can be told of. */
export const MESSAGE_TYPES: readonly string[] = [BALANCE_TYPE, ...NOTICE_KINDS.map(typeOf)];

function typeOf(kind: NoticeKind): string {
  return kind === 'low-balance' ? ALERT_TYPE : `tollkeeper.notice.${kind}.v1`;
}

/** Undefined when the event leaves the balance as it was. */
export function balanceMessage(event: PlacedLedgerEvent): OutgoingMessage | undefined {
  if (event.type !== 'AccountOpened.v1' && movementOf(event) === 0n) return undefined;
  const { tenant, revision, type, data } = event;
  const { balance, available, effectiveAt, recordedAt } = data;
  const amount = 'amount' in data ? data.amount : '0';
  const cdrId = type === 'CallDebited.v1' || type === 'CallReversed.v1' ? data.cdr.id : null;
  return {
    id: `${tenant}:${revision}`,
    type: BALANCE_TYPE,
    subject: tenant,
    time: recordedAt,
    data: { amount, available, balance, cause: type, cdrId, effectiveAt, revision, tenant },
  };
}

export function alertMessage(alert: LowBalanceAlert): OutgoingMessage {
  const { tenant, currency, threshold, available, revision } = alert;
  return {
    id: alert.alert_id,
    type: ALERT_TYPE,
    subject: tenant,
    time: alert.raised_at,
    data: { available, currency, revision, tenant, threshold },
  };
}

/** A low balance says the same here as in its alert on the bus. */
export function noticeMessage({ noticeId, tenant, kind, currency, facts, revision, raisedAt }: Notice): OutgoingMessage {
  return { id: noticeId, type: typeOf(kind), subject: tenant, time: raisedAt, data: { ...facts, currency, revision, tenant } };
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
