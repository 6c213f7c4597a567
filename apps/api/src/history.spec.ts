// What has been, over real HTTP: the balance day by day with its pace, and recharges with the reason of each failure.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RecordPayment } from '@tollkeeper/ledger';
import { DECLINE_CODES, NEVER_REACHED_GATEWAY } from '@tollkeeper/payment-gateway';
import { debitCall } from './debited-calls.fixture.js';
import { call, startApi, useDeck, type TestApi } from './fixtures.js';

const EUR = 1_000_000n;

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
  await useDeck(api, 'prefix,rate\n33,3\n');
  for (const tenant of ['acme', 'new', 'card', 'auto']) await call(api, 'PUT', `/v1/tenants/${tenant}`, { currency: 'EUR' });
});
afterAll(() => api.close());

const get = async (path: string) => (await call(api, 'GET', `/v1/tenants/${path}`)).body;

describe('the balance by day', () => {
  const on = async (instant: string, act: () => Promise<unknown>): Promise<void> => {
    api.clock.nowMs = Date.parse(instant);
    await act();
  };
  beforeAll(async () => {
    const nowMs = () => api.clock.nowMs;
    const buy = (purchaseId: string, amountMicros: bigint) => () =>
      api.execute('acme', {
        kind: 'purchase-credit',
        nowMs: nowMs(),
        purchaseId,
        amountMicros,
        origin: { kind: 'invoice', reference: 'I' },
      });
    const talk = (id: string) => () =>
      debitCall(api, 'acme', { id, answerTime: new Date(nowMs()).toISOString(), usageMs: 60_000 });
    await on('2026-03-03T12:00:00Z', buy('first', 30n * EUR));
    await on('2026-03-05T10:00:00Z', talk('a'));
    await on('2026-03-05T11:00:00Z', buy('second', 20n * EUR));
    await on('2026-03-05T12:00:00Z', talk('b'));
    await on('2026-03-12T08:00:00Z', talk('c'));
    await on('2026-03-12T12:00:00Z', () => call(api, 'PUT', '/v1/tenants/acme/auto-recharge', { trigger: '10', amount: '25' }));
    await api.project();
  });

  test('has the days on which something happened, the trigger and the pace', async () => {
    expect(await get('acme/balance/history')).toEqual({
      currency: 'EUR',
      trigger: '10',
      days: [
        { day: '2026-03-03', balance: '30', available: '30', lowestAvailable: '0' },
        { day: '2026-03-05', balance: '44', available: '44', lowestAvailable: '27' },
        { day: '2026-03-12', balance: '41', available: '41', lowestAvailable: '41' },
      ],
      // 9 EUR from the 5th on, in seven days and a half.
      pace: { perDay: '1.2', overDays: 7, runsOutOn: '2026-04-15' },
    });
  });

  test('begins with what stood on its first day', async () => {
    const of = async (days: number) => (await get(`acme/balance/history?days=${days}`)).days;
    expect(await of(7)).toEqual([
      { day: '2026-03-06', balance: '44', available: '44', lowestAvailable: '44' },
      { day: '2026-03-12', balance: '41', available: '41', lowestAvailable: '41' },
    ]);
    expect((await of(8)).map(({ day }: { day: string }) => day)).toEqual(['2026-03-05', '2026-03-12']);
    expect(await of(1)).toHaveLength(1);
  });

  test('of an account without calls runs out never; of nobody is a problem', async () => {
    expect(await get('new/balance/history')).toMatchObject({
      trigger: null,
      days: [{ balance: '0' }],
      pace: { perDay: '0', overDays: 7, runsOutOn: null },
    });
    expect((await get('nobody/balance/history')).code).toBe('balance-unknown');
    for (const days of ['0', '1101', '-1', 'all']) {
      expect([days, (await get(`acme/balance/history?days=${days}`)).code]).toEqual([days, 'parameter-invalid']);
    }
  });
});

