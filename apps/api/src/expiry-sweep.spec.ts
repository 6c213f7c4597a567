// The sweep for what is due, on accounts to whom nothing else happens: which it asks, and what they write down.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { streamOf } from '@tollkeeper/ledger';
import { ExpirySweep } from './expiry-sweep.js';
import { call, RATED_AHEAD, startApi, type TestApi } from './fixtures.js';

const START_MS = Date.parse('2026-03-03T12:00:00Z');
const DAY_MS = 86_400_000;
const EUR = 1_000_000n;

let api: TestApi;
let number = 0;
beforeAll(async () => void (api = await startApi()));
beforeEach(() => void (api.clock.nowMs = START_MS));
afterAll(() => api.close());

async function open(): Promise<string> {
  const tenant = `tenant-${(number += 1)}`;
  await call(api, 'PUT', `/v1/tenants/${tenant}`, { currency: 'EUR' });
  return tenant;
}

const purchase = (tenant: string, amountMicros: bigint): Promise<void> => {
  const origin = { kind: 'invoice', reference: 'I' } as const;
  return api.execute(tenant, { kind: 'purchase-credit', nowMs: START_MS, purchaseId: 'first', amountMicros, origin });
};

async function typesOf(tenant: string): Promise<readonly string[]> {
  const types: string[] = [];
  for await (const page of api.eventStore.readStream(streamOf(tenant))) types.push(...page.map(({ type }) => type));
  return types;
}

/** What the tenant's stream gained. */
async function sweptAt(tenant: string, nowMs: number): Promise<readonly string[]> {
  const before = (await typesOf(tenant)).length;
  api.clock.nowMs = nowMs;
  await api.project();
  await api.app.get(ExpirySweep).sweep();
  return (await typesOf(tenant)).slice(before);
}

describe('a sweep', () => {
  test('warns of lots, expires them and closes months, each once', async () => {
    const tenant = await open();
    await purchase(tenant, 20n * EUR);
    expect(await sweptAt(tenant, START_MS + DAY_MS)).toEqual([]);
    expect(await sweptAt(tenant, Date.parse('2026-04-01T00:00:00Z'))).toEqual(['PeriodClosed.v1']);
    expect(await sweptAt(tenant, Date.parse('2026-06-01T00:00:00Z'))).toEqual([]);
    expect(await sweptAt(tenant, Date.parse('2027-02-02T00:00:00Z'))).toEqual(['LotExpiryWarned.v1']);
    expect(await sweptAt(tenant, Date.parse('2027-03-03T12:00:00Z'))).toEqual(['PeriodClosed.v1', 'LotExpired.v1']);
    expect(await sweptAt(tenant, Date.parse('2027-03-04T00:00:00Z'))).toEqual([]);
    await api.project();
    const { body } = await call(api, 'GET', `/v1/tenants/${tenant}/balance`);
    expect(body).toMatchObject({ balance: '0', expired: '20', lots: [], nextExpiry: null });
  });

  test('frees holds that have run out', async () => {
    const tenant = await open();
    await purchase(tenant, 20n * EUR);
    await api.execute(tenant, {
      kind: 'authorise',
      nowMs: START_MS,
      sessionId: 's-1',
      fingerprint: 's-1',
      parties: 'v1.sealed',
      traits: { direction: 'outbound', users: [], destinationCountry: 'FR', supported: true },
      presumedAnswerMs: START_MS,
      requestedSeconds: 60,
      rated: RATED_AHEAD,
    });
    expect(await sweptAt(tenant, START_MS + 60_000)).toEqual([]);
    expect(await sweptAt(tenant, START_MS + 600_000)).toEqual(['ReservationExpired.v1']);
  });

  test('asks for the recharge that waited for the end of a back-off', async () => {
    const tenant = await open();
    await call(api, 'PUT', `/v1/tenants/${tenant}/auto-recharge`, { trigger: '5', amount: '20' });
    const rechargeId = `${tenant}.2`;
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const nowMs = START_MS + attempt * DAY_MS;
      await api.execute(tenant, { kind: 'attempt-payment', nowMs, rechargeId });
      const outcome = { paid: false, code: 'insufficient_funds', class: 'soft' } as const;
      await api.execute(tenant, { kind: 'record-payment', nowMs, rechargeId, attempt, outcome });
    }
    expect(await sweptAt(tenant, START_MS + 4.5 * DAY_MS)).toEqual([]);
    expect(await sweptAt(tenant, START_MS + 5 * DAY_MS)).toEqual(['RechargeRequested.v1']);
    expect(await sweptAt(tenant, START_MS + 5 * DAY_MS + 60_000)).toEqual([]);
  });
});
