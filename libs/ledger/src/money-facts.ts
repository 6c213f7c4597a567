// Ledger's vocabulary of money coming in and going back: purchases, lots, adjustments, recharges and their payments.

import type { Amount, Common, Instant, LotUse, OpenedLot, Posting } from './fact.js';

/** What credit was bought with: money paid for a recharge, or an invoice of the operator's. */
export type PurchaseOrigin =
  | {
      readonly kind: 'invoice';
      /** Number of the Enterprise Agreement that it was bought under. */
      readonly enterpriseAgreement?: string | null;
      readonly purchaseOrder?: string | null;
      readonly reference: string;
    }
  | { readonly kind: 'recharge'; readonly paymentReference: string; readonly rechargeId: string };

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

export type LotExpiryWarned = Common & { readonly amount: Amount; readonly expiresAt: Instant; readonly lotId: string };

/** Credit given or taken by a person, outside of purchases and calls. */
export type CreditAdjusted = Common & {
  readonly adjustmentId: string;
  readonly amount: Amount;
  readonly author: string;
  readonly direction: 'credit' | 'debit';
  /** Of a credit: what did not go into repaying overdraft. */
  readonly lot: OpenedLot | null;
  /** Of a debit: what it was taken from. */
  readonly lots: readonly LotUse[];
  readonly overdraft: Amount;
  readonly overdraftRepaid: Amount;
  readonly posting: Posting;
  readonly reason: string;
};

/** Money given back for a purchase, or lost in a dispute about it: its own lot pays first, then others, then overdraft. */
export type PurchaseRefunded = Common & {
  readonly amount: Amount;
  readonly author: string;
  readonly cause: 'dispute' | 'refund';
  readonly lots: readonly LotUse[];
  readonly overdraft: Amount;
  readonly posting: Posting;
  readonly purchaseId: string;
  readonly reason: string;
  readonly refundId: string;
};

/** Recharges by `amount`, or with a target up to it and at least by `amount`. */
export type RechargePolicy = {
  readonly amount: Amount;
  /** Most that is asked for within any 60 minutes; null or absent: no such cap. */
  readonly maxPerHour?: Amount | null;
  /** Most that is asked for within a calendar month, UTC. */
  readonly maxPerMonth?: Amount | null;
  readonly target?: Amount | null;
  readonly trigger: Amount;
};

export type AutoRechargeSet = Common & { readonly policy: RechargePolicy | null };

/** A person has ended the suspension that failures brought. */
export type AutoRechargeResumed = Common & { readonly author: string };

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

/** Credit is spent, or asked for, faster than the account's limit of an hour; once an hour at most. */
export type BurstDetected = Common & {
  readonly cause: 'recharge-cap' | 'spending';
  /** The clock hour's beginning. */
  readonly hour: Instant;
  readonly limit: Amount;
  readonly spent: Amount;
};
