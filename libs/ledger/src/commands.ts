// Ledger's requests: what a program may ask of an account. Time and ids arrive here; deciding has no clock of its own.

import type { Charge } from '@tollkeeper/charge';
import type { JsonObject } from './canonical-json.js';
import type { CdrFacts, LedgerEvent, PurchaseOrigin } from './events.js';

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
};

/** Credit that a payment is to be taken for first. */
export type RequestRecharge = Timed & {
  readonly kind: 'request-recharge';
  readonly rechargeId: string;
  readonly amountMicros: bigint;
};

export type SetAlertThreshold = Timed & { readonly kind: 'set-alert-threshold'; readonly thresholdMicros: bigint | null };

export type SetAutoRecharge = Timed & {
  readonly kind: 'set-auto-recharge';
  readonly policy: { readonly triggerMicros: bigint; readonly amountMicros: bigint } | null;
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
  | AttemptPayment
  | RecordPayment
  | ExpireDue;