describe('recharges', () => {
  const codes = [...DECLINE_CODES.map(({ code }) => code), NEVER_REACHED_GATEWAY, 'made-up'];
  const buy = async (code: string | undefined): Promise<void> => {
    const key = { 'idempotency-key': `buy-${code ?? 'paid'}` };
    api.clock.nowMs += 1_000;
    const bought = await call(api, 'POST', '/v1/tenants/card/purchases', { amount: '25', method: 'card' }, key);
    expect(bought.status).toBe(202);
    await api.project();
    const { rechargeId } = (await get('card/recharges?limit=1')).recharges[0];
    const nowMs = api.clock.nowMs;
    await api.execute('card', { kind: 'attempt-payment', nowMs, rechargeId });
    const outcome =
      code === undefined ? ({ paid: true, paymentReference: 'pay-1' } as const) : ({ paid: false, code, class: 'hard' } as const);
    await api.execute('card', { kind: 'record-payment', nowMs, rechargeId, attempt: 1, outcome });
    await api.project();
  };
  beforeAll(async () => {
    expect((await get('card/recharges')).recharges).toEqual([]);
    for (const code of codes) await buy(code);
    await buy(undefined);
  });

  test('come newest first, page by page', async () => {
    const seen: any[] = [];
    let path: string | null = 'card/recharges?limit=4';
    while (path !== null) {
      const { recharges, next }: any = await get(path);
      seen.push(...recharges);
      path = next === null ? null : `card/recharges?limit=4&cursor=${next}`;
    }
    expect(seen.map(({ code }) => code)).toEqual([null, ...codes.toReversed()]);
    expect(new Set(seen.map(({ rechargeId }) => rechargeId)).size).toBe(codes.length + 1);
    expect(seen[0]).toEqual({
      rechargeId: expect.any(String),
      cause: 'manual',
      amount: '25',
      currency: 'EUR',
      status: 'succeeded',
      attempts: 1,
      code: null,
      reason: null,
      retryAt: null,
      paymentReference: 'pay-1',
      requestedAt: new Date(api.clock.nowMs).toISOString(),
    });
  });

  test('that failed say why in a sentence, each code in its own', async () => {
    const { recharges } = await get('card/recharges?limit=200');
    const failed = recharges.filter(({ status }: { status: string }) => status === 'failed');
    const reasons = failed.map(({ reason }: { reason: string }) => reason);
    expect(new Set(reasons).size).toBe(codes.length);
    for (const reason of reasons) expect(reason).toMatch(/^[A-Z][^{}]+\.$/);
    expect(reasons[0]).toBe('The payment gateway declined with the code made-up.');
  });

  test('that were declined once and paid in the end have no reason', async () => {
    await call(api, 'PUT', '/v1/tenants/auto/auto-recharge', { trigger: '5', amount: '25' });
    await api.project();
    const recharge = async () => (await get('auto/recharges')).recharges[0];
    const { rechargeId } = await recharge();
    const pay = async (attempt: number, outcome: RecordPayment['outcome']): Promise<void> => {
      const nowMs = api.clock.nowMs;
      await api.execute('auto', { kind: 'attempt-payment', nowMs, rechargeId });
      await api.execute('auto', { kind: 'record-payment', nowMs, rechargeId, attempt, outcome });
      await api.project();
    };
    await pay(1, { paid: false, code: 'card-declined', class: 'soft' });
    const retryAt = new Date(api.clock.nowMs + 3_600_000).toISOString();
    expect(await recharge()).toMatchObject({ cause: 'auto', status: 'open', attempts: 1, code: 'card-declined', retryAt });
    api.clock.nowMs += 3_600_000;
    await pay(2, { paid: true, paymentReference: 'pay-2' });
    expect(await recharge()).toMatchObject({ status: 'succeeded', attempts: 2, code: null, reason: null, retryAt: null });
  });

  test('of nobody, and of a cursor made up, are problems', async () => {
    expect((await get('nobody/recharges')).code).toBe('account-not-open');
    const cursor = Buffer.from(JSON.stringify(['2026-03-03T12:00:00.000Z', 'seven'])).toString('base64url');
    expect((await get(`card/recharges?cursor=${cursor}`)).code).toBe('parameter-invalid');
  });
});
