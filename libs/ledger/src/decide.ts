// Debit step's heart: command + account → events to append, or a coded refusal. Plain data in, plain data out, no clock.
//
// The same command twice gives nothing the second time; the same id with other content is refused. Every answer that holds
// events begins with what had fallen due before, and ends with what follows from it: what was held of expired lots and is released,
// a recharge when credit is below the trigger, an alarm. So a replay never has to decide any of it again.

import type { Account } from './account.js';
import { decideAdjust, decideRefund } from './adjusting.js';
import type { LedgerCommand, OpenAccount } from './commands.js';
import { callDebited, callNotBillable, effectiveAtMs, judgeCharge, judgeIntake } from './debit-call.js';
import { dueEvents } from './due.js';
import type { LedgerEvent } from './events.js';
import { evolveState } from './evolve.js';
import { decideAttempt, decidePurchase, decideRecord, decideRequest } from './funding.js';
import { dueBurstAlarm, dueRecharge } from './recharge-policy.js';
import { isLedgerRejection, refused, type LedgerRejection } from './rejections.js';
import { decideRerate } from './rerate.js';
import { withoutForgotten } from './reservation-events.js';
import { decideAuthorise, decideExtend, decideTerminate } from './reserve.js';
import {
  decideAutoRecharge,
  decideLicences,
  decideOpen,
  decidePlan,
  decidePolicy,
  decideRecipients,
  decideResume,
  decideTerms,
  decideThreshold,
} from './settings.js';

/** Events to append in this order, none when there is nothing to do, or the refusal. */
export function decide(command: LedgerCommand, account: Account): readonly LedgerEvent[] | LedgerRejection {
  const nowMs = Math.max(command.nowMs, account.lastRecordedAtMs);
  if (command.kind === 'open-account') return decideOpen(command, account, nowMs);
  if (!account.open) return refused('account-not-open', `tenant ${account.tenant} has no account; open one first`);
  const due = dueEvents(account, nowMs);
  // What is remembered only for a while is forgotten on time, whether or not anything was recorded since.
  const before = withoutForgotten(due.reduce(evolveState, account), nowMs);
  const decided = decideOne(command, before, nowMs);
  if (isLedgerRejection(decided)) return decided;
  if (decided.length === 0 && command.kind !== 'expire-due') return [];
  return [...due, ...decided, ...consequences(decided.reduce(evolveState, before), nowMs)];
}

function consequences(account: Account, nowMs: number): readonly LedgerEvent[] {
  const released = dueEvents(account, nowMs, nowMs);
  const settled = released.reduce(evolveState, account);
  const recharge = dueRecharge(settled, nowMs);
  return [...released, ...recharge, ...dueBurstAlarm(recharge.reduce(evolveState, settled), nowMs)];
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
    case 'record-call-not-billable': {
      const verdict = judgeIntake(command, account, nowMs);
      if (verdict !== undefined) return verdict === 'duplicate' ? [] : verdict;
      return [callNotBillable(command, account, nowMs)];
    }
    case 'rerate-call':
      return decideRerate(command, account, nowMs);
    case 'authorise':
      return decideAuthorise(command, account, nowMs);
    case 'extend-reservation':
      return decideExtend(command, account, nowMs);
    case 'terminate-reservation':
      return decideTerminate(command, account, nowMs);
    case 'purchase-credit':
      return decidePurchase(command, account, nowMs);
    case 'request-recharge':
      return decideRequest(command, account, nowMs);
    case 'attempt-payment':
      return decideAttempt(command, account, nowMs);
    case 'record-payment':
      return decideRecord(command, account, nowMs);
    case 'adjust-credit':
      return decideAdjust(command, account, nowMs);
    case 'refund-purchase':
      return decideRefund(command, account, nowMs);
    case 'expire-due':
      return [];
    default:
      return decideSetting(command, account, nowMs);
  }
}

type Setting = Extract<
  LedgerCommand,
  {
    kind:
      | 'assign-licences'
      | 'change-plan'
      | 'resume-auto-recharge'
      | 'set-alert-threshold'
      | 'set-auto-recharge'
      | 'set-dial-out-policy'
      | 'set-recipients'
      | 'set-terms';
  }
>;

function decideSetting(command: Setting, account: Account, nowMs: number): readonly LedgerEvent[] | LedgerRejection {
  switch (command.kind) {
    case 'change-plan':
      return decidePlan(command, account, nowMs);
    case 'set-terms':
      return decideTerms(command, account, nowMs);
    case 'assign-licences':
      return decideLicences(command, account, nowMs);
    case 'set-dial-out-policy':
      return decidePolicy(command, account, nowMs);
    case 'set-recipients':
      return decideRecipients(command, account, nowMs);
    case 'set-alert-threshold':
      return decideThreshold(command, account, nowMs);
    case 'set-auto-recharge':
      return decideAutoRecharge(command, account, nowMs);
    case 'resume-auto-recharge':
      return decideResume(command, account, nowMs);
  }
}
