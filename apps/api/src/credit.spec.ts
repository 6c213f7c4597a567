// Credit as it stands on the stream, over real HTTP: lots, holds, included minutes, auto-recharge and alarms of an account.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LedgerCommand } from '@tollkeeper/ledger';
import { call, startApi, type TestApi, RATED_AHEAD } from './fixtures.js';

const NOW_MS = Date.parse('2026-03-03T12:00:00Z');
const EUR = 1_000_000n;

let api: TestApi;
beforeAll(async () => void (api = await startApi()));
afterAll(() => api.close());

const put = (path: string, body: unknown) => call(api, 'PUT', `/v1/tenants/${path}`, body);
const creditOf = async (tenant: string) => (await call(api, 'GET', `/v1/tenants/${tenant}/credit`)).body;
const purchase = (purchaseId: string, amountMicros: bigint, nowMs: number): LedgerCommand => {
  return { kind: 'purchase-credit', nowMs, purchaseId, amountMicros, origin: { kind: 'invoice', reference: 'I' } };
};

async function authorise(tenant: string, sessionId: string, users: readonly string[], destinationCountry: string): Promise<void> {
  await api.execute(tenant, {
    kind: 'authorise',
    nowMs: NOW_MS,
    sessionId,
    fingerprint: sessionId,
    parties: 'v1.sealed',
    traits: { direction: 'outbound', users, destinationCountry, supported: true },
    presumedAnswerMs: NOW_MS,
    requestedSeconds: 300,
    rated: RATED_AHEAD,
  });
}

describe('credit', () => {
  test('of a new account is nothing at all', async () => {
    await put('new', { currency: 'EUR' });
    expect(await creditOf('new')).toEqual({
      tenant: 'new',
      currency: 'EUR',
      balance: '0',
      reserved: '0',
      available: '0',
      overdraft: '0',
      lots: [],
      nextExpiry: null,
      openReservations: 0,
      month: '2026-03',
      pools: [],
      autoRecharge: null,
      alarms: [],
      revision: 0,
    });
    expect((await call(api, 'GET', '/v1/tenants/nobody/credit')).body.code).toBe('account-not-open');
  });

  test('lists lots in the order drawn, and what calls in progress hold of credit and of pools', async () => {
    await put('acme', { currency: 'EUR' });
    await api.execute('acme', purchase('new-lot', 20n * EUR, NOW_MS));
    await put('acme/terms', { lotTermMonths: 2 });
    await api.execute('acme', purchase('short-lot', 5n * EUR, NOW_MS));
    const plan = { country: 'FR', licences: ['calling-plan-120', 'communications-credits'] };
    await put('acme/users/anna/licences', plan);
    await put('acme/users/bob/licences', { ...plan, licences: [...plan.licences, 'audio-conferencing'] });
    await put('acme/users/carol/licences', {
      country: 'US',
      licences: ['calling-plan-international'],
      from: '2027-01-01T00:00:00Z',
    });
    await api.project();
    const { body } = await call(api, 'GET', '/v1/tenants/acme/users');
    const { pseudonym } = body.users.find(({ user }: { user: string }) => user === 'anna');
    await authorise('acme', 's-1', [pseudonym], 'FR');
    await authorise('acme', 's-2', [pseudonym], 'JP');
    expect(await creditOf('acme')).toMatchObject({
      balance: '25',
      reserved: '3',
      available: '22',
      lots: [
        { lotId: 'short-lot', remaining: '5', expiresAt: '2026-05-03T12:00:00.000Z' },
        { lotId: 'new-lot', remaining: '20', expiresAt: '2027-03-03T12:00:00.000Z' },
      ],
      nextExpiry: '2026-05-03T12:00:00.000Z',
      openReservations: 2,
      pools: [
        {
          licence: 'audio-conferencing',
          country: null,
          licences: 1,
          meters: [{ meter: 'conferencing', capSeconds: 3_600, usedSeconds: 0, heldSeconds: 0, remainingSeconds: 3_600 }],
        },
        {
          licence: 'calling-plan-120',
          country: 'FR',
          licences: 2,
          meters: [{ meter: 'domestic', capSeconds: 14_400, usedSeconds: 0, heldSeconds: 300, remainingSeconds: 14_100 }],
        },
      ],
    });
  });

  test('tells the state of auto-recharge, and what is alarming', async () => {
    await put('poor', { currency: 'EUR' });
    await put('poor/alert-threshold', { threshold: '10' });
    await put('poor/auto-recharge', { trigger: '5', amount: '20', maxPerMonth: '100' });
    const rechargeId = 'poor.3';
    const policy = { trigger: '5', amount: '20', target: null, maxPerHour: null, maxPerMonth: '100' };
    expect(await creditOf('poor')).toMatchObject({
      autoRecharge: {
        ...policy,
        suspended: false,
        failuresInRow: 0,
        underWay: rechargeId,
        nextPossibleAt: '2026-03-03T12:00:00.000Z',
      },
      alarms: [{ alarm: 'low-balance', detail: '0 EUR are available, less than 10' }],
    });
    await api.execute('poor', { kind: 'attempt-payment', nowMs: NOW_MS, rechargeId });
    const outcome = { paid: false, code: 'stolen_card', class: 'hard' } as const;
    await api.execute('poor', { kind: 'record-payment', nowMs: NOW_MS, rechargeId, attempt: 1, outcome });
    const failed = await creditOf('poor');
    expect(failed.autoRecharge).toEqual({ ...policy, suspended: true, failuresInRow: 1, underWay: null, nextPossibleAt: null });
    expect(failed.alarms.map(({ alarm }: { alarm: string }) => alarm)).toEqual(['low-balance', 'auto-recharge-suspended']);
  });
});

