// Ledger's vocabulary: every fact an account's stream `credit-<tenant>` can hold, exactly as it is stored.
// Facts are forever: changed only by addition; anything else is a new version with an upcast in codec.ts.

import type { JsonObject } from './canonical-json.js';

/** Decimal text of an amount in the account's currency, such as `12.5` or `-0.004`. */
export type Amount = string;
/** ISO 8601 instant in UTC with milliseconds. */
export type Instant = string;

/** What every fact carries. The balance after stands in each, so that a projection assigns and never adds. */
type Common = {
  readonly tenant: string;
  /** When it counts: the answer time of a call, the due instant of an expiry. */
  readonly effectiveAt: Instant;
  /** When the ledger took it down; never falls along a stream. */
  readonly recordedAt: Instant;
  /** Open lots less overdraft, after this fact. */
  readonly balance: Amount;
  /** Balance less what is reserved, after this fact. */
  readonly available: Amount;
};

export const LEDGER_ACCOUNTS = ['tenant-credit', 'call-revenue', 'cash-clearing', 'expired-credit', 'adjustments'] as const;
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number];

/** One positive amount and two accounts, so that an imbalance cannot be written down. Null where nothing moves. */
export type Posting = { readonly amount: Amount; readonly credit: LedgerAccount; readonly debit: LedgerAccount };

export type AccountOpened = Common & {
  readonly currency: string;
  readonly intakeWindowDays: number;
  readonly plan: string;
};

/** What credit was bought with: money paid for a recharge, or an invoice of the operator's. */
export type PurchaseOrigin =
  | { readonly kind: 'invoice'; readonly reference: string }
  | { readonly kind: 'recharge'; readonly paymentReference: string; readonly rechargeId: string };

/** Calls answered from `from` on are rated by this plan. */
export type PlanChanged = Common & { readonly from: Instant; readonly plan: string };

export type CreditPurchased = Common & {
  readonly amount: Amount;
  /** Null when the purchase went wholly into repaying overdraft. */
  readonly lot: OpenedLot | null;
  readonly origin: PurchaseOrigin;
  readonly overdraftRepaid: Amount;
  readonly posting: Posting;
  readonly purchaseId: string;
};

export type LotExpired = Common & { readonly amount: Amount; readonly lotId: string; readonly posting: Posting };

/** Where a CDR came from: the first place it was seen at. */
export type CdrOrigin =
  | { readonly kind: 'bus'; readonly offset: string; readonly partition: number; readonly topic: string }
  | { readonly kind: 'file'; readonly name: string; readonly record: number }
  | { readonly kind: 'http'; readonly record: number; readonly requestId: string };

/** Who sent the CDR and what it said, as far as it names nobody. */
export type CdrFacts = {
  readonly answerTime: Instant | null;
  readonly callId: string | null;
  readonly conferenceId: string | null;
  readonly endTime: Instant | null;
  /** Digest of the parsed fields (never raw bytes, deck or settings), led by the version of the list of fields. */
  readonly fingerprint: string;
  readonly format: string;
  /** 0 for the CDR itself, one more for each time it is rerated. */
  readonly generation: number;
  readonly id: string;
  readonly origin: CdrOrigin;
  readonly parserVersion: number;
  /** SHA-256 of the bytes as they came, hexadecimal. */
  readonly rawSha256: string;
  readonly sessionId: string | null;
  readonly setupTime: Instant | null;
  readonly source: string;
  /** The switch's own figure for the duration, as it wrote it. */
  readonly switchUsage: string | null;
  /** The mapping rule that named the tenant. */
  readonly tenantRule: string;
  readonly usageMs: number;
};

export type LotUse = { readonly amount: Amount; readonly lotId: string };
export type PoolUse = { readonly month: string; readonly pool: string; readonly remainingMs: number; readonly usedMs: number };

export type CallDebited = Common & {
  /** At least 0: a call paid from a pool, a free and an emergency call are facts too. */
  readonly amount: Amount;
  readonly cdr: CdrFacts;
  /** The priced timeline: plan, category, prefix, deck, rows, segments, rounding, connect fee, gross. */
  readonly charge: JsonObject;
  readonly currency: string;
  readonly lots: readonly LotUse[];
  /** The part that no lot could pay. */
  readonly overdraft: Amount;
  /** Calling and called number, user and display name, sealed; only the key ring can open it. */
  readonly parties: string;
  readonly pool: PoolUse | null;
  /** Null when the amount is zero. */
  readonly posting: Posting | null;
  /** Revision of the debit that this one replaces, whose reversal stands right before it; null for a CDR's first debit. */
  readonly replaces: number | null;
  /** The other inputs of the usage report's 20 columns, null when unknown. */
  readonly report: JsonObject;
  /** The code an authorisation would have refused the call with; a CDR debits all the same. */
  readonly unauthorised: string | null;
};

