// Debit step's expected refusals: one list, in order of precedence. When several hold, the earliest is the answer.

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
  'recharge-unknown', // no recharge of that id was ever requested
  'recharge-closed', // it has succeeded or failed
  'payment-attempt-unknown', // an outcome for an attempt that the stream does not hold
  'payment-retry-not-due', // declined, and the back-off is not over
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
