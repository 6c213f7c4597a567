// Fold of the notices: given the account's story, then these are told; each story is told twice and must say the same.

import { describe, expect, test } from '@jest/globals';
import { foldSpec } from '@tollkeeper/testing';
import { MESSAGE_TYPES, noticeMessage } from './messages.js';
import { noticeAccount, noticesRaised, type Notice, type NoticeAccountRow } from './notices.js';
import type { PlacedLedgerEvent } from './read-model.js';

type Told = { readonly type: PlacedLedgerEvent['type'] } & Readonly<Record<string, unknown>>;

const TENANT = 'acme';

/** Events of one tenant in order, one second and ten positions apart. */
function story(...told: readonly Told[]): readonly PlacedLedgerEvent[] {
  return told.map(({ type, ...data }, revision) => {
    const recordedAt = new Date(Date.UTC(2026, 2, 3, 12, 0, revision)).toISOString();
    const facts = { balance: '10', available: data['balance'] ?? '10', effectiveAt: recordedAt, recordedAt, ...data };
    return { type, data: facts, tenant: TENANT, revision, position: BigInt(revision * 10) } as unknown as PlacedLedgerEvent;
  });
}

function noticesOf(events: readonly PlacedLedgerEvent[]): readonly Notice[] {
  const run = (): readonly Notice[] => {
    let row: NoticeAccountRow | undefined;
    return events.flatMap((event) => {
      const before = row;
      row = noticeAccount.fold(before, event);
      return noticesRaised(before, row, event);
    });
  };
  expect(run()).toEqual(run());
  return run();
}

const idsOf = (events: readonly PlacedLedgerEvent[]): readonly string[] => noticesOf(events).map(({ noticeId }) => noticeId);

const opened: Told = { type: 'AccountOpened.v1', currency: 'EUR', balance: '0' };
const bought = (balance: string): Told => ({ type: 'CreditPurchased.v1', amount: '10', balance, origin: { kind: 'invoice' } });
const debited = (balance: string, pool: object | null = null): Told => ({ type: 'CallDebited.v1', balance, pool });
const reversed = (balance: string, pool: object | null = null): Told => ({ type: 'CallReversed.v1', balance, pool });
const requested: Told = { type: 'RechargeRequested.v1', rechargeId: 'acme.3', amount: '50', cause: 'auto', currency: 'EUR' };
const succeeded: Told = { type: 'RechargeSucceeded.v1', rechargeId: 'acme.3', amount: '50', paymentReference: 'pay-1' };
const credited: Told = {
  type: 'CreditPurchased.v1',
  amount: '50',
  balance: '60',
  origin: { kind: 'recharge', rechargeId: 'acme.3', paymentReference: 'pay-1' },
};
const failed = (autoRechargeSuspended: boolean): Told => ({
  type: 'RechargeFailed.v1',
  rechargeId: 'acme.3',
  attempt: 1,
  code: 'expired-card',
  autoRechargeSuspended,
});

describe('8.8 recharges are mailed', () => {
  test('a success is told by the purchase that follows it, with the balance after', () => {
    expect(noticesOf(story(opened, requested, succeeded, credited))).toEqual([
      {
        noticeId: 'recharge-succeeded:acme:acme.3',
        tenant: 'acme',
        kind: 'recharge-succeeded',
        currency: 'EUR',
        facts: { amount: '50', balance: '60', cause: 'auto', paymentReference: 'pay-1', rechargeId: 'acme.3' },
        revision: 3,
        position: 30n,
        raisedAt: '2026-03-03T12:00:03.000Z',
      },
    ]);
  });

  test('an invoice is no recharge', () => {
    expect(noticesOf(story(opened, bought('10')))).toEqual([]);
  });

  test('a failure is told with its code, and a suspension on its own', () => {
    expect(noticesOf(story(opened, requested, failed(false)))).toMatchObject([
      { noticeId: 'recharge-failed:acme:acme.3', facts: { amount: '50', cause: 'auto', code: 'expired-card', attempt: 1 } },
    ]);
    expect(noticesOf(story(opened, requested, failed(true))).map(({ kind }) => kind)).toEqual([
      'recharge-failed',
      'auto-recharge-suspended',
    ]);
  });

  test('a decline is told only when the holder must authenticate, once an attempt', () => {
    const declined = (attempt: number, code: string): Told => ({
      type: 'PaymentDeclined.v1',
      rechargeId: 'acme.3',
      attempt,
      code,
      retryAt: '2026-03-04T12:00:00.000Z',
    });
    const events = story(
      opened,
      requested,
      declined(1, 'insufficient-funds'),
      declined(2, 'authentication-required'),
      declined(3, 'authentication-required'),
    );
    expect(noticesOf(events)).toMatchObject([
      { noticeId: 'authentication-required:acme:acme.3:2', facts: { amount: '50', until: '2026-03-04T12:00:00.000Z' } },
      { noticeId: 'authentication-required:acme:acme.3:3' },
    ]);
  });

  test('what was asked for is forgotten with its outcome', () => {
    const row = noticesRow(story(opened, requested, succeeded, credited));
    expect(row.open_recharges).toBe('{}');
    expect(noticesRow(story(opened, requested)).open_recharges).toBe('{"acme.3":{"amount":"50","cause":"auto"}}');
  });
});

