// Debit step for money coming in: purchases, recharges and the payments taken for them → events, nothing, or a refusal.
//
// A recharge is requested, attempted, then succeeds, fails, or is declined for now. Attempt n's number is the gateway's
// idempotency key, so it rises only after a decline that stands on the stream: an unknown outcome asks again with the same n.

import { decimalOf, minorUnitsOf } from '@tollkeeper/money';
import { purchaseContent, type Account, type RechargeState } from './account.js';
import type { AttemptPayment, PurchaseCredit, RecordPayment, RequestRecharge } from './commands.js';
import { common, posted } from './event-parts.js';
import type { LedgerEvent, PurchaseOrigin } from './events.js';
import { splitPurchase } from './lots.js';
import { refused, type LedgerRejection } from './rejections.js';

/** A lot's term (design 8.6). */
const LOT_TERM_MONTHS = 12;
/** Waits after the first, second and third decline in a row; a further one fails the recharge. */
const RETRY_AFTER_MS = [3_600_000, 21_600_000] as const;
/** Attempts of one recharge before it fails and auto-recharge waits for a person. */
export const MAX_PAYMENT_ATTEMPTS = RETRY_AFTER_MS.length + 1;

type Decided = readonly LedgerEvent[] | LedgerRejection;

export function decidePurchase(command: PurchaseCredit, account: Account, nowMs: number): Decided {
  const { purchaseId, amountMicros, origin } = command;
  const known = account.purchases.get(purchaseId);
  if (known !== undefined) {
    if (known === purchaseContent(amountMicros, origin.reference)) return [];
    return refused(
      'purchase-exists-with-different-content',
      `purchase ${purchaseId} was recorded with another amount or reference`,
    );
  }
  return payable(amountMicros, account) ?? [creditPurchased(account, purchaseId, amountMicros, origin, nowMs)];
}

export function decideRequest(command: RequestRecharge, account: Account, nowMs: number): Decided {
  const { rechargeId, amountMicros } = command;
  const known = account.recharges.get(rechargeId);
  if (known !== undefined) {
    if (known.amountMicros === amountMicros) return [];
    return refused('purchase-exists-with-different-content', `recharge ${rechargeId} was requested with another amount`);
  }
  return payable(amountMicros, account) ?? [rechargeRequested(account, { rechargeId, amountMicros, cause: 'manual', nowMs })];
}

/** Money is paid in whole minor units: 12.345 EUR cannot be. */
function payable(amountMicros: bigint, account: Account): LedgerRejection | undefined {
  const unit = 10n ** BigInt(6 - minorUnitsOf(account.currency));
  if (amountMicros > 0n && amountMicros % unit === 0n) return undefined;
  return refused(
    'amount-invalid',
    `${decimalOf(amountMicros)} ${account.currency} cannot be paid; it takes a positive amount in whole minor units`,
  );
}

export function rechargeRequested(
  account: Account,
  recharge: { rechargeId: string; amountMicros: bigint; cause: 'auto' | 'manual'; nowMs: number },
): LedgerEvent {
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, recharge.nowMs, recharge.nowMs);
  const { cause, rechargeId } = recharge;
  const amount = decimalOf(recharge.amountMicros);
  const { currency } = account;
  return {
    type: 'RechargeRequested.v1',
    data: { amount, available, balance, cause, currency, effectiveAt, rechargeId, recordedAt, tenant },
  };
}

/** No events when an attempt is out already: ask the gateway again with the same number. */
export function decideAttempt(command: AttemptPayment, account: Account, nowMs: number): Decided {
  const recharge = account.recharges.get(command.rechargeId);
  if (recharge === undefined) return unknownRecharge(account, command.rechargeId);
  if (recharge.status !== 'open') return refused('recharge-closed', `recharge ${command.rechargeId} has ${recharge.status}`);
  if (recharge.attemptStatus === 'pending') return [];
  if (recharge.attemptStatus === 'declined' && nowMs < recharge.retryAtMs) {
    return refused(
      'payment-retry-not-due',
      `recharge ${command.rechargeId} may be tried again at ${new Date(recharge.retryAtMs).toISOString()}`,
    );
  }
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const amount = decimalOf(recharge.amountMicros);
  const attempt = recharge.attempt + 1;
  const { rechargeId } = command;
  return [
    { type: 'PaymentAttempted.v1', data: { amount, attempt, available, balance, effectiveAt, rechargeId, recordedAt, tenant } },
  ];
}

