// Reservation step: a call about to begin, or in progress → the hold on included minutes and credit that it may go on with, or the
// code that it is refused with. Only the CDR debits; what is held here is free again when it comes, or when time runs out.
//
// The same request twice is one hold. A session that has ended is never held again: the account remembers its id as it remembers
// calls. A termination that comes late, twice or never changes nothing but the moment at which the hold is free.

import { endOfIncrementsCovering, endOfIncrementsWithin, timelineRecord, type Timeline } from '@tollkeeper/charge';
import { decimalOf } from '@tollkeeper/money';
import { availableOf, sessionKey, type Account } from './account.js';
import type { Authorise, ExtendReservation, TerminateReservation } from './commands.js';
import { judgeCharge } from './debit-call.js';
import { common } from './event-parts.js';
import type { LedgerEvent } from './events.js';
import type { PoolHold } from './fact.js';
import { affordableUntil, heldPart, paidByPool, poolLeftMs, restAfter } from './pay.js';
import type { PoolRef } from './pools.js';
import { refused, type CallRefusalCode, type LedgerRejection } from './rejections.js';
import type { Reservation } from './reservation.js';
import { judgeCall, type Coverage, type Judgement } from './waterfall.js';

/** How long after the granted seconds an update, a termination or the CDR is waited for: ringing and slow switches included. */
export const VALIDITY_GRACE_SECONDS = 120;

type Decided = readonly LedgerEvent[] | LedgerRejection;
type SessionCommand = Authorise | ExtendReservation | TerminateReservation;

/**
 * Revisions that `decide` must be shown: those that may have authorised a session which is no longer held, or which `decide` may
 * forget first, since its time is over.
 */
export function sessionEvidence({ sessionId }: SessionCommand, account: Account): readonly number[] {
  const key = sessionKey(sessionId);
  const isOpen = account.reservations.get(sessionId)?.status === 'open';
  if (isOpen || account.knownCalls.unsettledCall(key) !== undefined) return [];
  return account.knownCalls.suspects(key);
}

function wasAuthorised({ sessionId, evidence = [] }: SessionCommand, { knownCalls }: Account): boolean {
  if (knownCalls.unsettledCall(sessionKey(sessionId)) !== undefined) return true;
  return evidence.some(({ type, data }) => type === 'ReservationMade.v1' && data.sessionId === sessionId);
}

export function decideAuthorise(command: Authorise, account: Account, nowMs: number): Decided {
  const { sessionId, rated, traits, presumedAnswerMs } = command;
  const known = account.reservations.get(sessionId);
  if (known !== undefined && known.fingerprint !== command.fingerprint) {
    return refused('session-exists-with-different-content', `session ${sessionId} was authorised for another call`);
  }
  if (known?.status === 'open') return [];
  if (known !== undefined || wasAuthorised(command, account)) return closed(sessionId);
  const misfit = judgeCharge(rated, account, presumedAnswerMs);
  if (misfit !== undefined) return misfit;
  const judgement = judgeCall({ ...traits, category: rated.category, atMs: presumedAnswerMs }, account);
  if (judgement.refusal !== null) return refusedCall(judgement.refusal, account);
  const { timeline, ratedSeconds } = rated;
  const asked = {
    coverage: judgement.coverage,
    timeline,
    atMs: presumedAnswerMs,
    usedSeconds: 0,
    wantedSeconds: Math.min(command.requestedSeconds ?? Infinity, account.terms.quotaSeconds),
    ratedSeconds,
    creditRefusal: judgement.creditRefusal,
    needsCredit: judgement.needsCredit,
  };
  const grant = grantOf(asked, account, undefined);
  if (typeof grant === 'string') return refusedCall(grant, account);
  return [reservationMade(command, grant, judgement, account, nowMs)];
}

export function decideExtend(command: ExtendReservation, account: Account, nowMs: number): Decided {
  const { sessionId, usedSeconds } = command;
  const known = account.reservations.get(sessionId);
  if (known?.status !== 'open') return notOpen(command, account);
  // One that was overtaken on its way: the call has used more than it says.
  if (usedSeconds < known.usedSeconds) return [];
  const asked = {
    coverage: coverageAgain(known),
    timeline: known.timeline,
    atMs: known.presumedAnswerMs,
    usedSeconds,
    wantedSeconds: Math.min(command.requestedSeconds ?? Infinity, account.terms.quotaSeconds),
    ratedSeconds: known.ratedSeconds,
    creditRefusal: known.creditRefusal,
    needsCredit: false,
  };
  const grant = grantOf(asked, account, known);
  if (typeof grant === 'string') return refusedCall(grant, account);
  const isRepeat = usedSeconds === known.usedSeconds && grant.seconds === known.grantedSeconds;
  return isRepeat ? [] : [reservationExtended(known, usedSeconds, grant, account, nowMs)];
}