describe('8.8 balance reached zero is mailed', () => {
  test.each<[string, readonly Told[], readonly string[]]>([
    ['exactly', [bought('10'), debited('0')], ['balance-zero:acme:2']],
    ['past it', [bought('10'), debited('-0.000001')], ['balance-zero:acme:2']],
    ['not quite', [bought('10'), debited('0.000001')], []],
    ['once while it stays below', [bought('10'), debited('0'), debited('-1'), debited('-2')], ['balance-zero:acme:2']],
    [
      'again after a credit',
      [bought('10'), debited('0'), bought('1'), debited('0')],
      ['balance-zero:acme:2', 'balance-zero:acme:4'],
    ],
    ['by an expiry', [bought('10'), { type: 'LotExpired.v1', amount: '10', balance: '0' }], ['balance-zero:acme:2']],
    ['of an account that never had any', [debited('-1')], []],
  ])('%s', (_, told, ids) => {
    expect(idsOf(story(opened, ...told))).toEqual(ids);
  });

  test('follows the balance, not what is available', () => {
    expect(idsOf(story(opened, bought('10'), { type: 'ReservationMade.v1', balance: '10', available: '0' }))).toEqual([]);
  });

  test('is judged on a reversal and its replacement together', () => {
    expect(idsOf(story(opened, bought('10'), debited('0'), reversed('4'), debited('-1')))).toEqual(['balance-zero:acme:2']);
    expect(idsOf(story(opened, bought('10'), debited('1'), reversed('4'), debited('0')))).toEqual(['balance-zero:acme:4']);
    expect(idsOf(story(opened, bought('10'), debited('0'), reversed('4'), debited('1'), debited('0')))).toEqual([
      'balance-zero:acme:2',
      'balance-zero:acme:5',
    ]);
  });
});

describe('8.2 pools are mailed of at 80 % and 100 %', () => {
  const minutes = (used: number, cap = 100, month = '2026-03', meter = 'domestic'): object => ({
    capMs: cap * 60_000,
    // Less what calls in progress hold, which is all of it here: it must not matter.
    remainingMs: 0,
    usedMs: used * 60_000,
    pool: 'calling-plan-120 FR',
    month,
    meter,
  });
  const calls = (...pools: readonly object[]) => story(opened, bought('10'), ...pools.map((pool) => debited('10', pool)));
  const AT_80 = 'pool-80:acme:2026-03:domestic:calling-plan-120%20FR';
  const AT_100 = 'pool-100:acme:2026-03:domestic:calling-plan-120%20FR';

  test.each<[string, readonly object[], readonly string[]]>([
    ['79 of 100 minutes', [minutes(79)], []],
    ['80', [minutes(79), minutes(1)], [AT_80]],
    ['80, then 99, then 100', [minutes(80), minutes(19), minutes(1)], [AT_80, AT_100]],
    ['past both at once', [minutes(70), minutes(30)], [AT_100]],
    [
      'both meters',
      [minutes(80), minutes(80, 100, '2026-03', 'international')],
      [AT_80, AT_80.replace('domestic', 'international')],
    ],
    ['two months', [minutes(80), minutes(80, 100, '2026-04')], [AT_80, AT_80.replace('03', '04')]],
    ['a cap raised by licences, reached again', [minutes(80), minutes(10, 200), minutes(70, 200)], [AT_80]],
    ['a late call of the month before last', [minutes(80, 100, '2026-05'), minutes(80)], [AT_80.replace('03', '05'), AT_80]],
    [
      'a call of a month that is not counted any more',
      [...['04', '05', '06'].map((month) => minutes(1, 100, `2026-${month}`)), minutes(80)],
      [],
    ],
  ])('%s', (_, pools, ids) => {
    expect(idsOf(calls(...pools))).toEqual(ids);
  });

  test('a reversal gives minutes back and is judged with its replacement', () => {
    const given = [opened, bought('10'), debited('10', minutes(75))];
    expect(idsOf(story(...given, reversed('10', minutes(75)), debited('10', minutes(79)), debited('10', minutes(1))))).toEqual([
      AT_80,
    ]);
    expect(idsOf(story(...given, reversed('10', minutes(75)), debited('10', minutes(76))))).toEqual([]);
  });

  test('says how much is used of what', () => {
    expect(noticesOf(calls(minutes(85)))[0]?.facts).toEqual({
      capMs: 6_000_000,
      meter: 'domestic',
      month: '2026-03',
      pool: 'calling-plan-120 FR',
      usedMs: 5_100_000,
    });
  });
});

