// Debit step's heart: command + account → events to append, or a coded refusal. Plain data in, plain data out, no clock.
//
// The same command twice gives nothing the second time; the same id with other content is refused. Every answer that holds
// events begins with what had fallen due before, and ends with a recharge request when credit is below the trigger, so
// that a replay never has to decide either again.

import { decimalOf } from '@tollkeeper/money';
import {
  availableOf,
  evolveState,
  hasOpenAutoRecharge,
  MS_PER_DAY,
  pendingRechargeMicros,
  planAt,
  type Account,
} from './account.js';
import type { ChangePlan, LedgerCommand, OpenAccount, SetAlertThreshold, SetAutoRecharge } from './commands.js';
import { callDebited, callNotBillable, effectiveAtMs, judgeCharge, judgeIntake } from './debit-call.js';
import { common, posted } from './event-parts.js';
import type { LedgerEvent } from './events.js';
import { decideAttempt, decidePurchase, decideRecord, decideRequest, rechargeRequested } from './funding.js';
import { decideRerate } from './rerate.js';

import { isLedgerRejection, refused, type LedgerRejection } from './rejections.js';

/** Events to append in this order, none when there is nothing to do, or the refusal. */
export function decide(command: LedgerCommand, account: Account): readonly LedgerEvent[] | LedgerRejection {
  const nowMs = Math.max(command.nowMs, account.lastRecordedAtMs);
  if (command.kind === 'open-account') return decideOpen(command, account, nowMs);
  if (!account.open) return refused('account-not-open', `tenant ${account.tenant} has no account; open one first`);
  const due = dueEvents(account, nowMs);
  const before = due.reduce(evolveState, account);
  const decided = decideOne(command, before, nowMs);
  if (isLedgerRejection(decided)) return decided;
  if (decided.length === 0 && command.kind !== 'expire-due') return [];
  const after = decided.reduce(evolveState, before);
  return [...due, ...decided, ...dueRecharge(after, nowMs)];
}

function decideOne(
  command: Exclude<LedgerCommand, OpenAccount>,
  account: Account,
  nowMs: number,
): readonly LedgerEvent[] | LedgerRejection {
  switch (command.kind) {
    case 'debit-call': {
      const verdict = judgeIntake(command, account, nowMs);
      if (verdict !== undefined) return verdict === 'duplicate' ? [] : verdict;
      return judgeCharge(command.charge, account, effectiveAtMs(command)) ?? [callDebited(command, account, nowMs)];
    }
    case 'rerate-call':
      return decideRerate(command, account, nowMs);
    case 'change-plan':
      return decidePlan(command, account, nowMs);
    case 'record-call-not-billable': {
      const verdict = judgeIntake(command, account, nowMs);
      if (verdict !== undefined) return verdict === 'duplicate' ? [] : verdict;
      return [callNotBillable(command, account, nowMs)];
    }
    case 'purchase-credit':
      return decidePurchase(command, account, nowMs);
    case 'request-recharge':
      return decideRequest(command, account, nowMs);
    case 'set-alert-threshold':
      return decideThreshold(command, account, nowMs);
    case 'set-auto-recharge':
      return decideAutoRecharge(command, account, nowMs);
    case 'attempt-payment':
      return decideAttempt(command, account, nowMs);
    case 'record-payment':
      return decideRecord(command, account, nowMs);
    case 'expire-due':
      return [];
  }
}

function decideOpen(command: OpenAccount, account: Account, nowMs: number): readonly LedgerEvent[] | LedgerRejection {
  const { currency, plan, intakeWindowDays } = command;
  if (account.open) {
    const same =
      account.currency === currency &&
      account.plans[0]?.plan === plan &&
      account.intakeWindowMs === intakeWindowDays * MS_PER_DAY;
    if (same) return [];
    const reason = `tenant ${account.tenant} is open in ${account.currency} on plan ${account.plans[0]?.plan}; that cannot be changed by opening it again`;
    return refused('account-exists-with-different-content', reason);
  }
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  return [
    { type: 'AccountOpened.v1', data: { available, balance, currency, effectiveAt, intakeWindowDays, plan, recordedAt, tenant } },
  ];
}

function decidePlan({ plan, fromMs }: ChangePlan, account: Account, nowMs: number): readonly LedgerEvent[] {
  const known = account.plans.find((other) => other.fromMs === fromMs);
  if (known?.plan === plan || (known === undefined && planAt(account, fromMs) === plan)) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const from = new Date(fromMs).toISOString();
  return [{ type: 'PlanChanged.v1', data: { available, balance, effectiveAt, from, plan, recordedAt, tenant } }];
}

/** What has fallen due by now, each at its own instant: lots whose term is over, soonest first. */
function dueEvents(account: Account, nowMs: number): readonly LedgerEvent[] {
  const events: LedgerEvent[] = [];
  let balanceMicros = account.balanceMicros;
  for (const lot of account.credit.lots) {
    if (lot.expiresAtMs > nowMs) break;
    balanceMicros -= lot.remainingMicros;
    const { available, balance, effectiveAt, recordedAt, tenant } = common(account, lot.expiresAtMs, nowMs, balanceMicros);
    const amount = decimalOf(lot.remainingMicros);
    const posting = posted(lot.remainingMicros, 'tenant-credit', 'expired-credit');
    events.push({
      type: 'LotExpired.v1',
      data: { amount, available, balance, effectiveAt, lotId: lot.lotId, posting, recordedAt, tenant },
    });
  }
  return events;
}

/** A level, not an edge: available and pending below the trigger, with none open, means a request. */
function dueRecharge(account: Account, nowMs: number): readonly LedgerEvent[] {
  const policy = account.autoRecharge;
  if (policy === null || account.autoRechargeSuspended) return [];
  if (availableOf(account) + pendingRechargeMicros(account) >= policy.triggerMicros) return [];
  if (hasOpenAutoRecharge(account)) return [];
  // Made of the place it will stand at, the id is unique and a decision made twice is the same decision.
  const rechargeId = `${account.tenant}.${account.revision + 1}`;
  return [rechargeRequested(account, { rechargeId, amountMicros: policy.amountMicros, cause: 'auto', nowMs })];
}

function decideThreshold(command: SetAlertThreshold, account: Account, nowMs: number): readonly LedgerEvent[] | LedgerRejection {
  const { thresholdMicros } = command;
  if (thresholdMicros !== null && thresholdMicros < 0n) return refused('amount-invalid', 'an alert threshold is 0 or more');
  if (thresholdMicros === account.alertThresholdMicros) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const threshold = thresholdMicros === null ? null : decimalOf(thresholdMicros);
  return [{ type: 'AlertThresholdSet.v1', data: { available, balance, effectiveAt, recordedAt, tenant, threshold } }];
}

function decideAutoRecharge(command: SetAutoRecharge, account: Account, nowMs: number): readonly LedgerEvent[] | LedgerRejection {
  const { policy } = command;
  if (policy !== null && (policy.triggerMicros < 0n || policy.amountMicros <= 0n)) {
    return refused('amount-invalid', 'auto-recharge needs a trigger of 0 or more and an amount above 0');
  }
  const current = account.autoRecharge;
  const same = policy?.triggerMicros === current?.triggerMicros && policy?.amountMicros === current?.amountMicros;
  if (same && !account.autoRechargeSuspended) return [];
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs);
  const set = policy && { amount: decimalOf(policy.amountMicros), trigger: decimalOf(policy.triggerMicros) };
  return [{ type: 'AutoRechargeSet.v1', data: { available, balance, effectiveAt, policy: set, recordedAt, tenant } }];
}
