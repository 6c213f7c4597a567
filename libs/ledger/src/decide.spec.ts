// Rules of the debit step for calls: given what an account has been through, when a CDR comes, then these events or this refusal.

import { describe, expect, test } from '@jest/globals';
import { initialAccount, type Account } from './account.js';
import { record } from './codec.js';
import type { LedgerCommand } from './commands.js';
import { suspectRevisions } from './debit-call.js';
import type { LedgerEvent } from './events.js';
import {
  accountAfter,
  debit,
  EUR,
  eventsOf,
  NOON_MS,
  notBillable,
  only,
  OPEN,
  purchase,
  refusalOf,
  typesOf,
} from './fixtures.js';

const DAY_MS = 86_400_000;

/** As the stream writer does: shows a suspicious command the events that its key may stand in. */
function withEvidence(command: ReturnType<typeof debit>, account: Account, events: readonly LedgerEvent[]) {
  return { ...command, evidence: suspectRevisions(command, account).map((revision) => events[revision] as LedgerEvent) };
}

describe('opening', () => {
  test('an account is opened once; the same again is nothing, another currency is refused', () => {
    const account = accountAfter(OPEN);
    expect(account).toMatchObject({ open: true, currency: 'EUR', plans: [{ plan: 'default' }], balanceMicros: 0n });
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
