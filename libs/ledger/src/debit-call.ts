// Debit step for a call: a CDR's facts and charge + account → the events that record it, nothing for a duplicate, or a refusal.

import { chargeRecord, type Charge } from '@tollkeeper/charge';
import { decimalOf } from '@tollkeeper/money';
import { availableOf, callKey, MAX_AHEAD_MS, planAt, type Account } from './account.js';
import type { DebitCall, RecordCallNotBillable } from './commands.js';
import { common, posted } from './event-parts.js';
import type { LedgerEvent } from './events.js';
import { draw } from './lots.js';
import { refused, type LedgerRejection } from './rejections.js';

type CallCommand = DebitCall | RecordCallNotBillable;

/** Instant the call counts at: its answer, or for one never answered its setup, else its end. */
export function effectiveAtMs(command: CallCommand): number {
  const { answerTime, setupTime, endTime } = command.cdr;
  return Date.parse(answerTime ?? setupTime ?? endTime ?? '');
}

/** Revisions whose events `decide` must be shown as `evidence` before it can judge this command. */
export function suspectRevisions(command: CallCommand, account: Account): readonly number[] {
  const key = callKey(command.cdr);
  return account.knownCalls.unsettledCall(key) === undefined ? account.knownCalls.suspects(key) : [];
}

/** `duplicate`, a refusal, or undefined when the call is new and inside the intake window. */
export function judgeIntake(command: CallCommand, account: Account, nowMs: number): 'duplicate' | LedgerRejection | undefined {
  const { source, id } = command.cdr;
  const known = knownFingerprint(command, account);
  if (known !== undefined) {
    if (known === command.cdr.fingerprint) return 'duplicate';
    const reason = `CDR ${id} of source ${source} stands in the ledger with fingerprint ${known}; this one has ${command.cdr.fingerprint}`;
    return refused('cdr-exists-with-different-content', reason);
  }
  const atMs = effectiveAtMs(command);
  if (atMs > nowMs + MAX_AHEAD_MS) {
    const reason = `CDR ${id} of source ${source} was answered at ${isoOf(atMs)}, more than 5 minutes after now (${isoOf(nowMs)}); set the switch's clock`;
    return refused('cdr-in-future', reason);
  }
  const floorMs = Math.max(account.windowFloorMs, nowMs - account.intakeWindowMs);
  const isProvenAbsent = command.absentThrough !== undefined && command.absentThrough <= account.revision;
  if (!(atMs >= floorMs) && !(isProvenAbsent && Number.isFinite(atMs))) {
    const reason = `CDR ${id} of source ${source} was answered at ${isoOf(atMs)}, before the intake window's floor ${isoOf(floorMs)}`;
    return refused('cdr-too-old', reason);
  }
  return undefined;
}

function knownFingerprint(command: CallCommand, account: Account): string | undefined {
  const key = callKey(command.cdr);
  const unsettled = account.knownCalls.unsettledCall(key);
  if (unsettled !== undefined) return unsettled.fingerprint;
  for (const event of command.evidence ?? []) {
    if (event.type !== 'CallDebited.v1' && event.type !== 'CallNotBillable.v1') continue;
    if (callKey(event.data.cdr) === key) return event.data.cdr.fingerprint;
  }
  return undefined;
}

/** Whether the charge is one that the account can be debited by, at the instant the call counts at. */
export function judgeCharge(charge: Charge, account: Account, atMs: number): LedgerRejection | undefined {
  if (charge.currency !== account.currency) {
    return refused('currency-mismatch', `the charge is in ${charge.currency}, the account in ${account.currency}`);
  }
  const plan = planAt(account, atMs);
  if (charge.plan === plan) return undefined;
  return refused('plan-mismatch', `the charge is by plan ${charge.plan}, the account is on plan ${plan} at ${isoOf(atMs)}`);
}

function isoOf(atMs: number): string {
  return Number.isFinite(atMs) ? new Date(atMs).toISOString() : 'an unknown instant';
}

/** A debit is never refused for lack of credit: the call has happened, what no lot pays is overdraft. */
export function callDebited(command: DebitCall, account: Account, nowMs: number): LedgerEvent {
  const { amountMicros } = command.charge;
  const drawn = draw(account.credit, amountMicros);
  const after = account.balanceMicros - amountMicros;
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, effectiveAtMs(command), nowMs, after);
  return {
    type: 'CallDebited.v1',
    data: {
      amount: decimalOf(amountMicros),
      available,
      balance,
      cdr: command.cdr,
      charge: chargeRecord(command.charge),
      currency: account.currency,
      effectiveAt,
      lots: drawn.uses.map((use) => ({ amount: decimalOf(use.amountMicros), lotId: use.lotId })),
      overdraft: decimalOf(drawn.overdraftMicros),
      parties: command.parties,
      pool: null,
      posting: amountMicros === 0n ? null : posted(amountMicros, 'tenant-credit', 'call-revenue'),
      recordedAt,
      replaces: null,
      report: command.report,
      tenant,
      unauthorised: amountMicros > 0n && availableOf(account) <= 0n ? 'NO_CREDIT' : null,
    },
  };
}

export function callNotBillable(command: RecordCallNotBillable, account: Account, nowMs: number): LedgerEvent {
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, effectiveAtMs(command), nowMs);
  return {
    type: 'CallNotBillable.v1',
    data: {
      available,
      balance,
      cdr: command.cdr,
      effectiveAt,
      parties: command.parties,
      reason: command.reason,
      recordedAt,
      tenant,
    },
  };
}
