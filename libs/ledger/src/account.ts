// Debit step's state: what a tenant's stream amounts to. evolve.ts writes it event by event, decide.ts reads it, nothing else does.

import type { AutoRecharge } from './commands.js';
import { NO_ENTITLEMENTS, type Entitlements } from './entitlements.js';
import type { AccountTerms } from './account-facts.js';
import type { CdrFacts } from './call-facts.js';
import { KnownCalls } from './known-calls.js';
import { NO_CREDIT, type Credit } from './lots.js';
import { newPeriod, type Period } from './period.js';
import type { Pools } from './pools.js';
import type { Reservation } from './reservation.js';
import { SlicedMap } from './sliced-map.js';
import { DEFAULT_TERMS } from './terms.js';

export const MS_PER_HOUR = 3_600_000;
export const MS_PER_DAY = 24 * MS_PER_HOUR;
/** How far a switch's clock may run ahead of ours. */
export const MAX_AHEAD_MS = 5 * 60_000;
export const DEFAULT_INTAKE_WINDOW_DAYS = 35;
/** The hash that the first event of a stream names as its predecessor's. */
export const NO_HASH = '0'.repeat(64);

export type RechargeState = {
  readonly amountMicros: bigint;
  readonly cause: 'auto' | 'manual';
  readonly status: 'open' | 'succeeded' | 'failed';
  readonly requestedAtMs: number;
  /** Attempts so far; 0 before the first. */
  readonly attempt: number;
  readonly attemptStatus: 'none' | 'pending' | 'declined';
  readonly attemptedAtMs: number;
  /** Earliest next attempt after a decline. */
  readonly retryAtMs: number;
};

export type PurchaseState = {
  readonly amountMicros: bigint;
  /** Of the invoice or the payment. */
  readonly reference: string;
  readonly refundedMicros: bigint;
};

/** Money spent within a clock hour, and whether its alarm was raised. */
export type Hour = { readonly hourMs: number; readonly spentMicros: bigint; readonly isAlarmed: boolean };

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
  readonly terms: AccountTerms;
  readonly intakeWindowMs: number;
  /** No CDR answered before this instant is taken; never falls. */
  readonly windowFloorMs: number;
  readonly credit: Credit;
  readonly balanceMicros: bigint;
  /** Held by reservations. */
  readonly reservedMicros: bigint;
  /** By session id. */
  readonly reservations: SlicedMap<Reservation>;
  /** None of them runs out before this. */
  readonly nextDeadlineMs: number;
  readonly pools: Pools;
  readonly entitlements: Entitlements;
  readonly alertThresholdMicros: bigint | null;
  readonly autoRecharge: AutoRecharge | null;
  /** Set by the failures of a card, ended by a person. */
  readonly autoRechargeSuspended: boolean;
  /** Automatic recharges that have failed since the last one that succeeded or a person's word. */
  readonly failuresInRow: number;
  /** After a failed recharge, the next one is asked for from then on. */
  readonly rechargeFromMs: number;
  readonly recharges: ReadonlyMap<string, RechargeState>;
  /** By purchase id, for telling a repeat from a conflict, and for what may be refunded. */
  readonly purchases: ReadonlyMap<string, PurchaseState>;
  /** Adjustment or refund id → its content. */
  readonly adjustments: ReadonlyMap<string, string>;
  readonly sealedRecipients: string | null;
  readonly hour: Hour;
  /** What was recorded in the month of the last event. */
  readonly period: Period;
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
    terms: DEFAULT_TERMS,
    intakeWindowMs: 0,
    windowFloorMs: 0,
    credit: NO_CREDIT,
    balanceMicros: 0n,
    reservedMicros: 0n,
    reservations: SlicedMap.empty(),
    nextDeadlineMs: Infinity,
    pools: SlicedMap.empty(),
    entitlements: NO_ENTITLEMENTS,
    alertThresholdMicros: null,
    autoRecharge: null,
    autoRechargeSuspended: false,
    failuresInRow: 0,
    rechargeFromMs: 0,
    recharges: new Map(),
    purchases: new Map(),
    adjustments: new Map(),
    sealedRecipients: null,
    hour: { hourMs: 0, spentMicros: 0n, isAlarmed: false },
    period: newPeriod('', 0n),
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

/** Business key within the tenant: source, CDR id, generation. No part can hold the separator. */
export function callKey(cdr: Pick<CdrFacts, 'source' | 'id' | 'generation'>): string {
  return `${cdr.source}\u0000${cdr.id}\u0000${cdr.generation}`;
}

/** In the same memory as calls; no source's name is empty. */
export function sessionKey(sessionId: string): string {
  return `\u0000${sessionId}`;
}

/** The account remembers every call and session that it has recorded. */
export function knownKeyOf(event: { readonly type: string; readonly data: object }): string | undefined {
  const { cdr, sessionId } = event.data as { readonly cdr?: CdrFacts; readonly sessionId?: string };
  if (event.type === 'CallDebited.v1' || event.type === 'CallNotBillable.v1') return cdr && callKey(cdr);
  return event.type === 'ReservationMade.v1' && sessionId !== undefined ? sessionKey(sessionId) : undefined;
}

/** The store has acknowledged every event up to the account's revision: what was noted of them is certain. */
export function settle(account: Account): Account {
  account.knownCalls.forgetBefore(account.windowFloorMs, MAX_AHEAD_MS);
  account.knownCalls.settle();
  return account;
}
