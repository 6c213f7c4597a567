// Ledger's requests: what a program may ask of an account. Time and ids arrive here; deciding has no clock of its own.

import type { Charge, RatedAhead } from '@tollkeeper/charge';
import type { JsonObject } from './canonical-json.js';
import type { DialOutPolicy, Licence } from './entitlements.js';
import type { AccountTerms } from './account-facts.js';
import type { CdrFacts } from './call-facts.js';
import type { LedgerEvent } from './events.js';
import type { PurchaseOrigin } from './money-facts.js';
import type { CallTraits } from './waterfall.js';

type Timed = {
  /** The asking program's clock, milliseconds since 1970. */
  readonly nowMs: number;
};

export type OpenAccount = Timed & {
  readonly kind: 'open-account';
  readonly currency: string;
  readonly plan: string;
  /** Days back that a CDR may have been answered; 35 unless the operator says otherwise. */
  readonly intakeWindowDays: number;
};

/** A CDR that can be recorded: parsed, its tenant known, its persons sealed. */
type CallCommand = Timed & {
  readonly cdr: CdrFacts;
  readonly parties: string;
  /** Events at the revisions named by `suspectRevisions`, so that a duplicate can be told from a conflict. */
  readonly evidence?: readonly LedgerEvent[];
  /**
   * The asker has read the whole stream through this revision and not found the CDR: then it is taken although it is older than
   * the intake window. Sound, because what was recorded since is within the window of `recordedAt`, which the account remembers.
   */
  readonly absentThrough?: number;
};

export type DebitCall = CallCommand & {
  readonly kind: 'debit-call';
  readonly charge: Charge;
  readonly report: JsonObject;
  /** What the waterfall judges by; without it the credit pays. */
  readonly traits?: CallTraits;
};

export type RecordCallNotBillable = CallCommand & { readonly kind: 'record-call-not-billable'; readonly reason: string };

/** A debit is reversed and the call debited anew by another charge; the same charge again is nothing to do. */
export type RerateCall = Timed & {
  readonly kind: 'rerate-call';
  /** Of the debit to replace: the call's latest generation, for which the asker has read the whole stream. */
  readonly revision: number;
  readonly cdr: Pick<CdrFacts, 'source' | 'id' | 'generation'>;
  readonly charge: Charge;
  /** Left as it was when absent. */
  readonly report?: JsonObject;
  readonly author: string;
  readonly rerateId: string;
  /** The event at `revision`, and any that may be the next generation already. */
  readonly evidence?: readonly LedgerEvent[];
};

/** For calls answered from an instant on, which may be past: what was debited already keeps its price. */
export type ChangePlan = Timed & { readonly kind: 'change-plan'; readonly plan: string; readonly fromMs: number };

/** Credit that is paid for already, such as by an invoice. */
export type PurchaseCredit = Timed & {
  readonly kind: 'purchase-credit';
  readonly purchaseId: string;
  readonly amountMicros: bigint;
  readonly origin: PurchaseOrigin & { readonly kind: 'invoice' };
  /** The least that is sold in the account's currency; by default any amount. */
  readonly minimumMicros?: bigint;
};

/** Credit that a payment is to be taken for first. */
export type RequestRecharge = Timed & {
  readonly kind: 'request-recharge';
  readonly rechargeId: string;
  readonly amountMicros: bigint;
  readonly minimumMicros?: bigint;
};

export type SetAlertThreshold = Timed & { readonly kind: 'set-alert-threshold'; readonly thresholdMicros: bigint | null };

export type SetAutoRecharge = Timed & {
  readonly kind: 'set-auto-recharge';
  /** Without a target and caps unless they are named. */
  readonly policy: (Pick<AutoRecharge, 'triggerMicros' | 'amountMicros'> & Partial<AutoRecharge>) | null;
  readonly minimumMicros?: bigint;
};