describe('warnings', () => {
  test('a lot about to expire, once', () => {
    const warned: Told = { type: 'LotExpiryWarned.v1', amount: '7', lotId: 'lot-1', expiresAt: '2026-04-01T00:00:00.000Z' };
    expect(noticesOf(story(opened, warned))).toMatchObject([
      { noticeId: 'lot-about-to-expire:acme:lot-1', facts: { amount: '7', expiresAt: '2026-04-01T00:00:00.000Z' } },
    ]);
  });

  test('a burst, once an hour', () => {
    const hour = '2026-03-03T12:00:00.000Z';
    const burst: Told = { type: 'BurstDetected.v1', cause: 'spending', hour, limit: '5', spent: '6' };
    expect(noticesOf(story(opened, burst))).toMatchObject([
      { noticeId: 'burst:acme:2026-03-03T12%3A00%3A00.000Z', facts: { cause: 'spending', limit: '5', spent: '6' } },
    ]);
  });

  test('a low balance, as the alert on the bus says it', () => {
    const threshold: Told = { type: 'AlertThresholdSet.v1', threshold: '5' };
    const [notice] = noticesOf(story(opened, bought('10'), threshold, debited('4')));
    expect(notice).toMatchObject({ noticeId: 'low-balance:acme:3', facts: { available: '4', threshold: '5' } });
    expect(noticeMessage(notice as Notice)).toMatchObject({
      type: 'tollkeeper.alert.low-balance.v1',
      data: { available: '4', currency: 'EUR', revision: 3, tenant: 'acme', threshold: '5' },
    });
  });

  test('every message has a type that can be subscribed to', () => {
    const messages = noticesOf(story(opened, requested, failed(true), bought('1'), debited('0'))).map(noticeMessage);
    expect(messages).toHaveLength(3);
    for (const { type } of messages) expect(MESSAGE_TYPES).toContain(type);
  });
});

test('recipients are those set last, and the row is the same whenever it is folded', () => {
  const events = story(opened, { type: 'RecipientsSet.v1', sealedRecipients: 'v1.a' }, bought('10'), {
    type: 'RecipientsSet.v1',
    sealedRecipients: 'v1.b',
  });
  foldSpec<NoticeAccountRow | undefined, PlacedLedgerEvent>({
    initialRow: undefined,
    fold: (row, event) => noticeAccount.fold(row, event),
  })
    .given(events)
    .thenRow({
      tenant: 'acme',
      currency: 'EUR',
      threshold: null,
      below: 0,
      alerts: 0,
      balance: '10',
      open_recharges: '{}',
      pools: '{}',
      sealed_recipients: 'v1.b',
      revision: 3,
    });
});

test("names cannot imitate another cause's id", () => {
  const lot = (lotId: string): Told => ({
    type: 'LotExpiryWarned.v1',
    amount: '1',
    lotId,
    expiresAt: '2026-04-01T00:00:00.000Z',
  });
  expect(idsOf(story(opened, lot('a:b'), lot('a%3Ab')))).toEqual([
    'lot-about-to-expire:acme:a%3Ab',
    'lot-about-to-expire:acme:a%253Ab',
  ]);
});

function noticesRow(events: readonly PlacedLedgerEvent[]): NoticeAccountRow {
  return events.reduce<NoticeAccountRow | undefined>(
    (row, event) => noticeAccount.fold(row, event),
    undefined,
  ) as NoticeAccountRow;
}
