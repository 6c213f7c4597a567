// Debit step's fold: an account and one more event → the account after it, checked against what the event says of itself.

import { microsOf } from '@tollkeeper/money';
import {
  availableOf,
  knownKeyOf,
  MS_PER_DAY,
  MS_PER_HOUR,
  type Account,
  type Hour,
  type PurchaseState,
  type RechargeState,
} from './account.js';
import { creditAfter } from './credit-after.js';
import { TENANT_POLICY, withAssignment, withPolicy } from './entitlements.js';
import type { CallDebited, CallNotBillable } from './call-facts.js';
import type { LedgerEvent } from './events.js';
import type { CreditPurchased, RechargePolicy } from './money-facts.js';
import { balanceOf, forgetEmptied } from './lots.js';
import { countedIn } from './period.js';
import { changePool } from './pools.js';
import { applyReservation, isReservationEvent, released, withoutForgotten } from './reservation-events.js';

/**
 * The account after one more event.
 * @throws Error when the event does not fit what came before it: the stream cannot be folded and its tenant is set aside.
 */
export function evolve(account: Account, event: LedgerEvent): Account {
  const next = evolveState(account, event);
  const key = knownKeyOf(event);
  if (key !== undefined)
    next.knownCalls.remember(key, { fingerprint: fingerprintIn(event), revision: next.revision }, next.lastRecordedAtMs);
  return next;
}

function fingerprintIn({ data }: LedgerEvent): string {
  return 'cdr' in data ? (data as CallDebited | CallNotBillable).cdr.fingerprint : (data as { fingerprint: string }).fingerprint;
}

/** As `evolve`, without taking note of the call: what `decide` looks ahead with. */
export function evolveState(account: Account, event: LedgerEvent): Account {
  const recordedAtMs = Date.parse(event.data.recordedAt);
  if (recordedAtMs < account.lastRecordedAtMs) throw misfit(account, event, 'recordedAt falls behind its predecessor');
  if (event.type !== 'AccountOpened.v1' && !account.open) throw misfit(account, event, 'the account was never opened');
  const changed = withoutForgotten(applied(account, event, recordedAtMs), recordedAtMs);
  const next: Account = {
    ...changed,
    credit: forgetEmptied(changed.credit, recordedAtMs),
    revision: account.revision + 1,
    lastRecordedAtMs: recordedAtMs,
    windowFloorMs: Math.max(account.windowFloorMs, recordedAtMs - changed.intakeWindowMs),
    period: countedIn(account.period, event, account.balanceMicros),
  };
  if (next.balanceMicros !== microsOf(event.data.balance)) {
    throw misfit(
      account,
      event,
      `the balance after should be ${next.balanceMicros} micro-units, the event says ${event.data.balance}`,
    );
  }
  if (availableOf(next) !== microsOf(event.data.available)) throw misfit(account, event, 'the available balance does not follow');
  return next;
}

function applied(account: Account, event: LedgerEvent, recordedAtMs: number): Account {
  try {
    const credit = creditAfter(account.credit, event);
    const moved = credit === account.credit ? account : { ...account, credit, balanceMicros: balanceOf(credit) };
    return isReservationEvent(event) ? applyReservation(moved, event) : apply(moved, event, recordedAtMs);
  } catch (error) {
    if (error instanceof RangeError) throw misfit(account, event, error.message);
    throw error;
  }
}

