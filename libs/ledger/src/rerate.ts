// Debit step done again: a debit that stands, and another charge for its call → its reversal and the debit that replaces it, or
// nothing when it was replaced already.
//
// The debit is addressed by its revision, so it may be older than the intake window. The next generation's key is the account's
// own proof against doing it twice: what was recorded since the asker read the stream is within what the account remembers.

import { chargeRecord } from '@tollkeeper/charge';
import { decimalOf, microsOf } from '@tollkeeper/money';
import { callKey, type Account } from './account.js';
import type { RerateCall } from './commands.js';
import { judgeCharge, payFor, type Payment } from './debit-call.js';
import { common, posted } from './event-parts.js';
import type { CallDebited, CallReversed } from './call-facts.js';
import type { LedgerEvent } from './events.js';
import type { OpenedLot } from './fact.js';
import { evolveState } from './evolve.js';
import { termEnd } from './funding.js';
import { draw, unexpired } from './lots.js';
import { refused, type LedgerRejection } from './rejections.js';
import type { Coverage } from './waterfall.js';

/** Revisions that `decide` must be shown: the debit's own, and those that may hold the next generation. */
export function rerateEvidence({ revision, cdr }: RerateCall, account: Account): readonly number[] {
  const next = callKey({ ...cdr, generation: cdr.generation + 1 });
  return account.knownCalls.unsettledCall(next) === undefined ? [revision, ...account.knownCalls.suspects(next)] : [];
}

export function decideRerate(command: RerateCall, account: Account, nowMs: number): readonly LedgerEvent[] | LedgerRejection {
  const { cdr, evidence = [] } = command;
  const next = callKey({ ...cdr, generation: cdr.generation + 1 });
  if (account.knownCalls.unsettledCall(next) !== undefined || debitOf(evidence, next) !== undefined) return [];
  const debited = debitOf(evidence, callKey(cdr));
  if (debited === undefined) {
    const reason = `revision ${command.revision} of ${account.tenant} is no debit of CDR ${cdr.id} of source ${cdr.source}, generation ${cdr.generation}`;
    return refused('debit-unknown', reason);
  }
  const misfit = judgeCharge(command.charge, account, Date.parse(debited.effectiveAt));
  if (misfit !== undefined) return misfit;
  if (isSameCharge(command, debited)) return [];
  const reversal = callReversed(command, debited, account, nowMs);
  const payment = paymentAgain(command, debited, account);
  return [reversal, replacement({ command, debited, payment, reversal: reversal.data }, evolveState(account, reversal), nowMs)];
}

function debitOf(evidence: readonly LedgerEvent[], key: string): CallDebited | undefined {
  for (const { type, data } of evidence) if (type === 'CallDebited.v1' && callKey(data.cdr) === key) return data;
  return undefined;
}

function isSameCharge({ charge, report }: RerateCall, debited: CallDebited): boolean {
  if (JSON.stringify(chargeRecord(charge)) !== JSON.stringify(debited.charge)) return false;
  return report === undefined || JSON.stringify(report) === JSON.stringify(debited.report);
}

type Reversal = { readonly type: 'CallReversed.v1'; readonly data: CallReversed };

function callReversed(command: RerateCall, debited: CallDebited, account: Account, nowMs: number): Reversal {
  const amountMicros = microsOf(debited.amount);
  const after = account.balanceMicros + amountMicros;
  const parts = common(account, Date.parse(debited.effectiveAt), nowMs, after);
  const { generation, id, source } = debited.cdr;
  return {
    type: 'CallReversed.v1',
    data: {
      amount: debited.amount,
      author: command.author,
      available: parts.available,
      balance: parts.balance,
      cdr: { generation, id, source },
      currency: debited.currency,
      effectiveAt: parts.effectiveAt,
      ...restoration(debited, account, nowMs),
      pool: debited.pool,
      posting: amountMicros === 0n ? null : posted(amountMicros, 'call-revenue', 'tenant-credit'),
      reason: 'rerate',
      recordedAt: parts.recordedAt,
      rerateId: command.rerateId,
      reversedRevision: command.revision,
      tenant: parts.tenant,
    },
  };
}

