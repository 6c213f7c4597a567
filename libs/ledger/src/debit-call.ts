// Debit step for a call: a CDR's facts and charge + account → the events that record it, nothing for a duplicate, or a refusal.

import { chargeRecord, restRecord, type Charge, type RestRecord } from '@tollkeeper/charge';
import { decimalOf } from '@tollkeeper/money';
import { availableOf, callKey, MAX_AHEAD_MS, planAt, type Account } from './account.js';
import type { DebitCall, RecordCallNotBillable } from './commands.js';
import { common, posted } from './event-parts.js';
import type { LedgerEvent } from './events.js';
import type { PoolUse, Release } from './fact.js';
import { draw, unexpired } from './lots.js';
import { affordableUntil, heldPart, paidByPool, poolLeftMs, restAfter, type OwnPart } from './pay.js';
import { capsOf } from './pools.js';
import { refused, type CallRefusalCode, type LedgerRejection } from './rejections.js';
import type { Reservation } from './reservation.js';
import { released } from './reservation-events.js';
import { judgeCall, type Coverage, type CoverageKind, type Judgement } from './waterfall.js';

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
export function judgeCharge(
  charge: Pick<Charge, 'currency' | 'plan'>,
  account: Account,
  atMs: number,
): LedgerRejection | undefined {
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
  const { charge, cdr, traits } = command;
  const atMs = effectiveAtMs(command);
  const reservation = cdr.sessionId === null ? undefined : account.reservations.get(cdr.sessionId);
  const releases = reservation === undefined ? null : releaseOf(reservation);
  const free = releases === null || cdr.sessionId === null ? account : released(account, cdr.sessionId, releases);
  const judgement = traits === undefined ? PAID_BY_CREDIT : judgeCall({ ...traits, category: charge.category, atMs }, account);
  const payment = payFor(charge, judgement.coverage, account, atMs, reservation && heldPart(reservation));
  // What calls in progress hold of expired lots is theirs, unless nothing else pays; one whose hold has run out holds nothing.
  const isHeld = reservation !== undefined && reservation.status !== 'lapsed';
  const drawn = draw(free.credit, payment.amountMicros, ...(isHeld ? [] : [unexpired(free.credit, nowMs)]));
  const after = account.balanceMicros - payment.amountMicros;
  const { available, balance, effectiveAt, recordedAt, tenant } = common(free, atMs, nowMs, after);
  return {
    type: 'CallDebited.v1',
    data: {
      amount: decimalOf(payment.amountMicros),
      available,
      balance,
      cdr,
      charge: chargeRecord(charge),
      coverage: payment.coverage,
      currency: account.currency,
      effectiveAt,
      lots: drawn.uses.map((use) => ({ amount: decimalOf(use.amountMicros), lotId: use.lotId })),
      overdraft: decimalOf(drawn.overdraftMicros),
      parties: command.parties,
      pool: payment.pool,
      posting: payment.amountMicros === 0n ? null : posted(payment.amountMicros, 'tenant-credit', 'call-revenue'),
      recordedAt,
      releases,
      replaces: null,
      report: command.report,
      rest: payment.rest,
      tenant,
      unauthorised: reservation === undefined ? refusalOf(judgement, charge, payment, free) : null,
    },
  };
}

const PAID_BY_CREDIT: Judgement = { coverage: { kind: 'credit' }, refusal: null, creditRefusal: null, needsCredit: false };

function releaseOf({ amountMicros, pool }: Reservation): Release {
  return { amount: decimalOf(amountMicros), pool };
}

export type Payment = {
  readonly amountMicros: bigint;
  readonly coverage: CoverageKind;
  readonly pool: PoolUse | null;
  readonly rest: RestRecord | null;
};

/** What the credit pays of a charge. A pool pays whole increments from answer on; what it leaves is priced from there. */
export function payFor(charge: Charge, coverage: Coverage, account: Account, atMs: number, own: OwnPart | null = null): Payment {
  const byCredit = { amountMicros: charge.amountMicros, coverage: 'credit', pool: null, rest: null } as const;
  if (coverage.kind === 'credit') return byCredit;
  if (coverage.kind !== 'pool') return { ...byCredit, amountMicros: 0n, coverage: coverage.kind };
  // What no row prices is given free, and uses no minutes.
  if (charge.timeline.spans.length === 0) return byCredit;
  const { pool, month, meter } = coverage.pool;
  const leftMs = poolLeftMs(account, coverage.pool, atMs, own);
  const usageSeconds = Math.ceil(charge.usageMs / 1000);
  const poolSeconds = paidByPool(charge.timeline, leftMs, usageSeconds);
  // An answered call of no length uses nothing; the pool would have paid for it all the same.
  if (usageSeconds === 0 && paidByPool(charge.timeline, leftMs, 1) > 0) return { ...byCredit, coverage: 'pool' };
  if (poolSeconds === 0) return byCredit;
  const capMs = capsOf(pool, account.entitlements, atMs)[meter] ?? 0;
  const usedMs = poolSeconds * 1000;
  const rest = poolSeconds < usageSeconds ? restAfter(charge.timeline, poolSeconds, usageSeconds) : null;
  return {
    amountMicros: rest?.amountMicros ?? 0n,
    coverage: 'pool',
    pool: { capMs, meter, month, pool, remainingMs: leftMs - usedMs, usedMs },
    rest: rest && restRecord(rest, poolSeconds, false),
  };
}

/** The code that an authorisation at answer would have been refused with. */
function refusalOf(judgement: Judgement, charge: Charge, payment: Payment, account: Account): CallRefusalCode | null {
  if (judgement.refusal !== null) return judgement.refusal;
  if (payment.coverage !== 'credit') return null;
  if (judgement.creditRefusal !== null) return judgement.creditRefusal;
  const available = availableOf(account);
  if (judgement.needsCredit && available <= 0n) return 'NO_CREDIT';
  if (payment.amountMicros === 0n || available >= payment.amountMicros) return null;
  return affordableUntil(charge.timeline, 0, available) > 0 ? null : 'NO_CREDIT';
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