/** What an event changes beside the credit. */
function apply(account: Account, event: LedgerEvent, recordedAtMs: number): Account {
  switch (event.type) {
    case 'AccountOpened.v1': {
      if (account.open) throw misfit(account, event, 'the account is open already');
      const { currency, plan, intakeWindowDays } = event.data;
      const plans = [{ fromMs: Number.MIN_SAFE_INTEGER, plan }];
      return { ...account, open: true, currency, plans, intakeWindowMs: intakeWindowDays * MS_PER_DAY };
    }
    case 'CallDebited.v1':
      return applyDebit(account, event.data, recordedAtMs);
    case 'CallReversed.v1': {
      const { pool } = event.data;
      return pool ? { ...account, pools: changePool(account.pools, pool, { usedMs: -pool.usedMs }) } : account;
    }
    case 'CreditPurchased.v1':
      return applyPurchase(account, event.data);
    case 'PurchaseRefunded.v1': {
      const { purchaseId, refundId, amount, cause } = event.data;
      const purchase = account.purchases.get(purchaseId);
      if (purchase === undefined) throw misfit(account, event, `purchase ${purchaseId} was never made`);
      const refunded = { ...purchase, refundedMicros: purchase.refundedMicros + microsOf(amount) };
      return withAdjustment(withPurchase(account, purchaseId, refunded), refundId, `${cause} ${purchaseId} ${microsOf(amount)}`);
    }
    case 'CreditAdjusted.v1': {
      const { adjustmentId, direction, amount } = event.data;
      return withAdjustment(account, adjustmentId, `${direction} ${microsOf(amount)}`);
    }
    case 'BurstDetected.v1':
      return { ...account, hour: { ...hourAt(account.hour, recordedAtMs), isAlarmed: true } };
    default:
      return applySetting(account, event);
  }
}

function applySetting(account: Account, event: LedgerEvent): Account {
  switch (event.type) {
    case 'PlanChanged.v1': {
      const { plan, from } = event.data;
      const fromMs = Date.parse(from);
      const plans = [...account.plans.filter((other) => other.fromMs !== fromMs), { fromMs, plan }];
      return { ...account, plans: plans.toSorted((left, right) => left.fromMs - right.fromMs) };
    }
    case 'TermsSet.v1':
      return { ...account, terms: event.data.terms };
    case 'LicencesAssigned.v1': {
      const { user, country, licences, from } = event.data;
      const assignment = { fromMs: Date.parse(from), country, licences };
      return { ...account, entitlements: withAssignment(account.entitlements, user, assignment) };
    }
    case 'DialOutPolicySet.v1': {
      const { user, policy, from } = event.data;
      const policyFrom = { fromMs: Date.parse(from), policy };
      return { ...account, entitlements: withPolicy(account.entitlements, user ?? TENANT_POLICY, policyFrom) };
    }
    case 'RecipientsSet.v1':
      return { ...account, sealedRecipients: event.data.sealedRecipients };
    case 'AlertThresholdSet.v1':
      return { ...account, alertThresholdMicros: event.data.threshold === null ? null : microsOf(event.data.threshold) };
    case 'AutoRechargeSet.v1': {
      const { policy } = event.data;
      return { ...account, autoRecharge: policy && policyOf(policy), ...RESUMED };
    }
    case 'AutoRechargeResumed.v1':
      return { ...account, ...RESUMED };
    default:
      return applyPayment(account, event);
  }
}

const RESUMED = { autoRechargeSuspended: false, failuresInRow: 0, rechargeFromMs: 0 } as const;

function policyOf({ amount, trigger, target = null, maxPerHour = null, maxPerMonth = null }: RechargePolicy) {
  const micros = (text: string | null) => (text === null ? null : microsOf(text));
  return {
    triggerMicros: microsOf(trigger),
    amountMicros: microsOf(amount),
    targetMicros: micros(target),
    maxPerHourMicros: micros(maxPerHour),
    maxPerMonthMicros: micros(maxPerMonth),
  };
}

const NEW_RECHARGE = { status: 'open', attempt: 0, attemptStatus: 'none', attemptedAtMs: 0, retryAtMs: 0 } as const;
/** From a failed recharge to the next one that is asked for (design 8.5): the longest of the back-offs. */
const AFTER_FAILURE_MS = 24 * MS_PER_HOUR;

