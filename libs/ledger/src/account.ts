// Debit step's state: what a tenant's stream amounts to, folded event by event; decide.ts reads it, nothing else writes it.

import { microsOf } from '@tollkeeper/money';
import type { CallDebited, CallNotBillable, CdrFacts, CreditPurchased, LedgerEvent, LedgerEventOf, OpenedLot } from './events.js';
import { KnownCalls } from './known-calls.js';
import { addPurchase, balanceOf, drawUses, forgetEmptied, NO_CREDIT, removeLot, restore, type Credit, type Lot } from './lots.js';

export const MS_PER_DAY = 86_400_000;
/** How far a switch's clock may run ahead of ours. */
export const MAX_AHEAD_MS = 5 * 60_000;
export const DEFAULT_INTAKE_WINDOW_DAYS = 35;
/** The hash that the first event of a stream names as its predecessor's. */
export const NO_HASH = '0'.repeat(64);

export type RechargeState = {
  readonly amountMicros: bigint;
  readonly cause: 'auto' | 'manual';
  readonly status: 'open' | 'succeeded' | 'failed';
  /** Attempts so far; 0 before the first. */
  readonly attempt: number;
  readonly attemptStatus: 'none' | 'pending' | 'declined';
  readonly attemptedAtMs: number;
  /** Earliest next attempt after a decline. */
  readonly retryAtMs: number;
};

export type PlanFrom = { readonly fromMs: number; readonly plan: string };

export type Account = {
  readonly tenant: string;
  /** Of the last event folded; −1 before the first. */
  readonly revision: number;
  readonly lastHash: string;
  readonly lastRecordedAtMs: number;
  readonly open: boolean;
  readonly currency: string;
  /** In order of `fromMs`; the first has no beginning. */
  readonly plans: readonly PlanFrom[];
  readonly intakeWindowMs: number;
  /** No CDR answered before this instant is taken; never falls. */
  readonly windowFloorMs: number;
  readonly credit: Credit;
  readonly balanceMicros: bigint;
  readonly reservedMicros: bigint;
  readonly alertThresholdMicros: bigint | null;
  readonly autoRecharge: { readonly triggerMicros: bigint; readonly amountMicros: bigint } | null;
  /** Set by the failures of a card, ended by a person who sets the policy again. */
  readonly autoRechargeSuspended: boolean;
  readonly recharges: ReadonlyMap<string, RechargeState>;
  /** Purchase id → what was bought, for telling a repeat from a conflict. */
  readonly purchases: ReadonlyMap<string, string>;
  /** The one part that is shared between an account and its successor: see KnownCalls. */
  readonly knownCalls: KnownCalls;
};

export function initialAccount(tenant: string): Account {
  return {
    tenant,
    revision: -1,
    lastHash: NO_HASH,
    lastRecordedAtMs: 0,
    open: false,
    currency: '',
    plans: [],
    intakeWindowMs: 0,
    windowFloorMs: 0,
    credit: NO_CREDIT,
    balanceMicros: 0n,
    reservedMicros: 0n,
    alertThresholdMicros: null,
    autoRecharge: null,
    autoRechargeSuspended: false,
    recharges: new Map(),
    purchases: new Map(),
    knownCalls: new KnownCalls(),
  };
}

export function availableOf(account: Account): bigint {
  return account.balanceMicros - account.reservedMicros;
}

/** Of calls answered at the instant. With `default` and from 1 March `gold`, one answered on 3 February is on `default`. */
export function planAt({ plans }: Pick<Account, 'plans'>, instantMs: number): string {
  return plans.findLast(({ fromMs }) => fromMs <= instantMs)?.plan ?? '';
}

/** Money asked for and not yet here: it counts towards the trigger, so that one crossing asks once. */
export function pendingRechargeMicros(account: Account): bigint {
  let pending = 0n;
  for (const recharge of account.recharges.values()) if (recharge.status === 'open') pending += recharge.amountMicros;
  return pending;
}

export function hasOpenAutoRecharge(account: Account): boolean {
  for (const recharge of account.recharges.values()) if (recharge.status === 'open' && recharge.cause === 'auto') return true;
  return false;
}

/** Business key within the tenant: source, CDR id, generation. No part can hold the separator. */
export function callKey(cdr: Pick<CdrFacts, 'source' | 'id' | 'generation'>): string {
  return `${cdr.source}\u0000${cdr.id}\u0000${cdr.generation}`;
}

export function purchaseContent(amountMicros: bigint, reference: string): string {
  return `${amountMicros} ${reference}`;
}

/**
 * The account after one more event.
 * @throws Error when the event does not fit what came before it: the stream cannot be folded and its tenant is set aside.
 */
export function evolve(account: Account, event: LedgerEvent): Account {
  const next = evolveState(account, event);
  if (event.type === 'CallDebited.v1' || event.type === 'CallNotBillable.v1') rememberCall(next, event.data);
  return next;
}

function rememberCall(account: Account, { cdr }: CallDebited | CallNotBillable): void {
  account.knownCalls.remember(
    callKey(cdr),
    { fingerprint: cdr.fingerprint, revision: account.revision },
    account.lastRecordedAtMs,
  );
}

/** The store has acknowledged every event up to the account's revision: what was noted of them is certain. */
export function settle(account: Account): Account {
  account.knownCalls.forgetBefore(account.windowFloorMs, MAX_AHEAD_MS);
  account.knownCalls.settle();
  return account;
}