export type OpenedLot = { readonly amount: Amount; readonly expiresAt: Instant; readonly lotId: string };

/** A debit turned round: its money is back where it came from, and the debit that replaces it follows in the same append. */
export type CallReversed = Common & {
  /** That of the reversed debit. */
  readonly amount: Amount;
  readonly author: string;
  /** The reversed debit's key. */
  readonly cdr: Pick<CdrFacts, 'generation' | 'id' | 'source'>;
  readonly currency: string;
  /** Lots that got back what they had paid, soonest expiry first; one that was drawn empty is open again. */
  readonly lots: readonly OpenedLot[];
  /** For what belongs to lots that have expired since, and for overdraft that a purchase has repaid: a lot of full term. */
  readonly newLot: OpenedLot | null;
  /** Overdraft that stood at the reversal takes the money first. */
  readonly overdraftRepaid: Amount;
  readonly posting: Posting | null;
  readonly reason: 'rerate';
  readonly rerateId: string;
  readonly reversedRevision: number;
};

/** A call that took place and costs nothing by its nature: it is taken down, so that every CDR is accounted for. */
export type CallNotBillable = Common & { readonly cdr: CdrFacts; readonly parties: string; readonly reason: string };

export type AlertThresholdSet = Common & { readonly threshold: Amount | null };

export type AutoRechargeSet = Common & { readonly policy: { readonly amount: Amount; readonly trigger: Amount } | null };

export type RechargeRequested = Common & {
  readonly amount: Amount;
  readonly cause: 'auto' | 'manual';
  readonly currency: string;
  readonly rechargeId: string;
};

export type PaymentAttempted = Common & { readonly amount: Amount; readonly attempt: number; readonly rechargeId: string };

/** The gateway said no for now; another attempt may follow from `retryAt`. */
export type PaymentDeclined = Common & {
  readonly attempt: number;
  readonly code: string;
  readonly rechargeId: string;
  readonly retryAt: Instant;
};

export type RechargeSucceeded = Common & {
  readonly amount: Amount;
  readonly attempt: number;
  readonly paymentReference: string;
  readonly rechargeId: string;
};

export type RechargeFailed = Common & {
  readonly attempt: number;
  readonly autoRechargeSuspended: boolean;
  readonly code: string;
  readonly rechargeId: string;
};

type Facts = {
  'AccountOpened.v1': AccountOpened;
  'AlertThresholdSet.v1': AlertThresholdSet;
  'AutoRechargeSet.v1': AutoRechargeSet;
  'CallDebited.v1': CallDebited;
  'CallNotBillable.v1': CallNotBillable;
  'CallReversed.v1': CallReversed;
  'CreditPurchased.v1': CreditPurchased;
  'LotExpired.v1': LotExpired;
  'PaymentAttempted.v1': PaymentAttempted;
  'PaymentDeclined.v1': PaymentDeclined;
  'PlanChanged.v1': PlanChanged;
  'RechargeFailed.v1': RechargeFailed;
  'RechargeRequested.v1': RechargeRequested;
  'RechargeSucceeded.v1': RechargeSucceeded;
};

export type LedgerEventType = keyof Facts;
export type LedgerEventOf<Type extends LedgerEventType> = { readonly type: Type; readonly data: Facts[Type] };
export type LedgerEvent = { [Type in LedgerEventType]: LedgerEventOf<Type> }[LedgerEventType];

const LEDGER_EVENT_TYPES: { readonly [Type in LedgerEventType]: true } = {
  'AccountOpened.v1': true,
  'AlertThresholdSet.v1': true,
  'AutoRechargeSet.v1': true,
  'CallDebited.v1': true,
  'CallNotBillable.v1': true,
  'CallReversed.v1': true,
  'CreditPurchased.v1': true,
  'LotExpired.v1': true,
  'PaymentAttempted.v1': true,
  'PaymentDeclined.v1': true,
  'PlanChanged.v1': true,
  'RechargeFailed.v1': true,
  'RechargeRequested.v1': true,
  'RechargeSucceeded.v1': true,
};

export function isLedgerEventType(type: string): type is LedgerEventType {
  return Object.hasOwn(LEDGER_EVENT_TYPES, type);
}

/** The CDR that an event records, whatever generation it is of; undefined for every other event. */
export function mentionedCall({ type, data }: LedgerEvent): CdrFacts | undefined {
  return type === 'CallDebited.v1' || type === 'CallNotBillable.v1' ? data.cdr : undefined;
}