function applyPayment(account: Account, event: LedgerEvent): Account {
  const recordedAtMs = Date.parse(event.data.recordedAt);
  switch (event.type) {
    case 'RechargeRequested.v1': {
      const { rechargeId, amount, cause } = event.data;
      const recharge = { ...NEW_RECHARGE, cause, amountMicros: microsOf(amount), requestedAtMs: recordedAtMs };
      return withRecharge(account, rechargeId, recharge);
    }
    case 'PaymentAttempted.v1': {
      const attempt = { attempt: event.data.attempt, attemptStatus: 'pending', attemptedAtMs: recordedAtMs } as const;
      return changeRecharge(account, event, attempt);
    }
    case 'PaymentDeclined.v1':
      return changeRecharge(account, event, { attemptStatus: 'declined', retryAtMs: Date.parse(event.data.retryAt) });
    case 'RechargeSucceeded.v1':
      return succeeded(changeRecharge(account, event, { status: 'succeeded' }), event.data.rechargeId);
    case 'RechargeFailed.v1': {
      const failed = changeRecharge(account, event, { status: 'failed', attemptStatus: 'declined' });
      if (failed.recharges.get(event.data.rechargeId)?.cause !== 'auto') return failed;
      return {
        ...failed,
        autoRechargeSuspended: account.autoRechargeSuspended || event.data.autoRechargeSuspended,
        failuresInRow: account.failuresInRow + 1,
        rechargeFromMs: recordedAtMs + AFTER_FAILURE_MS,
      };
    }
    default:
      return account;
  }
}

/** What somebody buys by hand says nothing of the card that auto-recharge uses. */
function succeeded(account: Account, rechargeId: string): Account {
  const isAuto = account.recharges.get(rechargeId)?.cause === 'auto';
  return isAuto ? { ...account, failuresInRow: 0, rechargeFromMs: 0 } : account;
}

function applyDebit(account: Account, data: CallDebited, recordedAtMs: number): Account {
  const { pool, releases, cdr } = data;
  const free = releases && cdr.sessionId !== null ? released(account, cdr.sessionId, releases) : account;
  const hour = hourAt(account.hour, recordedAtMs);
  return {
    ...free,
    pools: pool ? changePool(free.pools, pool, { usedMs: pool.usedMs }) : free.pools,
    // A call debited again is not spent again: rerating a month is no burst.
    hour: data.replaces === null ? { ...hour, spentMicros: hour.spentMicros + microsOf(data.amount) } : hour,
  };
}

/** That of the instant: spending begins anew with each clock hour. */
export function hourAt(hour: Hour, atMs: number): Hour {
  const hourMs = atMs - (atMs % MS_PER_HOUR);
  return hour.hourMs === hourMs ? hour : { hourMs, spentMicros: 0n, isAlarmed: false };
}

function applyPurchase(account: Account, data: CreditPurchased): Account {
  const reference = data.origin.kind === 'invoice' ? data.origin.reference : data.origin.paymentReference;
  return withPurchase(account, data.purchaseId, { amountMicros: microsOf(data.amount), reference, refundedMicros: 0n });
}

function withPurchase(account: Account, purchaseId: string, purchase: PurchaseState): Account {
  return { ...account, purchases: new Map(account.purchases).set(purchaseId, purchase) };
}

function withAdjustment(account: Account, id: string, content: string): Account {
  return { ...account, adjustments: new Map(account.adjustments).set(id, content) };
}

function withRecharge(account: Account, rechargeId: string, recharge: RechargeState): Account {
  return { ...account, recharges: new Map(account.recharges).set(rechargeId, recharge) };
}

function changeRecharge(
  account: Account,
  event: LedgerEvent & { readonly data: { readonly rechargeId: string } },
  change: Partial<RechargeState>,
): Account {
  const recharge = account.recharges.get(event.data.rechargeId);
  if (recharge === undefined) throw misfit(account, event, `recharge ${event.data.rechargeId} was never requested`);
  return withRecharge(account, event.data.rechargeId, { ...recharge, ...change });
}

function misfit(account: Account, event: LedgerEvent, why: string): Error {
  return new Error(`credit-${account.tenant}: ${event.type} after revision ${account.revision} does not fit: ${why}`);
}
