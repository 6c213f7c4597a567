// Folds of the three read models: given the account's story, then these rows; each runs twice and must agree with itself.

import { describe, expect, test } from '@jest/globals';
import { foldSpec } from '@tollkeeper/testing';
import { recharge, type RechargeRow } from './auto-recharge.js';
import { balance, type BalanceRow } from './balance.js';
import { alertRaised, lowBalance, type LowBalanceAlert, type LowBalanceRow } from './low-balance-alert.js';
import { alertMessage, balanceMessage, rechargeCommand } from './messages.js';
import type { PlacedLedgerEvent, ReadModel, Row } from './read-model.js';

type Told = { readonly type: PlacedLedgerEvent['type'] } & Readonly<Record<string, unknown>>;

/** Events of tenant acme in order, one second and ten positions apart. */
function story(...told: readonly Told[]): readonly PlacedLedgerEvent[] {
  return told.map(({ type, ...data }, revision) => {
    const recordedAt = new Date(Date.UTC(2026, 2, 3, 12, 0, revision)).toISOString();
    const facts = { available: data['balance'], effectiveAt: recordedAt, recordedAt, tenant: 'acme', ...data };
    return { type, data: facts, tenant: 'acme', revision, position: BigInt(revision * 10) } as unknown as PlacedLedgerEvent;
  });
}

const opened: Told = { type: 'AccountOpened.v1', currency: 'EUR', plan: 'default', intakeWindowDays: 35, balance: '0' };
const bought = (amount: string, after: string, kind = 'invoice'): Told => ({
  type: 'CreditPurchased.v1',
  amount,
  balance: after,
  lot: { amount, expiresAt: '2027-03-03T12:00:00.000Z', lotId: `lot-${amount}` },
  origin: { kind },
  overdraftRepaid: '0',
});
const debited = (amount: string, after: string): Told => ({
  type: 'CallDebited.v1',
  amount,
  balance: after,
  cdr: { id: 'cdr-1' },
  lots: [{ amount, lotId: 'lot-10' }],
  overdraft: '0',
});
const threshold = (value: string | null, after: string): Told => ({
  type: 'AlertThresholdSet.v1',
  threshold: value,
  balance: after,
});

const foldOf = <R extends Row>(model: ReadModel<R>) =>
  foldSpec<R | undefined, PlacedLedgerEvent>({ initialRow: undefined, fold: (row, event) => model.fold(row, event) });

describe('balance', () => {
  test('assigns what the events say and sums what was spent, bought and recharged', () => {
    const row: BalanceRow = {
      tenant: 'acme',
      currency: 'EUR',
      plan: 'default',
      balance: '59.98',
      available: '59.98',
      reserved: '0',
      lots:
        '[{"lotId":"lot-10","remaining":"9.98","expiresAt":"2027-03-03T12:00:00.000Z"},' +
        '{"lotId":"lot-50","remaining":"50","expiresAt":"2027-03-03T12:00:00.000Z"}]',
      next_expiry: '2027-03-03T12:00:00.000Z',
      calls_debited: 1,
      calls_not_billable: 1,
      debited: '0.02',
      purchased: '10',
      recharged: '50',
      expired: '0',
      adjusted: '0',
      refunded: '0',
      alert_threshold: '5',
      recharge_trigger: '10',
      recharge_amount: '50',
      recharge_suspended: 0,
      lot_warning_days: 30,
      next_due: '2026-04-01T00:00:00.000Z',
      revision: 6,
      recorded_at: '2026-03-03T12:00:06.000Z',
    };
    const policy: Told = { type: 'AutoRechargeSet.v1', policy: { trigger: '10', amount: '50' }, balance: '9.98' };
    const unanswered: Told = { type: 'CallNotBillable.v1', balance: '9.98' };
    const events = story(
      opened,
      bought('10', '10'),
      debited('0.02', '9.98'),
      threshold('5', '9.98'),
      policy,
      unanswered,
      bought('50', '59.98', 'recharge'),
    );
    foldOf(balance).given(events).thenRow(row);
  });

  test.each<[string, readonly PlacedLedgerEvent[]]>([
    ['a balance that does not follow from the amount', story(opened, bought('10', '11'))],
    ['a gap', story(opened, bought('10', '10'), debited('1', '9')).toSpliced(1, 1)],
    ['a story without its beginning', story(bought('10', '10'))],
  ])('refuses %s', (_, events) => {
    expect(() => events.reduce<BalanceRow | undefined>((row, event) => balance.fold(row, event), undefined)).toThrow(
      /balance of acme/,
    );
  });
});