/** A second termination, and one that comes after the CDR or after the hold has run out, is nothing to do. */
export function decideTerminate(command: TerminateReservation, account: Account, nowMs: number): Decided {
  const { sessionId, usedSeconds } = command;
  const known = account.reservations.get(sessionId);
  if (known === undefined) return wasAuthorised(command, account) ? [] : unknown(command, account);
  if (known.status !== 'open') return [];
  const poolSeconds = known.pool === null ? 0 : paidByPool(known.timeline, known.pool.heldMs, usedSeconds);
  const isFree = known.coverage === 'unlimited' || known.coverage === 'emergency';
  const costMicros = isFree ? 0n : restAfter(known.timeline, poolSeconds, usedSeconds).amountMicros;
  // A call that went on beyond its grant holds no more than it was granted: the CDR debits the rest.
  const heldMicros = costMicros < known.amountMicros ? costMicros : known.amountMicros;
  const pool = known.pool === null || poolSeconds === 0 ? null : { ...known.pool, heldMs: poolSeconds * 1000 };
  const after = { ...account, reservedMicros: account.reservedMicros - known.amountMicros + heldMicros };
  const { available, balance, effectiveAt, recordedAt, tenant } = common(after, nowMs, nowMs);
  const settleBy = new Date(nowMs + account.terms.settleTimeoutSeconds * 1000).toISOString();
  const amount = decimalOf(heldMicros);
  return [
    {
      type: 'ReservationTerminated.v1',
      data: { amount, available, balance, effectiveAt, pool, recordedAt, sessionId, settleBy, tenant, usedSeconds },
    },
  ];
}

type Asked = {
  readonly coverage: Coverage;
  readonly timeline: Timeline;
  readonly atMs: number;
  /** From answer; the grant goes on from there. */
  readonly usedSeconds: number;
  readonly wantedSeconds: number;
  readonly ratedSeconds: number;
  readonly creditRefusal: CallRefusalCode | null;
  readonly needsCredit: boolean;
};

type Grant = {
  /** From answer, in whole increments. */
  readonly seconds: number;
  readonly amountMicros: bigint;
  readonly pool: PoolHold | null;
  readonly isFinal: boolean;
};

/**
 * The least of what is wanted, what is priced and what pool and credit can pay, in whole increments; a part of an increment that is
 * wanted counts as one. What the session holds already is its own to use again.
 */
function grantOf(asked: Asked, account: Account, own: Reservation | undefined): Grant | CallRefusalCode {
  const { coverage, timeline, usedSeconds } = asked;
  // An emergency call needs no price.
  const ratedSeconds = coverage.kind === 'emergency' ? Infinity : asked.ratedSeconds;
  const priced = endOfIncrementsWithin(timeline, 0, Math.min(ratedSeconds, Number.MAX_SAFE_INTEGER));
  const wanted = Math.min(endOfIncrementsCovering(timeline, 0, usedSeconds + asked.wantedSeconds), priced);
  if (coverage.kind === 'emergency' || coverage.kind === 'unlimited') {
    if (wanted <= usedSeconds) return 'NO_CREDIT';
    return { seconds: wanted, amountMicros: 0n, pool: null, isFinal: wanted >= priced };
  }
  const pool = coverage.kind === 'pool' ? coverage.pool : undefined;
  const leftMs = pool === undefined ? 0 : poolLeftMs(account, pool, asked.atMs, own && heldPart(own));
  const poolSeconds = paidByPool(timeline, leftMs, wanted);
  const creditMicros = availableOf(account) + (own?.amountMicros ?? 0n);
  const affordable = asked.creditRefusal === null ? affordableUntil(timeline, poolSeconds, creditMicros) : poolSeconds;
  const seconds = Math.min(wanted, Math.max(affordable, poolSeconds));
  if (seconds <= usedSeconds || (asked.needsCredit && creditMicros <= 0n)) return asked.creditRefusal ?? 'NO_CREDIT';
  const isFinal =
    seconds >= priced || endOfIncrementsCovering(timeline, seconds, seconds + 1) > affordableOrPool(asked, affordable, leftMs);
  const { amountMicros } = restAfter(timeline, poolSeconds, seconds);
  const held = pool === undefined || poolSeconds === 0 ? null : holdOf(pool, poolSeconds * 1000);
  return { seconds, amountMicros, pool: held, isFinal };
}