/**
 * Where the money goes. Overdraft that stands takes it first, since a balance is never both; then the lots that paid, and a new
 * lot of full term for what belongs to expired ones or was overdraft that a purchase has repaid.
 */
function restoration(
  debited: CallDebited,
  account: Account,
  nowMs: number,
): Pick<CallReversed, 'lots' | 'newLot' | 'overdraftRepaid'> {
  const { credit } = account;
  let owed = credit.overdraftMicros;
  const leftOf = (amountMicros: bigint): bigint => {
    const repaid = amountMicros < owed ? amountMicros : owed;
    owed -= repaid;
    return amountMicros - repaid;
  };
  let homelessMicros = leftOf(microsOf(debited.overdraft));
  const lots: OpenedLot[] = [];
  for (const { lotId, amount } of debited.lots) {
    const lot = [...credit.lots, ...credit.emptied].find((known) => known.lotId === lotId);
    const left = leftOf(microsOf(amount));
    if (lot === undefined || lot.expiresAtMs <= nowMs) homelessMicros += left;
    else if (left > 0n) lots.push({ amount: decimalOf(left), expiresAt: new Date(lot.expiresAtMs).toISOString(), lotId });
  }
  const lotId = `${account.tenant}.${account.revision + 1}`;
  const expiresAt = termEnd(nowMs, account.terms.lotTermMonths);
  const newLot = homelessMicros === 0n ? null : { amount: decimalOf(homelessMicros), expiresAt, lotId };
  return { lots, newLot, overdraftRepaid: decimalOf(credit.overdraftMicros - owed) };
}

/** Who paid goes on paying: a pool with the part that the debit had used, and with what it has left. */
function paymentAgain(
  { charge }: RerateCall,
  { coverage = 'credit', effectiveAt, pool }: CallDebited,
  account: Account,
): Payment {
  const again: Coverage =
    coverage !== 'pool' ? { kind: coverage } : pool === null ? { kind: 'credit' } : { kind: coverage, pool };
  return payFor(charge, again, account, Date.parse(effectiveAt), pool && { ...pool, ms: pool.usedMs });
}

type Again = {
  readonly command: RerateCall;
  readonly debited: CallDebited;
  readonly payment: Payment;
  readonly reversal: CallReversed;
};

/** Draws on what the reversal has given back first. */
function replacement({ command, debited, payment, reversal }: Again, account: Account, nowMs: number): LedgerEvent {
  const atMs = Date.parse(debited.effectiveAt);
  const { lots, newLot } = reversal;
  const { amountMicros } = payment;
  const restored = new Set([...lots, ...(newLot === null ? [] : [newLot])].map(({ lotId }) => lotId));
  const drawn = draw(account.credit, amountMicros, restored, unexpired(account.credit, nowMs));
  const parts = common(account, atMs, nowMs, account.balanceMicros - amountMicros);
  return {
    type: 'CallDebited.v1',
    data: {
      ...debited,
      ...parts,
      amount: decimalOf(amountMicros),
      cdr: { ...debited.cdr, generation: debited.cdr.generation + 1 },
      charge: chargeRecord(command.charge),
      coverage: payment.coverage,
      lots: drawn.uses.map((use) => ({ amount: decimalOf(use.amountMicros), lotId: use.lotId })),
      overdraft: decimalOf(drawn.overdraftMicros),
      pool: payment.pool,
      posting: amountMicros === 0n ? null : posted(amountMicros, 'tenant-credit', 'call-revenue'),
      releases: null,
      replaces: command.revision,
      report: command.report ?? debited.report,
      rest: payment.rest,
    },
  };
}
