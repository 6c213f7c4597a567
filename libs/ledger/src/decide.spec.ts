// Rules of the debit step: given what an account has been through, when a command comes, then these events or this refusal.

import { describe, expect, test } from '@jest/globals';
import { availableOf, initialAccount, type Account } from './account.js';
import { record } from './codec.js';
import type { LedgerCommand } from './commands.js';
import { suspectRevisions } from './debit-call.js';
import { decide } from './decide.js';
import type { LedgerEvent, LedgerEventOf, LedgerEventType } from './events.js';
import { accountAfter, autoRecharge, debit, eventsOf, NOON_MS, notBillable, OPEN, purchase } from './fixtures.js';

const EUR = 1_000_000n;
const DAY_MS = 86_400_000;

const typesOf = (events: readonly LedgerEvent[]) => events.map((event) => event.type);
const refusalOf = (command: LedgerCommand, account: Account) => (decide(command, account) as { code?: string }).code;

function only<Type extends LedgerEventType>(type: Type, events: readonly LedgerEvent[]): LedgerEventOf<Type>['data'] {
  const found = events.filter((event) => event.type === type);
  expect(found).toHaveLength(1);
  return found[0]?.data as LedgerEventOf<Type>['data'];
}

/** As the stream writer does: shows a suspicious command the events that its key may stand in. */
function withEvidence(command: ReturnType<typeof debit>, account: Account, events: readonly LedgerEvent[]) {
  return { ...command, evidence: suspectRevisions(command, account).map((revision) => events[revision] as LedgerEvent) };
}

describe('opening', () => {
  test('an account is opened once; the same again is nothing, another currency is refused', () => {
    const account = accountAfter(OPEN);
    expect(account).toMatchObject({ open: true, currency: 'EUR', plan: 'default', balanceMicros: 0n });
    expect(eventsOf(OPEN, account)).toEqual([]);
    expect(refusalOf({ ...OPEN, currency: 'USD' } as LedgerCommand, account)).toBe('account-exists-with-different-content');
  });

  test('nothing can be done to an account that was never opened', () => {
    expect(refusalOf(debit(EUR), initialAccount('acme'))).toBe('account-not-open');
  });
});