test('the read model’s lots are those of the stream, whatever has moved them', async () => {
  await put('moved', { currency: 'EUR' });
  const same = async (balance: string): Promise<void> => {
    await api.project();
    const row = (await call(api, 'GET', '/v1/tenants/moved/balance')).body;
    const { lots, nextExpiry, reserved } = await creditOf('moved');
    expect(row).toMatchObject({ balance, lots, nextExpiry, reserved });
  };
  const moved = { author: 'j.doe', reason: 'test', nowMs: NOW_MS };
  await api.execute('moved', purchase('p-1', 20n * EUR, NOW_MS));
  await api.execute('moved', purchase('p-2', 30n * EUR, NOW_MS));
  await api.execute('moved', debit('cdr-1', '2026-03-03T11:00:00.000Z', 25n * EUR));
  await same('25');
  await api.execute('moved', {
    kind: 'refund-purchase',
    ...moved,
    refundId: 'r-1',
    purchaseId: 'p-2',
    amountMicros: 10n * EUR,
    cause: 'refund',
  });
  await same('15');
  const adjust = { kind: 'adjust-credit', ...moved } as const;
  await api.execute('moved', { ...adjust, adjustmentId: 'a-1', direction: 'credit', amountMicros: 5n * EUR });
  await api.execute('moved', { ...adjust, adjustmentId: 'a-2', direction: 'debit', amountMicros: 50n * EUR });
  await same('-30');
  await api.execute('moved', purchase('p-3', 40n * EUR, NOW_MS));
  await same('10');
});

describe('advice', () => {
  test('comes after two months of usage, from what calls have cost', async () => {
    await put('advised', { currency: 'EUR' });
    const advice = async () => (await call(api, 'GET', '/v1/tenants/advised/advice')).body;
    expect(await advice()).toEqual({
      tenant: 'advised',
      currency: 'EUR',
      tooEarly: true,
      from: '2026-05-03',
      explanation: 'There is advice after two months of usage, from 2026-05-03 on.',
    });
    await api.execute('advised', debit('cdr-1', '2026-03-03T11:00:00.000Z', 30n * EUR));
    await api.execute('advised', debit('cdr-2', '2026-03-02T11:00:00.000Z', 12n * EUR));
    await api.project();
    expect(await advice()).toMatchObject({ tooEarly: true, from: '2026-05-02' });
    api.clock.nowMs = Date.parse('2026-05-02T00:00:00Z');
    expect(await advice()).toMatchObject({
      tooEarly: false,
      trigger: '42',
      amount: '21',
      basis: { from: '2026-03-02', to: '2026-05-01', days: 61, spent: '42', minimum: '20' },
      explanation: expect.stringContaining('recharge by 21 when less than 42 EUR are available'),
    });
    expect((await call(api, 'GET', '/v1/tenants/nobody/advice')).body.code).toBe('account-not-open');
  });
});

function debit(id: string, answerTime: string, amountMicros: bigint): LedgerCommand {
  const { timeline, ratedSeconds: _, ...rated } = RATED_AHEAD;
  return {
    kind: 'debit-call',
    nowMs: NOW_MS,
    cdr: {
      answerTime,
      callId: null,
      conferenceId: null,
      endTime: null,
      fingerprint: `1:${id}`,
      format: 'canonical',
      generation: 0,
      id,
      origin: { kind: 'file', name: 'f', record: 1 },
      parserVersion: 1,
      rawSha256: 'ab'.repeat(32),
      sessionId: null,
      setupTime: null,
      source: 'sbc',
      switchUsage: null,
      tenantRule: 'rule',
      usageMs: 60_000,
    },
    charge: { ...rated, amountMicros, gross: '0', billedUsageSeconds: 60, segments: [], rows: [1], usageMs: 60_000, timeline },
    parties: 'v1.sealed',
    report: {},
  };
}