describe('low-balance alert', () => {
  const alertsOf = (events: readonly PlacedLedgerEvent[]): readonly LowBalanceAlert[] => {
    let row: LowBalanceRow | undefined;
    const alerts: LowBalanceAlert[] = [];
    for (const event of events) {
      const next = lowBalance.fold(row, event);
      const alert = alertRaised(row, next, event);
      if (alert !== undefined) alerts.push(alert);
      row = next;
    }
    return alerts;
  };

  test('is raised once per downward crossing, strictly below, and armed again by a credit', () => {
    const events = story(
      opened,
      bought('10', '10'),
      threshold('5', '10'),
      debited('5', '5'),
      debited('0.000001', '4.999999'),
      debited('1', '3.999999'),
      bought('1.000001', '5'),
      debited('1', '4'),
    );
    expect(alertsOf(events).map(({ revision, available }) => ({ revision, available }))).toEqual([
      { revision: 4, available: '4.999999' },
      { revision: 7, available: '4' },
    ]);
    foldOf(lowBalance)
      .given(events)
      .thenRow({ tenant: 'acme', currency: 'EUR', threshold: '5', below: 1, alerts: 2, revision: 7 });
  });

  test('is an edge: a threshold set above the balance raises none, nor does one taken away', () => {
    expect(alertsOf(story(opened, threshold('5', '0'), debited('1', '-1'), threshold(null, '-1'), debited('1', '-2')))).toEqual(
      [],
    );
  });

  test('carries an id made of tenant and revision, and the place its publisher counts by', () => {
    const [alert] = alertsOf(story(opened, bought('10', '10'), threshold('5', '10'), debited('6', '4')));
    expect(alert).toMatchObject({ alert_id: 'acme:3', position: 30, threshold: '5', available: '4' });
    expect(alertMessage(alert as LowBalanceAlert)).toMatchObject({ id: 'acme:3', subject: 'acme', data: { available: '4' } });
  });
});

describe('auto-recharge', () => {
  const requested: Told = {
    type: 'RechargeRequested.v1',
    rechargeId: 'acme.3',
    cause: 'auto',
    amount: '50',
    currency: 'EUR',
    balance: '0',
  };
  const attempted = (attempt: number): Told => ({
    type: 'PaymentAttempted.v1',
    rechargeId: 'acme.3',
    attempt,
    amount: '50',
    balance: '0',
  });
  const declined: Told = {
    type: 'PaymentDeclined.v1',
    rechargeId: 'acme.3',
    attempt: 1,
    code: 'insufficient-funds',
    retryAt: '2026-03-03T13:00:00.000Z',
    balance: '0',
  };
  const succeeded: Told = {
    type: 'RechargeSucceeded.v1',
    rechargeId: 'acme.3',
    attempt: 2,
    paymentReference: 'pay-1',
    amount: '50',
    balance: '0',
  };
  const start: RechargeRow = {
    recharge_id: 'acme.3',
    tenant: 'acme',
    cause: 'auto',
    amount: '50',
    currency: 'EUR',
    status: 'open',
    attempts: 0,
    last_code: null,
    retry_at: null,
    payment_reference: null,
    requested_at: '2026-03-03T12:00:00.000Z',
    requested_revision: 0,
    revision: 0,
  };

  test('follows a recharge from its request to its outcome', () => {
    foldOf(recharge).given(story(requested)).thenRow(start);
    const waiting = { ...start, attempts: 1, last_code: 'insufficient-funds', retry_at: '2026-03-03T13:00:00.000Z', revision: 2 };
    foldOf(recharge)
      .given(story(requested, attempted(1), declined))
      .thenRow(waiting);
    const paid = {
      ...waiting,
      status: 'succeeded',
      attempts: 2,
      retry_at: null,
      payment_reference: 'pay-1',
      revision: 4,
    } as const;
    foldOf(recharge)
      .given(story(requested, attempted(1), declined, attempted(2), succeeded))
      .thenRow(paid);
  });

  test('is passed on as a command by its request and by nothing else', () => {
    const commands = story(requested, attempted(1), declined, attempted(2), succeeded).map(rechargeCommand);
    expect(commands.filter((command) => command !== undefined)).toMatchObject([
      { id: 'acme:0', data: { rechargeId: 'acme.3', amount: '50' } },
    ]);
  });
});

describe('balance messages', () => {
  test('tell every change of the balance, and only those', () => {
    const events = story(opened, bought('10', '10'), threshold('5', '10'), debited('0', '10'), debited('1', '9'));
    expect(events.map(balanceMessage).map((message) => message?.id)).toEqual([
      'acme:0',
      'acme:1',
      undefined,
      undefined,
      'acme:4',
    ]);
    expect(balanceMessage(events[4] as PlacedLedgerEvent)?.data).toMatchObject({
      amount: '1',
      balance: '9',
      cause: 'CallDebited.v1',
      cdrId: 'cdr-1',
    });
  });
});