export type AutoRecharge = {
  readonly triggerMicros: bigint;
  /** Of each recharge; with a target, the least of one. */
  readonly amountMicros: bigint;
  /** Recharges up to this available credit; null: by a fixed amount. */
  readonly targetMicros: bigint | null;
  readonly maxPerHourMicros: bigint | null;
  readonly maxPerMonthMicros: bigint | null;
};

/** Ends the suspension of auto-recharge. */
export type ResumeAutoRecharge = Timed & { readonly kind: 'resume-auto-recharge'; readonly author: string };

/** Only the terms named change. */
export type SetTerms = Timed & { readonly kind: 'set-terms'; readonly terms: Partial<AccountTerms> };

export type AssignLicences = Timed & {
  readonly kind: 'assign-licences';
  readonly user: string;
  readonly sealedUser: string;
  readonly country: string;
  readonly licences: readonly Licence[];
  readonly fromMs: number;
};

export type SetDialOutPolicy = Timed & {
  readonly kind: 'set-dial-out-policy';
  /** Null for the tenant. */
  readonly user: string | null;
  readonly policy: DialOutPolicy;
  readonly fromMs: number;
};

export type SetRecipients = Timed & { readonly kind: 'set-recipients'; readonly sealedRecipients: string };

export type AdjustCredit = Timed & {
  readonly kind: 'adjust-credit';
  readonly adjustmentId: string;
  readonly direction: 'credit' | 'debit';
  readonly amountMicros: bigint;
  readonly author: string;
  readonly reason: string;
};

export type RefundPurchase = Timed & {
  readonly kind: 'refund-purchase';
  readonly refundId: string;
  readonly purchaseId: string;
  readonly amountMicros: bigint;
  readonly cause: 'dispute' | 'refund';
  readonly author: string;
  readonly reason: string;
};

/** A call about to begin, rated from its presumed answer: as a charge, without knowing how long it will last. */
export type Authorise = Timed & {
  readonly kind: 'authorise';
  readonly sessionId: string;
  readonly fingerprint: string;
  readonly parties: string;
  readonly traits: CallTraits;
  readonly presumedAnswerMs: number;
  /** Null asks for the account's quota. */
  readonly requestedSeconds: number | null;
  readonly rated: RatedAhead;
  readonly evidence?: readonly LedgerEvent[];
};

export type ExtendReservation = Timed & {
  readonly kind: 'extend-reservation';
  readonly sessionId: string;
  /** From answer. */
  readonly usedSeconds: number;
  readonly requestedSeconds: number | null;
  readonly evidence?: readonly LedgerEvent[];
};

export type TerminateReservation = Timed & {
  readonly kind: 'terminate-reservation';
  readonly sessionId: string;
  readonly usedSeconds: number;
  readonly evidence?: readonly LedgerEvent[];
};

/**
 * Soft: the same card may be accepted later. Hard: it will not be, and a person has to act. Authentication: the card's holder must
 * be present, who is asked to by mail.
 */
export type DeclineClass = 'soft' | 'hard' | 'authentication';

export type AttemptPayment = Timed & { readonly kind: 'attempt-payment'; readonly rechargeId: string };

export type RecordPayment = Timed & {
  readonly kind: 'record-payment';
  readonly rechargeId: string;
  readonly attempt: number;
  readonly outcome:
    | { readonly paid: true; readonly paymentReference: string }
    | { readonly paid: false; readonly code: string; readonly class: DeclineClass };
};

/** Writes down what has fallen due; asks for nothing else. */
export type ExpireDue = Timed & { readonly kind: 'expire-due' };

export type LedgerCommand =
  | OpenAccount
  | DebitCall
  | RecordCallNotBillable
  | RerateCall
  | ChangePlan
  | PurchaseCredit
  | RequestRecharge
  | SetAlertThreshold
  | SetAutoRecharge
  | ResumeAutoRecharge
  | SetTerms
  | AssignLicences
  | SetDialOutPolicy
  | SetRecipients
  | AdjustCredit
  | RefundPurchase
  | Authorise
  | ExtendReservation
  | TerminateReservation
  | AttemptPayment
  | RecordPayment
  | ExpireDue;
