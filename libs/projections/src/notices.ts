// Notice step: ledger events → what a tenant's recipients and subscribers are to be told, each thing once.
//
// A notice's id is made of its cause (a recharge, a lot, a month's pool, the revision that took the balance to zero), so that the
// same cause is the same notice however often its events are folded, live, again after a crash or in a rebuild.

import { microsOf } from '@tollkeeper/money';
import { alertRaised, lowBalance, type LowBalanceRow } from './low-balance-alert.js';
import { poolsAfter, poolRaised, type PoolFacts } from './notice-pools.js';
import type { PlacedLedgerEvent, ReadModel } from './read-model.js';

/** Tenant's state that notices are judged by. */
export type NoticeAccountRow = LowBalanceRow & {
  /** The last that was judged: between a reversal and the debit that replaces it, that before both. */
  readonly balance: string;
  /** JSON: what is asked for and not settled yet, by recharge. */
  readonly open_recharges: string;
  /** JSON: what each pool of the latest months has given, see notice-pools.ts. */
  readonly pools: string;
  /** Who is told, sealed; null: nobody. */
  readonly sealed_recipients: string | null;
};

export const NOTICE_KINDS = [
  'recharge-succeeded',
  'recharge-failed',
  'auto-recharge-suspended',
  'authentication-required',
  'balance-zero',
  'low-balance',
  'pool-80',
  'pool-100',
  'lot-about-to-expire',
  'burst',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

type Recharge = { readonly amount: string; readonly cause: 'auto' | 'manual' };

/** What each kind says, beside tenant and currency. Amounts are decimal text, instants ISO 8601. */
export type NoticeFacts = {
  readonly 'recharge-succeeded': Recharge & {
    readonly balance: string;
    readonly paymentReference: string;
    readonly rechargeId: string;
  };
  readonly 'recharge-failed': Recharge & { readonly attempt: number; readonly code: string; readonly rechargeId: string };
  readonly 'auto-recharge-suspended': { readonly balance: string; readonly code: string; readonly rechargeId: string };
  /** The holder has until `until` to authenticate the payment. */
  readonly 'authentication-required': Recharge & {
    readonly attempt: number;
    readonly rechargeId: string;
    readonly until: string;
  };
  readonly 'balance-zero': { readonly available: string; readonly balance: string };
  readonly 'low-balance': { readonly available: string; readonly threshold: string };
  readonly 'pool-80': PoolFacts;
  readonly 'pool-100': PoolFacts;
  readonly 'lot-about-to-expire': { readonly amount: string; readonly expiresAt: string; readonly lotId: string };
  readonly burst: {
    readonly cause: 'recharge-cap' | 'spending';
    readonly hour: string;
    readonly limit: string;
    readonly spent: string;
  };
};

export type NoticeOf<Kind extends NoticeKind> = {
  readonly noticeId: string;
  readonly tenant: string;
  readonly kind: Kind;
  readonly currency: string;
  readonly facts: NoticeFacts[Kind];
  readonly revision: number;
  readonly position: bigint;
  readonly raisedAt: string;
};
export type Notice = { [Kind in NoticeKind]: NoticeOf<Kind> }[NoticeKind];

/** The code of a decline that asks the card's holder for an authentication. */
const AUTHENTICATION_REQUIRED = 'authentication-required';

export const noticeAccount: ReadModel<NoticeAccountRow> = {
  name: 'notices',
  keyOf: (event) => event.tenant,
  fold(row, event) {
    const before = row ?? { balance: '0', open_recharges: '{}', pools: '{}', sealed_recipients: null };
    // The debit that replaces a reversed one follows in the same append: a fall to zero is judged on both.
    const balance = event.type === 'CallReversed.v1' ? before.balance : event.data.balance;
    const { pools, sealed_recipients } = before;
    return {
      ...lowBalance.fold(row, event),
      balance,
      open_recharges: rechargesAfter(before.open_recharges, event),
      pools: poolsAfter(pools, event),
      sealed_recipients: event.type === 'RecipientsSet.v1' ? event.data.sealedRecipients : sealed_recipients,
    };
  },
};

/** Everything that the event gives cause to tell; most events give none. */
export function noticesRaised(
  before: NoticeAccountRow | undefined,
  after: NoticeAccountRow,
  event: PlacedLedgerEvent,
): readonly Notice[] {
  const { tenant, currency } = after;
  const { revision, position } = event;
  const notice = <Kind extends NoticeKind>(kind: Kind, cause: readonly string[], facts: NoticeFacts[Kind]): Notice => {
    // Parts are escaped, so that no tenant's or recharge's name can imitate another's id.
    const noticeId = [kind, tenant, ...cause].map(encodeURIComponent).join(':');
    return { noticeId, tenant, kind, currency, facts, revision, position, raisedAt: event.data.recordedAt } as Notice;
  };
  const raised = [...raisedByMoney(before, event, notice), ...raisedByWarning(event, notice)];
  const pool = poolRaised(before?.pools ?? '{}', after.pools, event);
  if (pool !== undefined) raised.push(notice(pool.kind, [pool.facts.month, pool.facts.meter, pool.facts.pool], pool.facts));
  const { available, balance } = event.data;
  const [balanceBefore, balanceAfter] = [microsOf(before?.balance ?? '0'), microsOf(after.balance)];
  if (balanceBefore > 0n && balanceAfter <= 0n) {
    raised.push(notice('balance-zero', [String(revision)], { available, balance }));
  }
  const alert = alertRaised(before, after, event);
  if (alert !== undefined) raised.push(notice('low-balance', [String(revision)], { available, threshold: alert.threshold }));
  return raised;
}

type MakeNotice = <Kind extends NoticeKind>(kind: Kind, cause: readonly string[], facts: NoticeFacts[Kind]) => Notice;

function raisedByMoney(before: NoticeAccountRow | undefined, event: PlacedLedgerEvent, notice: MakeNotice): Notice[] {
  const recharge = (rechargeId: string): Recharge => rechargesIn(before?.open_recharges ?? '{}')[rechargeId] ?? UNKNOWN;
  switch (event.type) {
    case 'CreditPurchased.v1': {
      // Follows the recharge's success in the same append, and is the one that knows the balance after it.
      const { amount, balance, origin } = event.data;
      if (origin.kind !== 'recharge') return [];
      const { paymentReference, rechargeId } = origin;
      const { cause } = recharge(rechargeId);
      return [notice('recharge-succeeded', [rechargeId], { amount, balance, cause, paymentReference, rechargeId })];
    }
    case 'RechargeFailed.v1': {
      const { attempt, autoRechargeSuspended, balance, code, rechargeId } = event.data;
      const failed = notice('recharge-failed', [rechargeId], { ...recharge(rechargeId), attempt, code, rechargeId });
      if (!autoRechargeSuspended) return [failed];
      return [failed, notice('auto-recharge-suspended', [rechargeId], { balance, code, rechargeId })];
    }
    case 'PaymentDeclined.v1': {
      const { attempt, code, rechargeId, retryAt: until } = event.data;
      if (code !== AUTHENTICATION_REQUIRED) return [];
      const facts = { ...recharge(rechargeId), attempt, rechargeId, until };
      return [notice('authentication-required', [rechargeId, String(attempt)], facts)];
    }
    default:
      return [];
  }
}

function raisedByWarning(event: PlacedLedgerEvent, notice: MakeNotice): Notice[] {
  switch (event.type) {
    case 'LotExpiryWarned.v1': {
      const { amount, expiresAt, lotId } = event.data;
      return [notice('lot-about-to-expire', [lotId], { amount, expiresAt, lotId })];
    }
    case 'BurstDetected.v1': {
      const { cause, hour, limit, spent } = event.data;
      return [notice('burst', [hour], { cause, hour, limit, spent })];
    }
    default:
      return [];
  }
}

/** Of a recharge whose request was not seen, which a whole stream does not have. */
const UNKNOWN: Recharge = { amount: '0', cause: 'manual' };

type Recharges = Readonly<Record<string, Recharge>>;

function rechargesIn(json: string): Recharges {
  return json === '{}' ? {} : (JSON.parse(json) as Recharges);
}

/** A recharge is forgotten once its purchase stands or it has failed. */
function rechargesAfter(json: string, event: PlacedLedgerEvent): string {
  switch (event.type) {
    case 'RechargeRequested.v1': {
      const { amount, cause, rechargeId } = event.data;
      return JSON.stringify({ ...rechargesIn(json), [rechargeId]: { amount, cause } });
    }
    case 'CreditPurchased.v1':
      return event.data.origin.kind === 'recharge' ? without(json, event.data.origin.rechargeId) : json;
    case 'RechargeFailed.v1':
      return without(json, event.data.rechargeId);
    default:
      return json;
  }
}

function without(json: string, rechargeId: string): string {
  return JSON.stringify(Object.fromEntries(Object.entries(rechargesIn(json)).filter(([id]) => id !== rechargeId)));
}
