// The ledger's expected refusals, one by one: the list of codes in, for each an account and a command that is refused with it out. A code
// that is added to the list without a case here does not compile.

import { expect, test } from '@jest/globals';
import type { LedgerCommand } from './commands.js';
import { EUR, NOON_MS, OPEN, purchase } from './fixtures.js';
import { LEDGER_REJECTION_CODES, type LedgerRejectionCode } from './rejections.js';
import { authorise, call, DAY_MS, extend, licences, policy, Story, terminate, terms } from './rules.fixtures.js';

const RECHARGE = { rechargeId: 'r', nowMs: NOON_MS } as const;
const request: LedgerCommand = { kind: 'request-recharge', amountMicros: EUR, ...RECHARGE };
const attempt: LedgerCommand = { kind: 'attempt-payment', ...RECHARGE };
function outcome(nth: number, declineClass: 'hard' | 'authentication'): LedgerCommand {
  return { kind: 'record-payment', attempt: nth, outcome: { paid: false, code: 'no', class: declineClass }, ...RECHARGE };
}
function invoice(enterpriseAgreement: string | null, minimumMicros = 0n): LedgerCommand {
  const origin = { kind: 'invoice', reference: 'INV', enterpriseAgreement } as const;
  return { kind: 'purchase-credit', nowMs: NOON_MS, purchaseId: 'p', amountMicros: EUR, minimumMicros, origin };
}
function refund(purchaseId: string, amountMicros: bigint): LedgerCommand {
  const by = { author: 'ann', reason: 'r', cause: 'refund' } as const;
  return { kind: 'refund-purchase', nowMs: NOON_MS, refundId: 'refund', purchaseId, amountMicros, ...by };
}
function rerate(): LedgerCommand {
  const { cdr, charge } = call();
  return { kind: 'rerate-call', nowMs: NOON_MS, revision: 0, cdr, charge, author: 'ann', rerateId: 'r' };
}
const altered = { ...call(), cdr: { ...call().cdr, fingerprint: 'other' } };
const inDollars = { ...call(), charge: { ...call().charge, currency: 'USD' } };
const onGold = { ...call(), charge: { ...call().charge, plan: 'gold' } };
const required = terms({ licensing: 'required' });

/** What the account has been through, and then the command that is refused. */
const CASES: Readonly<Record<LedgerRejectionCode, readonly [...before: readonly LedgerCommand[], refused: LedgerCommand]>> = {
  'account-not-open': [purchase(EUR)],
  'account-exists-with-different-content': [OPEN, { ...OPEN, currency: 'USD' } as LedgerCommand],
  'amount-invalid': [OPEN, purchase(1n)],
  'cdr-exists-with-different-content': [OPEN, call(), altered],
  'cdr-in-future': [OPEN, call({ answerMs: NOON_MS + 400_000 })],
  'cdr-too-old': [OPEN, call({ answerMs: NOON_MS - 36 * DAY_MS })],
  'debit-unknown': [OPEN, rerate()],
  'currency-mismatch': [OPEN, inDollars],
  'plan-mismatch': [OPEN, onGold],
  'purchase-exists-with-different-content': [OPEN, purchase(EUR), purchase(2n * EUR)],
  'credits-not-sold': [OPEN, terms({ country: 'KR' }), purchase(EUR, 'p', NOON_MS)],
  'billing-address-elsewhere': [OPEN, terms({ country: 'FR', billingCountry: 'JP', enterpriseAgreement: 'EA' }), invoice('EA')],
  'enterprise-agreement-mismatch': [OPEN, invoice('EA')],
  'amount-below-minimum': [OPEN, invoice(null, 20n * EUR)],
  'purchase-unknown': [OPEN, refund('p', EUR)],
  'refund-exceeds-purchase': [OPEN, purchase(EUR, 'p'), refund('p', 2n * EUR)],
  'adjustment-exists-with-different-content': [OPEN, purchase(9n * EUR, 'p'), refund('p', EUR), refund('p', 2n * EUR)],
  'terms-invalid': [OPEN, terms({ quotaSeconds: 0 })],
  'session-exists-with-different-content': [OPEN, purchase(EUR), authorise(), authorise({ fingerprint: 'other' })],
  'session-closed': [OPEN, purchase(EUR), authorise(), terminate(10, NOON_MS), authorise()],
  'session-unknown': [OPEN, extend(0, null, NOON_MS)],
  'recharge-unknown': [OPEN, attempt],
  'recharge-closed': [OPEN, request, attempt, outcome(1, 'hard'), attempt],
  'payment-attempt-unknown': [OPEN, request, outcome(1, 'hard')],
  'payment-retry-not-due': [OPEN, request, attempt, outcome(1, 'authentication'), attempt],
  POLICY: [OPEN, purchase(EUR), policy(null, 'none'), authorise()],
  UNSUPPORTED_DESTINATION: [OPEN, purchase(EUR), authorise({ traits: { supported: false } })],
  NOT_AVAILABLE_IN_COUNTRY: [OPEN, terms({ country: 'UA' }), authorise()],
  NO_LICENCE: [OPEN, purchase(EUR), required, authorise()],
  NO_CREDIT: [OPEN, licences('ann', 'FR', ['communications-credits']), required, authorise()],
};

test.each(LEDGER_REJECTION_CODES)('%s', (code) => {
  const before = CASES[code].slice(0, -1);
  expect(new Story(...before).refusal(CASES[code].at(-1)!)).toBe(code);
});

test('the list holds every code once', () => {
  expect(new Set(LEDGER_REJECTION_CODES).size).toBe(LEDGER_REJECTION_CODES.length);
  expect(Object.keys(CASES).toSorted()).toEqual([...LEDGER_REJECTION_CODES].toSorted());
});
