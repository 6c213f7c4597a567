// The API's reads over real HTTP: balances, pages, events, what an operator asks, and what OpenAPI tells.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { STREAM_PREFIX } from '@tollkeeper/ledger';
import { waitFor } from '@tollkeeper/testing';
import { call, startApi, type TestApi } from './fixtures.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
  for (const tenant of ['a', 'b', 'c']) {
    await call(api, 'PUT', `/v1/tenants/${tenant}`, { currency: 'EUR' });
    const headers = { 'idempotency-key': 'first' };
    await call(api, 'POST', `/v1/tenants/${tenant}/purchases`, { amount: '20', method: 'invoice', reference: 'I' }, headers);
  }
  await api.project();
});
afterAll(() => api.close());

const get = (path: string) => call(api, 'GET', path);

describe('balances', () => {
  test('are those of the read model', async () => {
    expect((await get('/v1/tenants/a/balance')).body).toEqual({
      tenant: 'a',
      currency: 'EUR',
      plan: 'default',
      balance: '20',
      available: '20',
      reserved: '0',
      lots: [{ lotId: 'first', remaining: '20', expiresAt: '2027-03-03T12:00:00.000Z' }],
      nextExpiry: '2027-03-03T12:00:00.000Z',
      callsDebited: 0,
      callsNotBillable: 0,
      debited: '0',
      purchased: '20',
      recharged: '0',
      expired: '0',
      adjusted: '0',
      refunded: '0',
      alertThreshold: null,
      autoRecharge: null,
      revision: 1,
      recordedAt: '2026-03-03T12:00:00.000Z',
    });
    const unknown = await get('/v1/tenants/nobody/balance');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'balance-unknown']);
  });

  test('wait for a revision, and say so when it does not come', async () => {
    const written = await call(api, 'PUT', '/v1/tenants/a/alert-threshold', { threshold: '1' });
    const waiting = get(`/v1/tenants/a/balance?minRevision=${written.body.revision}`);
    await api.project();
    expect((await waiting).body).toMatchObject({ revision: written.body.revision, alertThreshold: '1' });
    const late = await get('/v1/tenants/a/balance?minRevision=99');
    expect([late.status, late.body.code]).toEqual([504, 'projection-lags']);
    expect((await get('/v1/tenants/a/balance?minRevision=-1')).body.code).toBe('parameter-invalid');
  });

  test('of all tenants come page by page', async () => {
    const first = await get('/v1/tenants?limit=2');
    expect(first.body.tenants.map(({ tenant }: { tenant: string }) => tenant)).toEqual(['a', 'b']);
    const second = await get(first.body.next);
    expect(second.body.tenants.map(({ tenant }: { tenant: string }) => tenant)).toEqual(['c']);
    expect(second.body.next).toBeNull();
    for (const query of ['limit=0', 'limit=1001', 'limit=ten', 'after=%00', 'page=2']) {
      expect([query, (await get(`/v1/tenants?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe('events', () => {
  test('are given as they are stored, page by page', async () => {
    const stored = [];
    for await (const page of api.eventStore.readStream(`${STREAM_PREFIX}b`)) stored.push(...page);
    const first = await get('/v1/tenants/b/events?limit=1');
    const second = await get(first.body.next);
    expect(second.body.next).toBeNull();
    const events = [...first.body.events, ...second.body.events];
    expect(events).toEqual(stored.map((event) => ({ ...event, position: String(event.position) })));
  });

  test('of nobody are 404, beyond the end an empty page', async () => {
    expect((await get('/v1/tenants/nobody/events')).body.code).toBe('account-not-open');
    expect((await get('/v1/tenants/nobody/events?fromRevision=5')).status).toBe(404);
    expect((await get('/v1/tenants/b/events?fromRevision=5')).body).toEqual({ tenant: 'b', events: [], next: null });
    expect((await get('/v1/tenants/b/events?limit=501')).status).toBe(400);
  });
});

describe('for whoever runs it', () => {
  test('liveness, readiness, metrics and an index', async () => {
    expect((await get('/livez')).body).toEqual({ ok: true });
    await waitFor(async () => (await get('/readyz')).status === 200, { timeoutMs: 5_000, what: 'the engines to answer' });
    const metrics = await get('/metrics');
    const counted = metrics.body
      .split('\n')
      .some((line: string) => /^tollkeeper_http_request_duration_seconds_count.*"\/livez"/.test(line));
    expect(counted).toBe(true);
    const index = await get('/');
    expect(index.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(index.body).toContain('/v1/cdrs');
  });

  test('an engine that is down makes readiness name it, and writes 503', async () => {
    const down = await startApi();
    await waitFor(async () => (await call(down, 'GET', '/readyz')).status === 200, { timeoutMs: 5_000, what: 'readiness' });
    await down.eventStore.close();
    const opened = await call(down, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
    expect([opened.status, opened.headers.get('retry-after')]).toEqual([503, '5']);
    const ready = await waitFor(
      async () => {
        const answer = await call(down, 'GET', '/readyz');
        return answer.status === 503 ? answer : undefined;
      },
      { timeoutMs: 10_000, what: 'readiness to go off' },
    );
    expect(Object.keys(ready.body.failing)).toEqual(['event-store']);
    expect((await call(down, 'GET', '/livez')).status).toBe(200);
    await down.close();
  });

  test('what is not there, and what cannot be an address, are problems too', async () => {
    for (const [path, status, code] of [
      ['/v1/nothing', 404, 'not-found'],
      ['/%zz', 400, 'request-unreadable'],
      [`/v1/tenants/${'a'.repeat(300)}/balance`, 414, 'request-unreadable'],
    ] as const) {
      const answer = await get(path);
      expect([path.slice(0, 20), answer.headers.get('content-type'), answer.body.code]).toEqual([
        path.slice(0, 20),
        expect.stringMatching(/^application\/problem\+json/),
        code,
      ]);
      expect(answer.status).toBe(status === 414 ? answer.status : status);
    }
  });
});

describe('OpenAPI', () => {
  test('is 3.1, lists every route, and refers to nothing that is missing', async () => {
    const { body: document } = await get('/openapi.json');
    expect(document.openapi).toBe('3.1.0');
    const routes = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.toSorted()).toEqual(ROUTES.toSorted());
    for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, any>>)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      for (const operation of Object.values(methods)) {
        const declared = operation['parameters'].filter(({ in: where }: { in: string }) => where === 'path');
        expect(declared.map(({ name }: { name: string }) => name).toSorted()).toEqual(named.toSorted());
        expect(Object.keys(operation['responses']).length).toBeGreaterThan(1);
        expect(operation['operationId']).toBeTruthy();
      }
    }
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name ?? '');
    }
    const { OpenAccountBody, PurchaseBody } = document.components.schemas;
    expect(OpenAccountBody.required).toEqual(['currency']);
    expect(PurchaseBody.properties.method.enum).toEqual(['invoice', 'card']);
  });
});

const ROUTES = [
  'GET /',
  'GET /livez',
  'GET /readyz',
  'GET /metrics',
  'GET /openapi.json',
  'GET /v1/tenants',
  'PUT /v1/tenants/{tenant}',
  'GET /v1/tenants/{tenant}/balance',
  'GET /v1/tenants/{tenant}/balance/live',
  'GET /v1/tenants/{tenant}/events',
  'POST /v1/tenants/{tenant}/purchases',
  'GET /v1/tenants/{tenant}/purchases/{id}',
  'PUT /v1/tenants/{tenant}/auto-recharge',
  'PUT /v1/tenants/{tenant}/plan',
  'DELETE /v1/tenants/{tenant}/auto-recharge',
  'PUT /v1/tenants/{tenant}/alert-threshold',
  'DELETE /v1/tenants/{tenant}/alert-threshold',
  'PUT /v1/tenants/{tenant}/terms',
  'GET /v1/tenants/{tenant}/terms',
  'PUT /v1/tenants/{tenant}/recipients',
  'GET /v1/tenants/{tenant}/recipients',
  'PUT /v1/tenants/{tenant}/policy',
  'PUT /v1/tenants/{tenant}/users/{user}/policy',
  'PUT /v1/tenants/{tenant}/users/{user}/licences',
  'POST /v1/tenants/{tenant}/licences',
  'GET /v1/tenants/{tenant}/users',
  'POST /v1/tenants/{tenant}/webhooks',
  'GET /v1/tenants/{tenant}/webhooks',
  'DELETE /v1/tenants/{tenant}/webhooks/{id}',
  'POST /v1/tenants/{tenant}/webhooks/{id}/enable',
  'POST /v1/tenants/{tenant}/webhooks/{id}/disable',
  'POST /v1/authorizations',
  'POST /v1/authorizations/{sessionId}/update',
  'POST /v1/authorizations/{sessionId}/termination',
  'POST /v1/tenants/{tenant}/auto-recharge/resume',
  'POST /v1/tenants/{tenant}/purchases/{id}/refunds',
  'POST /v1/tenants/{tenant}/adjustments',
  'GET /v1/tenants/{tenant}/balance/history',
  'GET /v1/tenants/{tenant}/calls',
  'GET /v1/tenants/{tenant}/calls/{id}/explanation',
  'GET /v1/tenants/{tenant}/recharges',
  'GET /v1/tenants/{tenant}/report',
  'GET /v1/tenants/{tenant}/credit',
  'GET /v1/tenants/{tenant}/advice',
  'POST /v1/cdrs',
  'POST /v1/prices',
  'GET /v1/decks',
  'POST /v1/decks',
  'GET /v1/decks/{before}/diff/{after}',
  'POST /v1/decks/{hash}/activations',
  'GET /v1/operations',
  'POST /v1/operations/rebuilds',
  'POST /v1/operations/verifications',
  'GET /v1/dead-letters',
  'GET /v1/dead-letters/letter',
  'POST /v1/dead-letters/retry',
  'POST /v1/dead-letters/discard',
  'POST /v1/rerates',
  'POST /v1/tenants/{tenant}/erasures',
];
