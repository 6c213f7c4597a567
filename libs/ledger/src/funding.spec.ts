// Rules of the debit step for money coming in: purchases, recharges, and the payments taken for them.

import { describe, expect, test } from '@jest/globals';
import { availableOf, type Account } from './account.js';
import { record } from './codec.js';
import type { LedgerCommand } from './commands.js';
import {
  accountAfter,
  autoRecharge,
  debit,
  EUR,
  eventsOf,
  NOON_MS,
  only,
  OPEN,
  purchase,
  refusalOf,
  typesOf,
} from './fixtures.js';

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
    const outcome = { paid: false, code: retry ? 'insufficient-funds' : 'expired-card', class: retry ? 'soft' : 'hard' } as const;
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
