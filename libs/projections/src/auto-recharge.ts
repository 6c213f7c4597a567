// Recharge step: ledger events → one row per recharge, from the request that stands on the stream to its outcome.

import type { PlacedLedgerEvent, ReadModel } from './read-model.js';

export type RechargeRow = {
  readonly recharge_id: string;
  readonly tenant: string;
  readonly cause: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: 'open' | 'succeeded' | 'failed';
  readonly attempts: number;
  /** The gateway's or our code of the last decline. */
  readonly last_code: string | null;
  readonly retry_at: string | null;
  readonly payment_reference: string | null;
  readonly requested_at: string;
  readonly requested_revision: number;
  readonly revision: number;
};

export const recharge: ReadModel<RechargeRow> = {
  name: 'auto-recharge',
  keyOf: (event) => ('rechargeId' in event.data ? event.data.rechargeId : undefined),
  fold(row, event) {
    if (event.type === 'RechargeRequested.v1') return requested(event, event.data);
    if (row === undefined)
      throw new Error(`recharge of ${event.tenant}: ${event.type} at revision ${event.revision} before its request`);
    return { ...row, ...changes(event), revision: event.revision };
  },
};

function requested(
  event: PlacedLedgerEvent,
  data: Extract<PlacedLedgerEvent, { type: 'RechargeRequested.v1' }>['data'],
): RechargeRow {
  return {
    recharge_id: data.rechargeId,
    tenant: event.tenant,
    cause: data.cause,
    amount: data.amount,
    currency: data.currency,
    status: 'open',
    attempts: 0,
    last_code: null,
    retry_at: null,
    payment_reference: null,
    requested_at: data.recordedAt,
    requested_revision: event.revision,
    revision: event.revision,
  };
}

function changes(event: PlacedLedgerEvent): Partial<RechargeRow> {
  switch (event.type) {
    case 'PaymentAttempted.v1':
      return { attempts: event.data.attempt, retry_at: null };
    case 'PaymentDeclined.v1':
      return { last_code: event.data.code, retry_at: event.data.retryAt };
    case 'RechargeSucceeded.v1':
      return { status: 'succeeded', payment_reference: event.data.paymentReference, retry_at: null };
    case 'RechargeFailed.v1':
      return { status: 'failed', last_code: event.data.code, retry_at: null };
    default:
      return {};
  }
}