/** Money taken is credited whatever the recharge has come to since: a late success after a failure still counts, once. */
export function decideRecord(command: RecordPayment, account: Account, nowMs: number): Decided {
  const { rechargeId, attempt, outcome } = command;
  const recharge = account.recharges.get(rechargeId);
  if (recharge === undefined) return unknownRecharge(account, rechargeId);
  if (attempt < 1 || attempt > recharge.attempt) {
    return refused(
      'payment-attempt-unknown',
      `recharge ${rechargeId} has ${recharge.attempt} attempts; there is no attempt ${attempt}`,
    );
  }
  if (recharge.status === 'succeeded') return alreadyPaid(command, recharge, account);
  if (outcome.paid) return paid(account, recharge, { rechargeId, attempt, paymentReference: outcome.paymentReference, nowMs });
  if (recharge.status === 'failed' || attempt < recharge.attempt || recharge.attemptStatus === 'declined') return [];
  return [declined(account, recharge, { rechargeId, attempt, code: outcome.code, retry: outcome.class !== 'hard', nowMs })];
}

function alreadyPaid({ rechargeId, outcome }: RecordPayment, recharge: RechargeState, account: Account): Decided {
  const content = outcome.paid && purchaseContent(recharge.amountMicros, outcome.paymentReference);
  if (content === account.purchases.get(rechargeId)) return [];
  const other = outcome.paid
    ? `payment ${outcome.paymentReference} is a second one: refund it at the gateway`
    : 'a decline cannot follow';
  return refused('recharge-closed', `recharge ${rechargeId} has succeeded already; ${other}`);
}

function paid(
  account: Account,
  recharge: RechargeState,
  payment: { rechargeId: string; attempt: number; paymentReference: string; nowMs: number },
): readonly LedgerEvent[] {
  const { rechargeId, attempt, paymentReference, nowMs } = payment;
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const amount = decimalOf(recharge.amountMicros);
  return [
    {
      type: 'RechargeSucceeded.v1',
      data: { amount, attempt, available, balance, effectiveAt, paymentReference, rechargeId, recordedAt, tenant },
    },
    creditPurchased(account, rechargeId, recharge.amountMicros, { kind: 'recharge', paymentReference, rechargeId }, nowMs),
  ];
}

function declined(
  account: Account,
  recharge: RechargeState,
  decline: { rechargeId: string; attempt: number; code: string; retry: boolean; nowMs: number },
): LedgerEvent {
  const { rechargeId, attempt, code, nowMs } = decline;
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const retryAfterMs = RETRY_AFTER_MS[attempt - 1];
  if (decline.retry && retryAfterMs !== undefined) {
    const retryAt = new Date(nowMs + retryAfterMs).toISOString();
    return {
      type: 'PaymentDeclined.v1',
      data: { attempt, available, balance, code, effectiveAt, rechargeId, recordedAt, retryAt, tenant },
    };
  }
  const autoRechargeSuspended = recharge.cause === 'auto';
  return {
    type: 'RechargeFailed.v1',
    data: { attempt, autoRechargeSuspended, available, balance, code, effectiveAt, rechargeId, recordedAt, tenant },
  };
}

function creditPurchased(
  account: Account,
  purchaseId: string,
  amountMicros: bigint,
  origin: PurchaseOrigin,
  nowMs: number,
): LedgerEvent {
  const { overdraftRepaidMicros, lotMicros } = splitPurchase(account.credit, amountMicros);
  const after = account.balanceMicros + amountMicros;
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs, after);
  const lot = lotMicros === 0n ? null : { amount: decimalOf(lotMicros), expiresAt: termEnd(nowMs), lotId: purchaseId };
  return {
    type: 'CreditPurchased.v1',
    data: {
      amount: decimalOf(amountMicros),
      available,
      balance,
      effectiveAt,
      lot,
      origin,
      overdraftRepaid: decimalOf(overdraftRepaidMicros),
      posting: posted(amountMicros, 'cash-clearing', 'tenant-credit'),
      purchaseId,
      recordedAt,
      tenant,
    },
  };
}

/** The same day and time twelve months on; 29 February becomes 28 February. */
export function termEnd(fromMs: number): string {
  const end = new Date(fromMs);
  const day = end.getUTCDate();
  end.setUTCMonth(end.getUTCMonth() + LOT_TERM_MONTHS);
  if (end.getUTCDate() !== day) end.setUTCDate(0);
  return end.toISOString();
}

function unknownRecharge(account: Account, rechargeId: string): LedgerRejection {
  return refused('recharge-unknown', `tenant ${account.tenant} has no recharge ${rechargeId}`);
}
