// Ledger's vocabulary of the account itself: its opening, settings and people, and the books of a month.

import type { DialOutPolicy, Licence } from './entitlements.js';
import type { Amount, Common, Instant } from './fact.js';

export type AccountOpened = Common & {
  readonly currency: string;
  readonly intakeWindowDays: number;
  readonly plan: string;
};

/** Calls answered from `from` on are rated by this plan. */
export type PlanChanged = Common & { readonly from: Instant; readonly plan: string };

export type AlertThresholdSet = Common & { readonly threshold: Amount | null };

/** Conditions of the account that are neither money nor people. */
export type AccountTerms = {
  /** Of the billing address; null when unknown. */
  readonly billingCountry: string | null;
  /** Spending within a clock hour above which an alarm is raised; null: none. */
  readonly burstLimit: Amount | null;
  /** ISO 3166 alpha-2 of the organisation; null when unknown. */
  readonly country: string | null;
  readonly enterpriseAgreement: string | null;
  readonly licensing: 'off' | 'required';
  /** Months after which a new lot expires. */
  readonly lotTermMonths: number;
  /** Days before a lot's expiry that its warning is due. */
  readonly lotWarningDays: number;
  /** Most seconds that one grant gives. */
  readonly quotaSeconds: number;
  /** How long a hold waits for its CDR after the call has ended. */
  readonly settleTimeoutSeconds: number;
};

export type TermsSet = Common & { readonly terms: AccountTerms };

/** All licences of a user from an instant on, in place of those before; none for a user who has left. */
export type LicencesAssigned = Common & {
  readonly country: string;
  readonly from: Instant;
  readonly licences: readonly Licence[];
  /** Who it is, sealed. */
  readonly sealedUser: string;
  /** Pseudonym: the same for the same user of the same tenant, and telling nothing. */
  readonly user: string;
};

/** What may be dialled from an instant on, by a user or, when null, by whoever has no policy of their own. */
export type DialOutPolicySet = Common & { readonly from: Instant; readonly policy: DialOutPolicy; readonly user: string | null };

/** Who is told of what happens to the account: addresses and language, sealed. */
export type RecipientsSet = Common & { readonly sealedRecipients: string };

/** The books of a calendar month, UTC, by what was recorded in it: opening + purchased + credited + reversed − all others = closing. */
export type PeriodClosed = Common & {
  readonly callsDebited: number;
  readonly callsNotBillable: number;
  readonly credited: Amount;
  readonly debited: Amount;
  readonly events: number;
  readonly expired: Amount;
  readonly month: string;
  readonly opening: Amount;
  readonly purchased: Amount;
  readonly refunded: Amount;
  readonly reversed: Amount;
  /** By adjustment. */
  readonly withdrawn: Amount;
};
