// Debit step's expected refusals: one list, in order of precedence. When several hold, the earliest is the answer.

/** Why a call may not take place, in order of precedence. A CDR of such a call debits all the same, marked with the code. */
export const CALL_REFUSAL_CODES = [
  'POLICY', // the tenant's or the user's dial-out policy does not allow the destination
  'UNSUPPORTED_DESTINATION', // the operator does not serve it, or no rate deck prices it
  'NOT_AVAILABLE_IN_COUNTRY', // Communications Credits are not sold where the user, or the organisation, is
  'NO_LICENCE', // the user holds no licence that lets the credit pay
  'NO_CREDIT', // what is available does not pay for one increment
] as const;
export type CallRefusalCode = (typeof CALL_REFUSAL_CODES)[number];

export const LEDGER_REJECTION_CODES = [
  'account-not-open', // nothing was ever opened for this tenant
  'account-exists-with-different-content', // opened before, in another currency or plan
  'amount-invalid', // not a positive amount, or finer than the currency's minor unit where money is paid
  'cdr-exists-with-different-content', // this CDR id was recorded with other fields
  'cdr-in-future', // answered more than 5 minutes after now
  'cdr-too-old', // answered before the intake window's floor
  'debit-unknown', // no debit of that CDR and generation stands at the revision that is to be rerated
  'currency-mismatch', // the charge is not in the account's currency
  'plan-mismatch', // the charge is not by the plan that the account is on at answer
  'purchase-exists-with-different-content', // this purchase id was recorded with another amount or origin
  'credits-not-sold', // the organisation's country is one where credits cannot be bought
  'billing-address-elsewhere', // an Enterprise Agreement's billing address lies outside the organisation's region
  'enterprise-agreement-mismatch', // the purchase names another agreement than the account
  'amount-below-minimum', // less than the least that is sold in this currency
  'purchase-unknown', // no purchase of that id stands on the stream
  'refund-exceeds-purchase', // more than is left of what was paid
  'adjustment-exists-with-different-content', // this adjustment or refund id was recorded with other content
  'terms-invalid', // a term of the account is out of its bounds
  'session-exists-with-different-content', // this session id was authorised for another call
  'session-closed', // the call has ended, its hold has run out, or its CDR has come
  'session-unknown', // no such session was ever authorised
  'recharge-unknown', // no recharge of that id was ever requested
  'recharge-closed', // it has succeeded or failed
  'payment-attempt-unknown', // an outcome for an attempt that the stream does not hold
  'payment-retry-not-due', // declined, and the back-off is not over
  ...CALL_REFUSAL_CODES,
] as const;
export type LedgerRejectionCode = (typeof LEDGER_REJECTION_CODES)[number];

export type LedgerRejection = {
  readonly code: LedgerRejectionCode;
  /** For a person: what was asked, what stands against it. */
  readonly reason: string;
};

export function refused(code: LedgerRejectionCode, reason: string): LedgerRejection {
  return { code, reason };
}

export function isLedgerRejection(outcome: readonly unknown[] | LedgerRejection): outcome is LedgerRejection {
  return !Array.isArray(outcome);
}
