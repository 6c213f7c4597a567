// Debit step for money coming in: purchases, recharges and the payments taken for them → events, nothing, or a refusal.
//
// A recharge is requested, attempted, then succeeds, fails, or is declined for now. Attempt n's number is the gateway's
// idempotency key, so it rises only after a decline that stands on the stream: an unknown outcome asks again with the same n.

import { decimalOf, minorUnitMicros } from '@tollkeeper/money';
import { MS_PER_HOUR, type Account, type RechargeState } from './account.js';
import type { AttemptPayment, DeclineClass, PurchaseCredit, RecordPayment, RequestRecharge } from './commands.js';
import { creditsAreSoldIn, regionOf } from './countries.js';
import { common, posted } from './event-parts.js';
import type { LedgerEvent } from './events.js';
import type { OpenedLot } from './fact.js';
import type { PurchaseOrigin } from './money-facts.js';
import { splitPurchase } from './lots.js';
import { refused, type LedgerRejection, type LedgerRejectionCode } from './rejections.js';

/** Waits after the first, second and third decline of an automatic recharge; a fourth fails it. */
const RETRY_AFTER_MS = [MS_PER_HOUR, 6 * MS_PER_HOUR, 24 * MS_PER_HOUR] as const;
/** Attempts of one recharge before it fails. */
export const MAX_PAYMENT_ATTEMPTS = RETRY_AFTER_MS.length + 1;
/** How long the card's holder has for the authentication that the mail asks for. */
const AUTHENTICATION_WITHIN_MS = 24 * MS_PER_HOUR;
/** Failed recharges in a row after which auto-recharge waits for a person. */
export const MAX_FAILURES_IN_ROW = 3;

type Decided = readonly LedgerEvent[] | LedgerRejection;

export function decidePurchase(command: PurchaseCredit, account: Account, nowMs: number): Decided {
  const { purchaseId, amountMicros, origin } = command;
  const known = account.purchases.get(purchaseId);
  if (known !== undefined) {
    if (known.amountMicros === amountMicros && known.reference === origin.reference) return [];
    return refused(
      'purchase-exists-with-different-content',
      `purchase ${purchaseId} was recorded with another amount or reference`,
    );
  }
  if (opensAnotherLot(purchaseId, account)) return takenId('purchase-exists-with-different-content', purchaseId);
  const refusal = payable(amountMicros, account) ?? sellable(command, account) ?? agreed(origin, account);
  return refusal ?? [creditPurchased(account, purchaseId, amountMicros, origin, nowMs)];
}

export function decideRequest(command: RequestRecharge, account: Account, nowMs: number): Decided {
  const { rechargeId, amountMicros } = command;
  const known = account.recharges.get(rechargeId);
  if (known !== undefined) {
    if (known.amountMicros === amountMicros) return [];
    return refused('purchase-exists-with-different-content', `recharge ${rechargeId} was requested with another amount`);
  }
  if (opensAnotherLot(rechargeId, account)) return takenId('purchase-exists-with-different-content', rechargeId);
  const refusal = payable(amountMicros, account) ?? sellable(command, account);
  return refusal ?? [rechargeRequested(account, { rechargeId, amountMicros, cause: 'manual', nowMs })];
}

/** A lot has the id of what brought it: a purchase, a recharge, a credit by hand. One id for two of them would make two lots one. */
export function opensAnotherLot(id: string, { purchases, recharges, adjustments }: Account): boolean {
  return purchases.has(id) || recharges.has(id) || adjustments.get(id)?.startsWith('credit ') === true;
}

export function takenId(code: LedgerRejectionCode, id: string): LedgerRejection {
  return refused(code, `${id} is the id of another purchase, recharge or credit; a new one needs a new id`);
}

/** Credits are sold in most countries (design 8.9), and in each currency from an amount on. */
export function sellable(
  { amountMicros, minimumMicros = 0n }: { readonly amountMicros: bigint; readonly minimumMicros?: bigint },
  { terms, currency, tenant }: Account,
): LedgerRejection | undefined {
  const { country } = terms;
  if (country !== null && !creditsAreSoldIn(country)) {
    return refused('credits-not-sold', `${tenant} is in ${country}, where Communications Credits are not sold`);
  }
  if (amountMicros >= minimumMicros) return undefined;
  return refused('amount-below-minimum', `the least that is sold is ${decimalOf(minimumMicros)} ${currency}`);
}