/** The last second that could be granted by now. */
function affordableOrPool({ timeline }: Asked, affordable: number, leftMs: number): number {
  return Math.max(affordable, endOfIncrementsWithin(timeline, 0, Math.floor(leftMs / 1000)));
}

function holdOf({ pool, month, meter }: PoolRef, heldMs: number): PoolHold {
  return { heldMs, meter, month, pool };
}

/** Who pays was judged when the call began; the pool is known by what is held of it. */
function coverageAgain({ coverage, pool }: Reservation): Coverage {
  if (coverage !== 'pool') return { kind: coverage };
  return pool === null ? { kind: 'credit' } : { kind: 'pool', pool };
}

function validUntilMs(grantedSeconds: number, usedSeconds: number, nowMs: number): number {
  return nowMs + (grantedSeconds - usedSeconds + VALIDITY_GRACE_SECONDS) * 1000;
}

function reservationMade(command: Authorise, grant: Grant, judgement: Judgement, account: Account, nowMs: number): LedgerEvent {
  const { rated, presumedAnswerMs } = command;
  const after = { ...account, reservedMicros: account.reservedMicros + grant.amountMicros };
  const { available, balance, effectiveAt, recordedAt, tenant } = common(after, nowMs, nowMs);
  const startsMs = Math.max(nowMs, presumedAnswerMs);
  return {
    type: 'ReservationMade.v1',
    data: {
      amount: decimalOf(grant.amountMicros),
      available,
      balance,
      category: rated.category,
      coverage: judgement.coverage.kind,
      creditRefusal: judgement.creditRefusal,
      currency: account.currency,
      deckHash: rated.deckHash,
      destination: rated.destination,
      effectiveAt,
      fingerprint: command.fingerprint,
      grantedSeconds: grant.seconds,
      isFinal: grant.isFinal,
      parties: command.parties,
      plan: rated.plan,
      pool: grant.pool,
      prefix: rated.prefix,
      presumedAnswer: new Date(presumedAnswerMs).toISOString(),
      ratedSeconds: rated.ratedSeconds === Infinity ? null : rated.ratedSeconds,
      recordedAt,
      sessionId: command.sessionId,
      tenant,
      timeline: timelineRecord(rated.timeline),
      validUntil: new Date(validUntilMs(grant.seconds, 0, startsMs)).toISOString(),
    },
  };
}

function reservationExtended(
  known: Reservation,
  usedSeconds: number,
  grant: Grant,
  account: Account,
  nowMs: number,
): LedgerEvent {
  const after = { ...account, reservedMicros: account.reservedMicros - known.amountMicros + grant.amountMicros };
  const { available, balance, effectiveAt, recordedAt, tenant } = common(after, nowMs, nowMs);
  return {
    type: 'ReservationExtended.v1',
    data: {
      amount: decimalOf(grant.amountMicros),
      available,
      balance,
      coverage: known.coverage,
      currency: account.currency,
      effectiveAt,
      grantedSeconds: grant.seconds,
      isFinal: grant.isFinal,
      pool: grant.pool,
      recordedAt,
      sessionId: known.sessionId,
      tenant,
      usedSeconds,
      validUntil: new Date(validUntilMs(grant.seconds, usedSeconds, nowMs)).toISOString(),
    },
  };
}

const REASONS: Readonly<Record<CallRefusalCode, (account: Account) => string>> = {
  POLICY: ({ tenant }) => `the dial-out policy of ${tenant}, or of the user, does not allow this destination`,
  UNSUPPORTED_DESTINATION: () => 'the destination is not served',
  NOT_AVAILABLE_IN_COUNTRY: () => 'Communications Credits are not sold where the user is',
  NO_LICENCE: () => 'the user holds no licence that lets the credit pay; assign communications-credits',
  NO_CREDIT: (account) =>
    `${decimalOf(availableOf(account))} ${account.currency} are available, which does not pay for one increment of this call`,
};

function refusedCall(code: CallRefusalCode, account: Account): LedgerRejection {
  return refused(code, REASONS[code](account));
}

function closed(sessionId: string): LedgerRejection {
  return refused('session-closed', `session ${sessionId} has ended, or its CDR has come; a new call needs a new session id`);
}

function notOpen(command: ExtendReservation, account: Account): LedgerRejection {
  const { sessionId } = command;
  const isKnown = account.reservations.get(sessionId) !== undefined || wasAuthorised(command, account);
  return isKnown ? closed(sessionId) : unknown(command, account);
}

function unknown({ sessionId }: SessionCommand, { tenant }: Account): LedgerRejection {
  return refused('session-unknown', `tenant ${tenant} has no session ${sessionId}; authorise it first`);
}