describe('debiting a call', () => {
  test('takes the charge from the lots and says the balance after', () => {
    const account = accountAfter(OPEN, purchase(50n * EUR));
    const debited = only('CallDebited.v1', eventsOf(debit(20_000n), account));
    expect(debited).toMatchObject({
      amount: '0.02',
      balance: '49.98',
      available: '49.98',
      effectiveAt: '2026-03-03T11:50:00.000Z',
      recordedAt: '2026-03-03T12:00:00.000Z',
      lots: [{ lotId: 'purchase-1', amount: '0.02' }],
      overdraft: '0',
      posting: { debit: 'tenant-credit', credit: 'call-revenue', amount: '0.02' },
      unauthorised: null,
    });
  });

  test('is never refused for lack of credit: the rest is overdraft, and a call at zero is marked', () => {
    const account = accountAfter(OPEN, purchase(EUR), debit(EUR + 500_000n));
    expect(account.balanceMicros).toBe(-500_000n);
    const debited = only('CallDebited.v1', eventsOf(debit(10_000n, { id: 'cdr-2' }), account));
    expect(debited).toMatchObject({ balance: '-0.51', lots: [], overdraft: '0.01', unauthorised: 'NO_CREDIT' });
  });

  test('of zero is a fact that posts nothing', () => {
    const debited = only('CallDebited.v1', eventsOf(debit(0n), accountAfter(OPEN)));
    expect(debited).toMatchObject({ amount: '0', balance: '0', posting: null, unauthorised: null });
  });

  test('draws the lot that expires soonest first', () => {
    const account = accountAfter(
      OPEN,
      purchase(EUR, 'older', NOON_MS - 2 * DAY_MS + DAY_MS),
      purchase(EUR, 'newer', NOON_MS - 1000),
    );
    const debited = only('CallDebited.v1', eventsOf(debit(1_500_000n), account));
    expect(debited.lots).toEqual([
      { lotId: 'older', amount: '1' },
      { lotId: 'newer', amount: '0.5' },
    ]);
  });

  test('twice with the same content is nothing, before and after the store has acknowledged the first', () => {
    const account = accountAfter(OPEN);
    const events = eventsOf(debit(EUR), account);
    const unsettled = record(account, events).account;
    expect(eventsOf(debit(EUR), unsettled)).toEqual([]);
    const settled = accountAfter(OPEN, debit(EUR));
    const stream = [...eventsOf(OPEN, initialAccount('acme')), ...events];
    expect(eventsOf(withEvidence(debit(EUR), settled, stream), settled)).toEqual([]);
  });

  test('twice with other content is refused', () => {
    const settled = accountAfter(OPEN, debit(EUR));
    const stream = [...eventsOf(OPEN, initialAccount('acme')), ...eventsOf(debit(EUR), accountAfter(OPEN))];
    const altered = debit(EUR, { fingerprint: '1:bbbb' });
    expect(refusalOf(withEvidence(altered, settled, stream), settled)).toBe('cdr-exists-with-different-content');
  });

  test('a suspicion that the evidence does not bear out is a new call', () => {
    const settled = accountAfter(OPEN, debit(EUR));
    const other = { ...debit(EUR, { id: 'cdr-9' }), evidence: eventsOf(debit(EUR), accountAfter(OPEN)) };
    expect(typesOf(eventsOf(other, settled))).toEqual(['CallDebited.v1']);
  });

  test('a second generation of a CDR is another call', () => {
    const settled = accountAfter(OPEN, debit(EUR));
    expect(suspectRevisions(debit(EUR, { generation: 1 }), settled)).toEqual([]);
  });

  test('answered before the window is refused; at its floor it is taken', () => {
    const account = accountAfter(OPEN);
    const floorMs = NOON_MS - 35 * DAY_MS;
    const at = (atMs: number) => debit(EUR, { answerTime: new Date(atMs).toISOString() });
    expect(refusalOf(at(floorMs - 1), account)).toBe('cdr-too-old');
    expect(typesOf(eventsOf(at(floorMs), account))).toEqual(['CallDebited.v1']);
  });

  test('the floor never falls, whatever the clock says', () => {
    const account = accountAfter(OPEN, purchase(EUR, 'p', NOON_MS + 10 * DAY_MS));
    const late = debit(EUR, { answerTime: new Date(NOON_MS - 30 * DAY_MS).toISOString() }, { nowMs: NOON_MS });
    expect(refusalOf(late, account)).toBe('cdr-too-old');
  });

  test('answered more than five minutes ahead is refused', () => {
    const ahead = (ms: number) => debit(EUR, { answerTime: new Date(NOON_MS + ms).toISOString() });
    expect(refusalOf(ahead(300_001), accountAfter(OPEN))).toBe('cdr-in-future');
    expect(typesOf(eventsOf(ahead(300_000), accountAfter(OPEN)))).toEqual(['CallDebited.v1']);
  });

  test('in another currency is refused', () => {
    const account = accountAfter(OPEN);
    const command = debit(EUR);
    expect(refusalOf({ ...command, charge: { ...command.charge, currency: 'USD' } }, account)).toBe('currency-mismatch');
  });

  test('a call that is not billable is taken down once and moves nothing', () => {
    const account = accountAfter(OPEN, purchase(EUR));
    expect(only('CallNotBillable.v1', eventsOf(notBillable(), account))).toMatchObject({ balance: '1', reason: 'unanswered' });
    const after = record(account, eventsOf(notBillable(), account)).account;
    expect(eventsOf(notBillable(), after)).toEqual([]);
  });
});

