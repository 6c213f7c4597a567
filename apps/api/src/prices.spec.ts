// HTTP, prices and plans: what a call would cost and how long credit would last, and every way to ask wrongly.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApi, type TestApi, useDeck } from './fixtures.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
  const { nowMs } = api.clock;
  await useDeck(api, 'plan,prefix,rate,currency\ndefault,49,0.02,EUR\ngold,49,0.01,EUR\n');
  await put('/v1/tenants/acme', { currency: 'EUR' });
  await api.execute('acme', {
    kind: 'purchase-credit',
    nowMs,
    purchaseId: 'p',
    amountMicros: 50_000n,
    origin: { kind: 'invoice', reference: 'i' },
  });
});
afterAll(() => api.close());

async function ask(method: string, path: string, body: object): Promise<{ status: number; body: any }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(api.url + path, { method, headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}
const put = (path: string, body: object) => ask('PUT', path, body);
const price = (body: object) => ask('POST', '/v1/prices', body);

describe('a price', () => {
  test('by plan and currency, with the segments that explain it', async () => {
    expect(await price({ currency: 'EUR', calledNumber: '+4930123456', usageSeconds: 60.001, balance: '0.05' })).toMatchObject({
      status: 200,
      body: {
        amount: '0.04',
        gross: '0.04',
        prefix: '49',
        maxUsageSeconds: 120,
        segments: [{ fromSecond: 0, seconds: 120, rate: '0.02' }],
      },
    });
  });

  test("by a tenant is its plan's, and lasts as long as its available balance", async () => {
    expect((await price({ tenant: 'acme', calledNumber: '+4930123456' })).body).toMatchObject({
      amount: '0.02',
      maxUsageSeconds: 120,
    });
    expect(await put('/v1/tenants/acme/plan', { plan: 'gold', from: '2026-03-01T00:00:00Z' })).toMatchObject({
      status: 200,
      body: { changed: true },
    });
    expect(await put('/v1/tenants/acme/plan', { plan: 'gold', from: '2026-03-01T00:00:00Z' })).toMatchObject({
      body: { changed: false },
    });
    expect((await price({ tenant: 'acme', calledNumber: '+4930123456' })).body).toMatchObject({
      plan: 'gold',
      amount: '0.01',
      maxUsageSeconds: 300,
    });
    const before = { tenant: 'acme', calledNumber: '+4930123456', answerTime: '2026-02-01T00:00:00Z' };
    expect((await price(before)).body).toMatchObject({ plan: 'default', amount: '0.02' });
  });

  test.each([
    [{ currency: 'EUR', calledNumber: '+33140000001' }, 422, 'no-rate'],
    [{ currency: 'USD', calledNumber: '+4930123456' }, 422, 'no-rate-in-currency'],
    [{ currency: 'EUR', plan: 'silver', calledNumber: '+4930123456' }, 422, 'no-plan'],
    [{ currency: 'EUR', calledNumber: '+4930123456', answerTime: '2025-01-01T00:00:00Z' }, 422, 'no-plan'],
    [{ tenant: 'nobody', calledNumber: '+4930123456' }, 404, 'account-not-open'],
    [{ calledNumber: '+4930123456' }, 422, 'request-invalid'],
    [{ tenant: 'acme', currency: 'EUR', calledNumber: '+4930123456' }, 422, 'request-invalid'],
    [{ currency: 'EUR', calledNumber: '030123' }, 422, 'request-invalid'],
    [{ currency: 'EUR', calledNumber: '+4930123456', usageSeconds: -1 }, 422, 'request-invalid'],
    [{ currency: 'EUR', calledNumber: '+4930123456', answerTime: '2026-02-30' }, 422, 'request-invalid'],
  ])('%j is answered with %d %s', async (body, status, code) => {
    expect(await price(body)).toMatchObject({ status, body: { code } });
  });
});
