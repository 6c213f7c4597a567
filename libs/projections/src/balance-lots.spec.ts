// Fold of a tenant's open lots and of what is due next: given the account's story, then these columns; each runs twice.

import { describe, expect, test } from '@jest/globals';
import { balance, type BalanceRow } from './balance.js';
import type { PlacedLedgerEvent } from './read-model.js';

type Told = { readonly type: PlacedLedgerEvent['type'] } & Readonly<Record<string, unknown>>;

const SOON = '2026-06-01T00:00:00.000Z';
const LATE = '2027-03-03T12:00:00.000Z';

const opened: Told = { type: 'AccountOpened.v1', currency: 'EUR', plan: 'default', intakeWindowDays: 35, balance: '0' };
const lot = (lotId: string, amount: string, expiresAt = LATE) => ({ amount, expiresAt, lotId });
const bought = (lotId: string, amount: string, after: string, expiresAt = LATE, overdraftRepaid = '0'): Told => ({
  type: 'CreditPurchased.v1',
  amount,
  balance: after,
  lot: lot(lotId, amount === overdraftRepaid ? '0' : String(Number(amount) - Number(overdraftRepaid)), expiresAt),
  origin: { kind: 'invoice' },
  overdraftRepaid,
});
const debited = (amount: string, after: string, lots: readonly [string, string][], overdraft = '0'): Told => ({
  type: 'CallDebited.v1',
  amount,
  balance: after,
  lots: lots.map(([lotId, part]) => ({ amount: part, lotId })),
  overdraft,
});

function rowAfter(...told: readonly Told[]): BalanceRow {
  const events = told.map(({ type, ...data }, revision) => {
    const recordedAt = new Date(Date.UTC(2026, 2, 3, 12, 0, revision)).toISOString();
    const facts = { available: data['balance'], effectiveAt: recordedAt, recordedAt, tenant: 'acme', ...data };
    return { type, data: facts, tenant: 'acme', revision, position: BigInt(revision) } as unknown as PlacedLedgerEvent;
  });
  const run = () => events.reduce<BalanceRow | undefined>((row, event) => balance.fold(row, event), undefined) as BalanceRow;
  expect(run()).toEqual(run());
  return run();
}

const lotsOf = ({ lots }: BalanceRow): readonly [string, string][] =>
  (JSON.parse(lots) as { lotId: string; remaining: string }[]).map(({ lotId, remaining }) => [lotId, remaining]);

describe('lots', () => {
  const START = [opened, bought('late', '20', '20'), bought('soon', '5', '25', SOON)];

  test('stand in the order drawn, and the next expiry is the first one’s', () => {
    const row = rowAfter(...START);
    expect([lotsOf(row), row.next_expiry]).toEqual([
      [
        ['soon', '5'],
        ['late', '20'],
      ],
      SOON,
    ]);
  });

  test('are drawn by calls as the events say, and free calls leave them', () => {
    const call = debited('6', '19', [
      ['soon', '5'],
      ['late', '1'],
    ]);
    const row = rowAfter(...START, call, debited('0', '19', []));
    expect([lotsOf(row), row.next_expiry]).toEqual([[['late', '19']], LATE]);
  });

  test('are none when overdrawn; a purchase repays first', () => {
    const overdrawn = [
      ...START,
      debited(
        '28',
        '-3',
        [
          ['soon', '5'],
          ['late', '20'],
        ],
        '3',
      ),
    ];
    const row = rowAfter(...overdrawn);
    expect([row.lots, row.next_expiry]).toEqual(['[]', null]);
    expect(lotsOf(rowAfter(...overdrawn, bought('next', '10', '7', LATE, '3')))).toEqual([['next', '7']]);
  });

  test('expire, are refunded and adjusted, and get back what a reversal gives', () => {
    const expired: Told = { type: 'LotExpired.v1', amount: '5', lotId: 'soon', balance: '20' };
    const refund: Told = {
      type: 'PurchaseRefunded.v1',
      amount: '15',
      balance: '5',
      lots: [{ amount: '15', lotId: 'late' }],
      overdraft: '0',
    };
    const gift: Told = {
      type: 'CreditAdjusted.v1',
      amount: '2',
      balance: '7',
      direction: 'credit',
      lot: lot('gift', '2'),
      lots: [],
      overdraft: '0',
      overdraftRepaid: '0',
    };
    const taken: Told = {
      ...gift,
      amount: '6',
      balance: '1',
      direction: 'debit',
      lot: null,
      lots: [
        { amount: '5', lotId: 'late' },
        { amount: '1', lotId: 'gift' },
      ],
    };
    const row = rowAfter(...START, expired, refund, gift, taken);
    expect([lotsOf(row), row.expired, row.refunded, row.adjusted]).toEqual([[['gift', '1']], '5', '15', '-4']);
    const reversed: Told = {
      type: 'CallReversed.v1',
      amount: '20',
      balance: '25',
      lots: [lot('late', '20')],
      newLot: null,
      overdraftRepaid: '0',
    };
    const story = [...START, debited('20', '5', [['late', '20']]), reversed];
    expect(lotsOf(rowAfter(...story))).toEqual([
      ['soon', '5'],
      ['late', '20'],
    ]);
  });

  test('that do not hold what an event takes set the tenant aside', () => {
    expect(() => rowAfter(...START, debited('6', '19', [['soon', '6']]))).toThrow(RangeError);
  });

  test('what is held is balance less available', () => {
    const made: Told = { type: 'ReservationMade.v1', balance: '25', available: '23.5' };
    expect(rowAfter(...START, made)).toMatchObject({ balance: '25', available: '23.5', reserved: '1.5' });
  });
});

describe('what is due next', () => {
  const warned: Told = { type: 'LotExpiryWarned.v1', lotId: 'soon', amount: '5', balance: '5', expiresAt: SOON };
  const warningDays = (lotWarningDays: number): Told => ({ type: 'TermsSet.v1', terms: { lotWarningDays }, balance: '5' });
  const soon = bought('soon', '5', '5', SOON);
  const closed: Told = { type: 'PeriodClosed.v1', balance: '5' };

  test.each<[string, readonly Told[], string | null]>([
    ['the month’s end', [opened], '2026-04-01T00:00:00.000Z'],
    ['nothing once it is closed', [opened, { ...closed, balance: '0' }], null],
    ['a lot’s warning', [opened, soon, closed], '2026-05-02T00:00:00.000Z'],
    ['a warning by the account’s terms', [opened, soon, warningDays(90), closed], '2026-03-03T00:00:00.000Z'],
    ['its expiry once warned of', [opened, soon, warned, closed], SOON],
    ['the sooner of both', [opened, soon, warned], '2026-04-01T00:00:00.000Z'],
  ])('is %s', (_what, told, expected) => {
    expect(rowAfter(...told).next_due).toBe(expected);
  });
});

test('a person’s word ends the suspension of auto-recharge', () => {
  const failed: Told = { type: 'RechargeFailed.v1', autoRechargeSuspended: true, balance: '0' };
  expect(rowAfter(opened, failed).recharge_suspended).toBe(1);
  expect(rowAfter(opened, failed, { type: 'AutoRechargeResumed.v1', balance: '0' }).recharge_suspended).toBe(0);
});
