// The API's accounts and funding over real HTTP: what is written, what is refused, and how a repeat is told from a conflict.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, startApi, type Answer, type TestApi } from './fixtures.js';

let api: TestApi;
beforeAll(async () => void (api = await startApi()));
afterAll(() => api.close());

const put = (path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  call(api, 'PUT', path, body, headers);
const buy = (tenant: string, key: string | undefined, body: unknown): Promise<Answer> =>
  call(api, 'POST', `/v1/tenants/${tenant}/purchases`, body, key === undefined ? {} : { 'idempotency-key': key });
const open = (tenant: string): Promise<Answer> => put(`/v1/tenants/${tenant}`, { currency: 'EUR' });

describe('opening an account', () => {
  test('is 201 once, 200 when repeated alike, 409 with the ledger’s code otherwise', async () => {
    const first = await open('opened');
    expect(first.status).toBe(201);
    expect(first.body).toEqual({
      tenant: 'opened',
      changed: true,
      revision: 0,
      currency: 'EUR',
      balance: '0',
      available: '0',
    });
    const again = await put('/v1/tenants/opened', { currency: 'EUR', plan: 'default', intakeWindowDays: 35 });
    expect([again.status, again.body.changed, again.body.revision]).toEqual([200, false, 0]);
    const other = await put('/v1/tenants/opened', { currency: 'USD' });
    expect(other.status).toBe(409);
    expect(other.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(other.body).toMatchObject({
      status: 409,
      code: 'account-exists-with-different-content',
      type: 'urn:tollkeeper:problem:account-exists-with-different-content',
    });
    expect(Object.keys(other.body).toSorted()).toEqual(['code', 'detail', 'status', 'title', 'type']);
  });

  test('tells every fault of the body at once', async () => {
    const answer = await put('/v1/tenants/faulty', { currency: 'euro', plan: '', intakeWindowDays: 0.5, colour: 'red' });
    expect([answer.status, answer.body.code]).toEqual([422, 'request-invalid']);
    const pointers = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted();
    expect(pointers).toEqual(['#/colour', '#/currency', '#/intakeWindowDays', '#/plan']);
  });

  test.each(['Acme', '-acme', 'a'.repeat(64), 'a%20b'])('refuses the tenant name %s', async (name) => {
    const answer = await put(`/v1/tenants/${name}`, { currency: 'EUR' });
    expect([answer.status, answer.body.code]).toEqual([400, 'parameter-invalid']);
  });

  test.each([
    ['not JSON', '{"currency":', 400, 'request-unreadable'],
    ['NaN', '{"currency":"EUR","intakeWindowDays":NaN}', 400, 'request-unreadable'],
    ['1e309', '{"currency":"EUR","intakeWindowDays":1e309}', 422, 'request-invalid'],
    ['__proto__', '{"currency":"EUR","__proto__":{"plan":"x"}}', 400, 'request-unreadable'],
    ['an array', '[]', 422, 'request-invalid'],
    ['null', 'null', 422, 'request-invalid'],
    ['nothing', '', 422, 'request-invalid'],
    ['a body of 17 MiB', `{"currency":"${'E'.repeat(17 * 1_048_576)}"}`, 413, 'body-too-large'],
  ])('refuses %s', async (_what, body, status, code) => {
    const answer = await put('/v1/tenants/unopened', body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  test('refuses bytes that are not UTF-8, and other media types', async () => {
    const latin1 = await put('/v1/tenants/unopened', Buffer.from('{"currency":"EUR","plan":"caf\xe9"}', 'latin1'));
    expect([latin1.status, latin1.body.code]).toEqual([400, 'request-unreadable']);
    const form = await put('/v1/tenants/unopened', 'currency=EUR', { 'content-type': 'application/x-www-form-urlencoded' });
    expect([form.status, form.body.code]).toEqual([415, 'media-type-unsupported']);
    const packed = await put('/v1/tenants/unopened', '{"currency":"EUR"}', { 'content-encoding': 'gzip' });
    expect([packed.status, packed.body.code]).toEqual([415, 'media-type-unsupported']);
  });
});

describe('purchases', () => {
  beforeAll(async () => void (await open('buyer')));

  test('an invoice is credited at once, and only once', async () => {
    const body = { amount: '25.00', method: 'invoice', reference: 'INV-1' };
    const first = await buy('buyer', 'inv-1', body);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ changed: true, balance: '25', available: '25', purchaseId: 'inv-1', status: 'credited' });
    const again = await buy('buyer', '"inv-1"', body);
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ changed: false, balance: '25', revision: first.body.revision });
    const other = await buy('buyer', 'inv-1', { ...body, amount: '26.00' });
    expect([other.status, other.body.code]).toEqual([422, 'purchase-exists-with-different-content']);
  });

  test('a card is asked for a recharge first, under an id that no other tenant can have', async () => {
    const body = { amount: '30', method: 'card' };
    const first = await buy('buyer', 'card-1', body);
    expect([first.status, first.body.status, first.body.changed]).toEqual([202, 'requested', true]);
    const path = '/v1/tenants/buyer/purchases/card-1';
    expect(first.headers.get('location')).toBe(path);
    expect((await call(api, 'GET', path)).body.code).toBe('purchase-unknown');
    await api.project();
    const status = await call(api, 'GET', path);
    expect(status.body).toMatchObject({ purchaseId: 'card-1', status: 'open', amount: '30', currency: 'EUR', attempts: 0 });
    const again = await buy('buyer', 'card-1', body);
    expect([again.status, again.body.changed]).toEqual([202, false]);
    expect((await buy('buyer', 'card-1', { ...body, amount: '31' })).status).toBe(422);
    const { events } = (await call(api, 'GET', '/v1/tenants/buyer/events')).body;
    const requests = events.filter(({ type }: { type: string }) => type === 'RechargeRequested.v1');
    expect(requests.map(({ data }: { data: { rechargeId: string } }) => data.rechargeId)).toEqual(['buyer:card-1']);
  });

  test('one key cannot serve both methods', async () => {
    await buy('buyer', 'both-1', { amount: '20', method: 'invoice', reference: 'INV-2' });
    const card = await buy('buyer', 'both-1', { amount: '20', method: 'card' });
    expect([card.status, card.body.code]).toEqual([422, 'purchase-exists-with-different-content']);
    await buy('buyer', 'both-2', { amount: '20', method: 'card' });
    const invoice = await buy('buyer', 'both-2', { amount: '20', method: 'invoice', reference: 'INV-3' });
    expect([invoice.status, invoice.body.code]).toEqual([422, 'purchase-exists-with-different-content']);
  });

  test('need a key, a method, and an amount as text that the ledger takes', async () => {
    const body = { amount: '5', method: 'invoice', reference: 'INV-4' };
    const cases: readonly [string | undefined, unknown, number, string][] = [
      [undefined, body, 400, 'idempotency-key-missing'],
      ['bad key', body, 400, 'parameter-invalid'],
      ['k'.repeat(129), body, 400, 'parameter-invalid'],
      ['k-1', { ...body, amount: 5 }, 422, 'request-invalid'],
      ['k-1', { ...body, amount: '5,00' }, 422, 'request-invalid'],
      ['k-1', { ...body, amount: '1e3' }, 422, 'request-invalid'],
      ['k-1', { ...body, amount: '0' }, 422, 'amount-invalid'],
      ['k-1', { ...body, amount: '-5' }, 422, 'amount-invalid'],
      ['k-1', { ...body, amount: '0.001' }, 422, 'amount-invalid'],
      ['k-1', { ...body, method: 'cheque' }, 422, 'request-invalid'],
      ['k-1', { amount: '5', method: 'invoice' }, 422, 'request-invalid'],
      ['k-1', { ...body, method: 'card' }, 422, 'request-invalid'],
    ];
    for (const [key, faulty, status, code] of cases) {
      const answer = await buy('buyer', key, faulty);
      expect([faulty, answer.status, answer.body.code]).toEqual([faulty, status, code]);
    }
    const nobody = await buy('nobody', 'k-1', body);
    expect([nobody.status, nobody.body.code]).toEqual([404, 'account-not-open']);
  });
});

describe('settings', () => {
  beforeAll(async () => void (await open('careful')));
  const POLICY = '/v1/tenants/careful/auto-recharge';
  const THRESHOLD = '/v1/tenants/careful/alert-threshold';

  test('are set, shown with the balance, and ended', async () => {
    expect((await put(THRESHOLD, { threshold: '10' })).body).toMatchObject({ changed: true, revision: 1 });
    const set = await put(POLICY, { trigger: '5.00', amount: '25.00' });
    expect([set.status, set.body.changed]).toEqual([200, true]);
    await api.project();
    const shown = await call(api, 'GET', `/v1/tenants/careful/balance?minRevision=${set.body.revision}`);
    expect(shown.body).toMatchObject({
      alertThreshold: '10',
      autoRecharge: { trigger: '5', amount: '25', suspended: false },
      revision: set.body.revision,
    });
    expect((await call(api, 'DELETE', POLICY)).body.changed).toBe(true);
    expect((await call(api, 'DELETE', POLICY)).body.changed).toBe(false);
    expect((await call(api, 'DELETE', THRESHOLD, '', { 'content-type': 'application/json' })).body.changed).toBe(true);
    await api.project();
    expect((await call(api, 'GET', '/v1/tenants/careful/balance')).body).toMatchObject({
      alertThreshold: null,
      autoRecharge: null,
    });
  });

  test('a retry that comes late undoes nothing, and its key serves no other request', async () => {
    const key = { 'idempotency-key': 'late-1' };
    const first = await put(THRESHOLD, { threshold: '10' }, key);
    await put(THRESHOLD, { threshold: '20' }, { 'idempotency-key': 'late-2' });
    const retried = await put(THRESHOLD, { threshold: '10.00' }, { 'idempotency-key': '"late-1"' });
    expect(retried.body).toEqual(first.body);
    await api.project();
    expect((await call(api, 'GET', '/v1/tenants/careful/balance')).body.alertThreshold).toBe('20');
    const other = await put(THRESHOLD, { threshold: '30' }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    expect((await call(api, 'DELETE', THRESHOLD, undefined, key)).status).toBe(422);
    expect((await put('/v1/tenants/careful', { currency: 'EUR' }, key)).status).toBe(422);
    expect((await put('/v1/tenants/keyed', { currency: 'EUR' }, key)).status).toBe(201);
    expect((await put('/v1/tenants/keyed', { currency: 'EUR' }, key)).status).toBe(201);
  });

  test('of two at once with one key and other content, one is refused', async () => {
    const headers = { 'idempotency-key': 'race-1' };
    const thresholds = ['1', '2', '3', '4'];
    const answers = await Promise.all(thresholds.map((threshold) => put(THRESHOLD, { threshold }, headers)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422, 422, 422]);
  });

  test('refuse what the ledger refuses', async () => {
    expect((await put(POLICY, { trigger: '-1', amount: '5' })).body.code).toBe('amount-invalid');
    expect((await put(THRESHOLD, { threshold: '-1' })).body.code).toBe('amount-invalid');
    expect((await put(POLICY, {})).body.errors).toHaveLength(2);
    expect((await put('/v1/tenants/nobody/alert-threshold', { threshold: '1' })).status).toBe(404);
    expect((await call(api, 'DELETE', '/v1/tenants/nobody/auto-recharge')).status).toBe(404);
  });
});