describe('purchases', () => {
  test('repay overdraft first; the lot is the remainder and lives twelve months', () => {
    const account = accountAfter(OPEN, debit(3n * EUR));
    const bought = only('CreditPurchased.v1', eventsOf(purchase(50n * EUR, 'p', NOON_MS), account));
    expect(bought).toMatchObject({
      overdraftRepaid: '3',
      lot: { amount: '47', lotId: 'p', expiresAt: '2027-03-03T12:00:00.000Z' },
      balance: '47',
      posting: { debit: 'cash-clearing', credit: 'tenant-credit', amount: '50' },
    });
  });

  test('that only repay overdraft open no lot', () => {
    const account = accountAfter(OPEN, debit(3n * EUR));
    expect(only('CreditPurchased.v1', eventsOf(purchase(2n * EUR, 'p', NOON_MS), account))).toMatchObject({
      lot: null,
      balance: '-1',
    });
  });

  test('are recorded once; the same id with another amount is refused', () => {
    const account = accountAfter(OPEN, purchase(EUR));
    expect(eventsOf(purchase(EUR), account)).toEqual([]);
    expect(refusalOf(purchase(2n * EUR), account)).toBe('purchase-exists-with-different-content');
  });

  test('of nothing, or of parts of a cent, are refused', () => {
    expect(refusalOf(purchase(0n), accountAfter(OPEN))).toBe('amount-invalid');
    expect(refusalOf(purchase(12_345_000n), accountAfter(OPEN))).toBe('amount-invalid');
  });

  test('a lot expires at its instant, written down by whatever is decided next', () => {
    const account = accountAfter(OPEN, purchase(5n * EUR));
    const events = eventsOf({ kind: 'expire-due', nowMs: Date.parse('2027-03-05T00:00:00Z') }, account);
    expect(only('LotExpired.v1', events)).toMatchObject({
      amount: '5',
      balance: '0',
      effectiveAt: '2027-03-03T11:00:00.000Z',
      recordedAt: '2027-03-05T00:00:00.000Z',
    });
    expect(eventsOf({ kind: 'expire-due', nowMs: NOON_MS }, account)).toEqual([]);
  });
});