/** Under an Enterprise Agreement the billing address lies in the organisation's region. */
function agreed(origin: PurchaseCredit['origin'], { terms }: Account): LedgerRejection | undefined {
  const { enterpriseAgreement = null } = origin;
  if (enterpriseAgreement === null) return undefined;
  if (terms.enterpriseAgreement !== enterpriseAgreement) {
    const known = terms.enterpriseAgreement === null ? 'has none' : `has ${terms.enterpriseAgreement}`;
    return refused('enterprise-agreement-mismatch', `the purchase names agreement ${enterpriseAgreement}, the account ${known}`);
  }
  const { country, billingCountry } = terms;
  if (country !== null && billingCountry !== null && regionOf(country) === regionOf(billingCountry)) return undefined;
  const reason = `the billing address (${billingCountry ?? 'unknown'}) must lie in the region of the organisation (${country ?? 'unknown'})`;
  return refused('billing-address-elsewhere', reason);
}

/** Money is paid in whole minor units: 12.345 EUR cannot be. */
export function payable(amountMicros: bigint, account: Account): LedgerRejection | undefined {
  if (amountMicros > 0n && amountMicros % minorUnitMicros(account.currency) === 0n) return undefined;
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
  if (recharge.status === 'succeeded') return alreadyPaid(command, account);
  if (outcome.paid) return paid(account, recharge, { rechargeId, attempt, paymentReference: outcome.paymentReference, nowMs });
  if (recharge.status === 'failed' || attempt < recharge.attempt || recharge.attemptStatus === 'declined') return [];
  return [declined(account, recharge, { rechargeId, attempt, code: outcome.code, class: outcome.class, nowMs })];
}

function alreadyPaid({ rechargeId, outcome }: RecordPayment, account: Account): Decided {
  if (outcome.paid && outcome.paymentReference === account.purchases.get(rechargeId)?.reference) return [];
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
  decline: { rechargeId: string; attempt: number; code: string; class: DeclineClass; nowMs: number },
): LedgerEvent {
  const { rechargeId, attempt, code, nowMs } = decline;
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const retryAfterMs = retryAfterMsOf(recharge, attempt, decline.class);
  if (retryAfterMs !== undefined) {
    const retryAt = new Date(nowMs + retryAfterMs).toISOString();
    return {
      type: 'PaymentDeclined.v1',
      data: { attempt, available, balance, code, effectiveAt, rechargeId, recordedAt, retryAt, tenant },
    };
  }
  const isLast = decline.class === 'hard' || account.failuresInRow + 1 >= MAX_FAILURES_IN_ROW;
  const autoRechargeSuspended = recharge.cause === 'auto' && isLast;
  return {
    type: 'RechargeFailed.v1',
    data: { attempt, autoRechargeSuspended, available, balance, code, effectiveAt, rechargeId, recordedAt, tenant },
  };
}

/**
 * Undefined when there is no further attempt. Who buys by hand is there to choose another card, so only what asks for the holder
 * waits.
 */
function retryAfterMsOf({ cause }: RechargeState, attempt: number, declineClass: DeclineClass): number | undefined {
  if (declineClass === 'hard' || attempt >= MAX_PAYMENT_ATTEMPTS) return undefined;
  if (declineClass === 'authentication') return AUTHENTICATION_WITHIN_MS;
  return cause === 'auto' ? RETRY_AFTER_MS[attempt - 1] : undefined;
}

function creditPurchased(
  account: Account,
  purchaseId: string,
  amountMicros: bigint,
  origin: PurchaseOrigin,
  nowMs: number,
): LedgerEvent {
  const { overdraftRepaid, lot } = creditedParts(account, purchaseId, amountMicros, nowMs);
  const after = account.balanceMicros + amountMicros;
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs, after);
  return {
    type: 'CreditPurchased.v1',
    data: {
      amount: decimalOf(amountMicros),
      available,
      balance,
      effectiveAt,
      lot,
      origin,
      overdraftRepaid,
      posting: posted(amountMicros, 'cash-clearing', 'tenant-credit'),
      purchaseId,
      recordedAt,
      tenant,
    },
  };
}

/** Credit repays overdraft first; what remains is a lot. */
export function creditedParts(
  { credit, terms }: Account,
  lotId: string,
  amountMicros: bigint,
  nowMs: number,
): { readonly overdraftRepaid: string; readonly lot: OpenedLot | null } {
  const { overdraftRepaidMicros, lotMicros } = splitPurchase(credit, amountMicros);
  const expiresAt = termEnd(nowMs, terms.lotTermMonths);
  const lot = lotMicros === 0n ? null : { amount: decimalOf(lotMicros), expiresAt, lotId };
  return { overdraftRepaid: decimalOf(overdraftRepaidMicros), lot };
}

/** The same day and time so many months on; 29 February becomes 28 February. */
export function termEnd(fromMs: number, months: number): string {
  const end = new Date(fromMs);
  const day = end.getUTCDate();
  end.setUTCMonth(end.getUTCMonth() + months);
  if (end.getUTCDate() !== day) end.setUTCDate(0);
  return end.toISOString();
}

function unknownRecharge(account: Account, rechargeId: string): LedgerRejection {
  return refused('recharge-unknown', `tenant ${account.tenant} has no recharge ${rechargeId}`);
}