/** As `evolve`, without taking note of the call: what `decide` looks ahead with. */
export function evolveState(account: Account, event: LedgerEvent): Account {
  const recordedAtMs = Date.parse(event.data.recordedAt);
  if (recordedAtMs < account.lastRecordedAtMs) throw misfit(account, event, 'recordedAt falls behind its predecessor');
  if (event.type !== 'AccountOpened.v1' && !account.open) throw misfit(account, event, 'the account was never opened');
  const changed = apply(account, event);
  const next: Account = {
    ...changed,
    credit: forgetEmptied(changed.credit, recordedAtMs),
    revision: account.revision + 1,
    lastRecordedAtMs: recordedAtMs,
    windowFloorMs: Math.max(account.windowFloorMs, recordedAtMs - changed.intakeWindowMs),
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

function apply(account: Account, event: LedgerEvent): Account {
  switch (event.type) {
    case 'AccountOpened.v1': {
      if (account.open) throw misfit(account, event, 'the account is open already');
      const { currency, plan, intakeWindowDays } = event.data;
      const plans = [{ fromMs: Number.MIN_SAFE_INTEGER, plan }];
      return { ...account, open: true, currency, plans, intakeWindowMs: intakeWindowDays * MS_PER_DAY };
    }
    case 'CallDebited.v1':
      return applyDebit(account, event);
    case 'CallNotBillable.v1':
      return account;
    case 'CallReversed.v1':
      return applyReversal(account, event);
    case 'PlanChanged.v1': {
      const { plan, from } = event.data;
      const fromMs = Date.parse(from);
      const plans = [...account.plans.filter((other) => other.fromMs !== fromMs), { fromMs, plan }];
      return { ...account, plans: plans.toSorted((left, right) => left.fromMs - right.fromMs) };
    }
    case 'CreditPurchased.v1':
      return applyPurchase(account, event.data);
    case 'LotExpired.v1':
      return withCredit(account, removeLot(account.credit, event.data.lotId));
    case 'AlertThresholdSet.v1':
      return { ...account, alertThresholdMicros: event.data.threshold === null ? null : microsOf(event.data.threshold) };
    case 'AutoRechargeSet.v1': {
      const policy = event.data.policy;
      const autoRecharge = policy && { triggerMicros: microsOf(policy.trigger), amountMicros: microsOf(policy.amount) };
      return { ...account, autoRecharge, autoRechargeSuspended: false };
    }
    case 'RechargeRequested.v1': {
      const { rechargeId, amount, cause } = event.data;
      return withRecharge(account, rechargeId, { ...NEW_RECHARGE, cause, amountMicros: microsOf(amount) });
    }
    case 'PaymentAttempted.v1': {
      const attemptedAtMs = Date.parse(event.data.recordedAt);
      return changeRecharge(account, event, { attempt: event.data.attempt, attemptStatus: 'pending', attemptedAtMs });
    }
    case 'PaymentDeclined.v1':
      return changeRecharge(account, event, { attemptStatus: 'declined', retryAtMs: Date.parse(event.data.retryAt) });
    case 'RechargeSucceeded.v1':
      return changeRecharge(account, event, { status: 'succeeded' });
    case 'RechargeFailed.v1': {
      const failed = changeRecharge(account, event, { status: 'failed', attemptStatus: 'declined' });
      return { ...failed, autoRechargeSuspended: account.autoRechargeSuspended || event.data.autoRechargeSuspended };
    }
  }
}

const NEW_RECHARGE = { status: 'open', attempt: 0, attemptStatus: 'none', attemptedAtMs: 0, retryAtMs: 0 } as const;

function applyDebit(account: Account, event: LedgerEventOf<'CallDebited.v1'>): Account {
  const { data } = event;
  const uses = data.lots.map(({ amount, lotId }) => ({ lotId, amountMicros: microsOf(amount) }));
  const overdraftMicros = microsOf(data.overdraft);
  const paid = uses.reduce((sum, { amountMicros }) => sum + amountMicros, overdraftMicros);
  if (paid !== microsOf(data.amount))
    throw misfit(account, event, `lots and overdraft pay ${paid} micro-units, not ${data.amount}`);
  return withCredit(account, drawUses(account.credit, uses, overdraftMicros));
}

function applyReversal(account: Account, event: LedgerEventOf<'CallReversed.v1'>): Account {
  const { data } = event;
  const [lots, newLot] = [data.lots.map(lotOf), data.newLot && lotOf(data.newLot)];
  const overdraftMicros = microsOf(data.overdraftRepaid);
  const back = lots.reduce(
    (sum, { remainingMicros }) => sum + remainingMicros,
    overdraftMicros + (newLot?.remainingMicros ?? 0n),
  );
  if (back !== microsOf(data.amount)) throw misfit(account, event, `${back} micro-units go back, not ${data.amount}`);
  return withCredit(account, restore(account.credit, lots, newLot, overdraftMicros));
}

function lotOf({ amount, expiresAt, lotId }: OpenedLot): Lot {
  return { lotId, remainingMicros: microsOf(amount), expiresAtMs: Date.parse(expiresAt) };
}

function applyPurchase(account: Account, data: CreditPurchased): Account {
  const lot = data.lot && lotOf(data.lot);
  const reference = data.origin.kind === 'invoice' ? data.origin.reference : data.origin.paymentReference;
  const purchases = new Map(account.purchases).set(data.purchaseId, purchaseContent(microsOf(data.amount), reference));
  return { ...withCredit(account, addPurchase(account.credit, microsOf(data.overdraftRepaid), lot)), purchases };
}

function withCredit(account: Account, credit: Credit): Account {
  return { ...account, credit, balanceMicros: balanceOf(credit) };
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