describe('auto-recharge', () => {
  const funded = [OPEN, purchase(20n * EUR), autoRecharge(10n * EUR, 50n * EUR)] as const;

  test('is requested in the append that made it due, strictly below the trigger', () => {
    const account = accountAfter(...funded);
    expect(typesOf(eventsOf(debit(10n * EUR), account))).toEqual(['CallDebited.v1']);
    const events = eventsOf(debit(10n * EUR + 1n), account);
    expect(typesOf(events)).toEqual(['CallDebited.v1', 'RechargeRequested.v1']);
    expect(only('RechargeRequested.v1', events)).toMatchObject({
      amount: '50',
      cause: 'auto',
      currency: 'EUR',
      balance: '9.999999',
    });
  });

  test('is requested once while one is open', () => {
    const account = accountAfter(...funded, debit(15n * EUR));
    expect(typesOf(eventsOf(debit(EUR, { id: 'cdr-2' }), account))).toEqual(['CallDebited.v1']);
  });

  test('set while credit is below the trigger is due at once', () => {
    expect(typesOf(eventsOf(autoRecharge(10n * EUR, 50n * EUR), accountAfter(OPEN)))).toEqual([
      'AutoRechargeSet.v1',
      'RechargeRequested.v1',
    ]);
  });

  test('paid is credited once, and a second payment is refused, not credited', () => {
    const { account, rechargeId } = attempted();
    const pay = (paymentReference: string): LedgerCommand => {
      const outcome = { paid: true, paymentReference } as const;
      return { kind: 'record-payment', nowMs: NOON_MS, rechargeId, attempt: 1, outcome };
    };
    const events = eventsOf(pay('pay-1'), account);
    expect(typesOf(events)).toEqual(['RechargeSucceeded.v1', 'CreditPurchased.v1']);
    const after = record(account, events).account;
    expect(availableOf(after)).toBe(55n * EUR);
    expect(eventsOf(pay('pay-1'), after)).toEqual([]);
    expect(refusalOf(pay('pay-2'), after)).toBe('recharge-closed');
  });

  test('an attempt without an outcome is repeated under the same number', () => {
    const { account, rechargeId } = attempted();
    expect(eventsOf({ kind: 'attempt-payment', nowMs: NOON_MS, rechargeId }, account)).toEqual([]);
  });

  test('declined for now waits an hour, then the next attempt has the next number', () => {
    const { account, rechargeId } = attempted();
    const declined = record(account, eventsOf(decline(rechargeId, 1, true), account)).account;
    expect(refusalOf({ kind: 'attempt-payment', nowMs: NOON_MS + 3_599_999, rechargeId }, declined)).toBe(
      'payment-retry-not-due',
    );
    const events = eventsOf({ kind: 'attempt-payment', nowMs: NOON_MS + 3_600_000, rechargeId }, declined);
    expect(only('PaymentAttempted.v1', events)).toMatchObject({ attempt: 2, rechargeId });
  });

  test('declined for good fails and suspends itself until a person sets it again', () => {
    const { account, rechargeId } = attempted();
    const events = eventsOf(decline(rechargeId, 1, false), account);
    expect(only('RechargeFailed.v1', events)).toMatchObject({ code: 'expired-card', autoRechargeSuspended: true });
    const failed = record(account, events).account;
    expect(typesOf(eventsOf(debit(EUR, { id: 'cdr-3' }), failed))).toEqual(['CallDebited.v1']);
    expect(typesOf(eventsOf(autoRecharge(10n * EUR, 50n * EUR), failed))).toEqual(['AutoRechargeSet.v1', 'RechargeRequested.v1']);
  });

  test('money that was taken after all is credited although the recharge had failed', () => {
    const { account, rechargeId } = attempted();
    const failed = record(account, eventsOf(decline(rechargeId, 1, false), account)).account;
    const outcome = { paid: true, paymentReference: 'late' } as const;
    const events = eventsOf({ kind: 'record-payment', nowMs: NOON_MS, rechargeId, attempt: 1, outcome }, failed);
    expect(typesOf(events)).toEqual(['RechargeSucceeded.v1', 'CreditPurchased.v1']);
  });

  test('names what it does not know', () => {
    const { account, rechargeId } = attempted();
    expect(refusalOf({ kind: 'attempt-payment', nowMs: NOON_MS, rechargeId: 'none' }, account)).toBe('recharge-unknown');
    expect(refusalOf(decline(rechargeId, 2, true), account)).toBe('payment-attempt-unknown');
  });

  function attempted(): { account: Account; rechargeId: string } {
    const due = accountAfter(...funded, debit(15n * EUR));
    const rechargeId = [...due.recharges.keys()][0] as string;
    const attempt: LedgerCommand = { kind: 'attempt-payment', nowMs: NOON_MS, rechargeId };
    return { account: record(due, eventsOf(attempt, due)).account, rechargeId };
  }

  function decline(rechargeId: string, attempt: number, retry: boolean): LedgerCommand {
    const outcome = { paid: false, code: retry ? 'insufficient-funds' : 'expired-card', retry } as const;
    return { kind: 'record-payment', nowMs: NOON_MS, rechargeId, attempt, outcome };
  }
});

describe('a recharge bought by hand', () => {
  const request = (amountMicros: bigint): LedgerCommand => ({
    kind: 'request-recharge',
    nowMs: NOON_MS,
    rechargeId: 'hand-1',
    amountMicros,
  });

  test('is requested once and counts as pending, so that the trigger does not ask as well', () => {
    const account = accountAfter(OPEN, request(50n * EUR));
    expect(eventsOf(request(50n * EUR), account)).toEqual([]);
    expect(refusalOf(request(60n * EUR), account)).toBe('purchase-exists-with-different-content');
    expect(typesOf(eventsOf(autoRecharge(10n * EUR, 50n * EUR), account))).toEqual(['AutoRechargeSet.v1']);
  });
});

describe('alert threshold', () => {
  test('is set, set again to the same is nothing, below zero is refused', () => {
    const set = (thresholdMicros: bigint | null): LedgerCommand => ({
      kind: 'set-alert-threshold',
      nowMs: NOON_MS,
      thresholdMicros,
    });
    const account = accountAfter(OPEN, set(5n * EUR));
    expect(account.alertThresholdMicros).toBe(5n * EUR);
    expect(eventsOf(set(5n * EUR), account)).toEqual([]);
    expect(refusalOf(set(-1n), account)).toBe('amount-invalid');
  });
});
