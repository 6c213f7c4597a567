// Webhooks over real HTTP: what is added, shown, changed and removed, which secrets are told to whom, and what is refused.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { STANDING_MONTH } from '@tollkeeper/sealing';
import { MAX_ENDPOINTS_PER_TENANT } from '@tollkeeper/webhooks';
import { call, startApi, type Answer, type TestApi } from './fixtures.js';

const URL_GIVEN = 'https://hooks.example/tollkeeper?token=1';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const AFTER_ALL_MONTHS = '9999-13';
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const open = (tenant: string): Promise<Answer> => call(api, 'PUT', `/v1/tenants/${tenant}`, { currency: 'EUR' });
const add = (tenant: string, body: unknown = { url: URL_GIVEN }, headers = {}): Promise<Answer> =>
  call(api, 'POST', `/v1/tenants/${tenant}/webhooks`, body, headers);
const list = async (tenant: string) => (await call(api, 'GET', `/v1/tenants/${tenant}/webhooks`)).body.webhooks;
const post = (path: string, headers = {}): Promise<Answer> => call(api, 'POST', `/v1/tenants/${path}`, undefined, headers);

/** What a restart of the API, or a copy of the database, has of an answer. */
async function rememberedText(): Promise<string> {
  return JSON.stringify(await api.readStore.db.selectFrom('http_idempotency_key').selectAll().execute());
}

describe('a webhook', () => {
  test('is added with its secret, listed without it, disabled, enabled and removed', async () => {
    await open('acme');
    expect(await list('acme')).toEqual([]);
    const types = ['tollkeeper.notice.burst.v1', 'tollkeeper.alert.low-balance.v1'];
    const added = await add('acme', { url: URL_GIVEN, types });
    const { secret, ...shown } = added.body;
    expect([added.status, secret]).toEqual([201, expect.stringMatching(SECRET)]);
    expect(shown).toEqual({
      id: expect.any(String),
      tenant: 'acme',
      url: URL_GIVEN,
      types,
      status: 'active',
      disabledReason: null,
      disabledAt: null,
      failures: 0,
      failingSince: null,
      createdAt: '2026-03-03T12:00:00.000Z',
    });
    expect(await list('acme')).toEqual([shown]);
    const disabled = await post(`acme/webhooks/${shown.id}/disable`);
    expect([disabled.status, disabled.body]).toEqual([
      200,
      { ...shown, status: 'disabled', disabledReason: 'asked', disabledAt: '2026-03-03T12:00:00.000Z' },
    ]);
    expect((await post(`acme/webhooks/${shown.id}/enable`)).body).toEqual(shown);
    const removed = await call(api, 'DELETE', `/v1/tenants/acme/webhooks/${shown.id}`);
    expect([removed.status, removed.body]).toEqual([204, '']);
    expect(await list('acme')).toEqual([]);
  });

  test('is told of everything unless it names types', async () => {
    await open('all');
    expect((await add('all')).body.types).toBeNull();
    expect((await add('all', { url: URL_GIVEN, types: null })).body.types).toBeNull();
    expect(await list('all')).toHaveLength(2);
  });

  test('is its tenant’s alone', async () => {
    await Promise.all([open('one'), open('other')]);
    const { id } = (await add('one')).body;
    expect((await post(`other/webhooks/${id}/disable`)).body.code).toBe('webhook-unknown');
    expect((await call(api, 'DELETE', `/v1/tenants/other/webhooks/${id}`)).status).toBe(404);
    expect([await list('other'), (await list('one')).length]).toEqual([[], 1]);
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'hook-1' };

  test('that comes again is answered with the endpoint, and its secret is remembered nowhere', async () => {
    await open('keyed');
    const first = await add('keyed', undefined, key);
    expect([first.status, first.body.secret]).toEqual([201, expect.stringMatching(SECRET)]);
    const again = await add('keyed', undefined, key);
    expect([again.status, again.body]).toEqual([200, { ...first.body, secret: null }]);
    expect(await list('keyed')).toHaveLength(1);
    expect(await rememberedText()).not.toContain('whsec_');
    const other = await add('keyed', { url: 'https://hooks.example/other' }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
  });

  test('finds what a request added that died before its answer was remembered, and requests at once add one', async () => {
    const first = (await list('keyed'))[0];
    await api.readStore.write(async (tx) => {
      await tx.updateTable('http_idempotency_key').set({ answer: null }).where('key', '=', 'keyed hook-1').execute();
    });
    const again = await add('keyed', undefined, key);
    expect([again.status, again.body]).toEqual([200, { ...first, secret: null }]);
    await open('crowd');
    const answers = await Promise.all(Array.from({ length: 4 }, () => add('crowd', undefined, key)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 201]);
    expect(answers.filter(({ body }) => body.secret !== null)).toHaveLength(1);
    expect(await list('crowd')).toHaveLength(1);
  });

  test('keeps a retry that comes late from undoing what was done since', async () => {
    await open('late');
    const { id } = (await add('late')).body;
    const path = `late/webhooks/${id}`;
    const disabled = await post(`${path}/disable`, key);
    await post(`${path}/enable`);
    expect((await post(`${path}/disable`, key)).body).toEqual(disabled.body);
    expect((await list('late'))[0].status).toBe('active');
    const removal = { 'idempotency-key': 'removal' };
    const remove = () => call(api, 'DELETE', `/v1/tenants/${path}`, undefined, removal);
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
  });
});

describe('refusals', () => {
  beforeAll(() => open('no'));

  test.each<[object, number, string]>([
    [{ url: 'hooks.example' }, 422, 'webhook-url-invalid'],
    [{ url: 'ftp://hooks.example' }, 422, 'webhook-url-invalid'],
    [{ url: 'https://user:pass@hooks.example' }, 422, 'webhook-url-invalid'],
    [{ url: 'http://hooks.example' }, 422, 'webhook-url-not-https'],
    [{ url: 'https://169.254.169.254/latest' }, 422, 'webhook-url-private'],
    [{ url: 'https://localhost' }, 422, 'webhook-url-private'],
    [{ url: URL_GIVEN, types: ['tollkeeper.nothing.v1'] }, 422, 'webhook-type-unknown'],
    [{ url: URL_GIVEN, types: [] }, 422, 'webhook-type-unknown'],
    [{ url: URL_GIVEN, types: 'tollkeeper.notice.burst.v1' }, 422, 'request-invalid'],
    [{ url: URL_GIVEN, types: [1] }, 422, 'request-invalid'],
    [{ url: 1 }, 422, 'request-invalid'],
    [{}, 422, 'request-invalid'],
    [{ url: URL_GIVEN, secret: 'whsec_mine' }, 422, 'request-invalid'],
  ])('%j: %i %s', async (body, status, code) => {
    const answer = await add('no', body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await list('no')).toEqual([]);
  });

  test('what is not there, and what is no id', async () => {
    for (const path of [`no/webhooks/${UNKNOWN}/enable`, `no/webhooks/${UNKNOWN}/disable`]) {
      const answer = await post(path);
      expect([answer.status, answer.body.code]).toEqual([404, 'webhook-unknown']);
    }
    expect((await post('no/webhooks/first/enable')).body.code).toBe('parameter-invalid');
    expect((await call(api, 'DELETE', `/v1/tenants/no/webhooks/${UNKNOWN}`)).body.code).toBe('webhook-unknown');
  });

  test('nobody’s, one too many, and those of a tenant whose persons were erased', async () => {
    expect((await add('nobody')).body.code).toBe('account-not-open');
    expect((await call(api, 'GET', '/v1/tenants/nobody/webhooks')).status).toBe(404);
    await open('many');
    for (let count = 0; count < MAX_ENDPOINTS_PER_TENANT; count += 1) expect((await add('many')).status).toBe(201);
    const tooMany = await add('many');
    expect([tooMany.status, tooMany.body.code]).toEqual([409, 'webhook-too-many']);
    await open('erased');
    await api.keyStore.createMissing([{ tenant: 'erased', month: STANDING_MONTH }]);
    await api.keyStore.destroy('erased', AFTER_ALL_MONTHS, 'test');
    const erased = await add('erased');
    expect([erased.status, erased.body.code]).toEqual([409, 'persons-erased']);
  });
});

test('a read store that is down is 503, and the API lives on', async () => {
  const down = await startApi();
  await call(down, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
  await down.readStore.close();
  const added = await call(down, 'POST', '/v1/tenants/acme/webhooks', { url: URL_GIVEN });
  expect(added.status).toBe(503);
  expect((await call(down, 'GET', '/v1/tenants/acme/terms')).status).toBe(200);
  await down.close();
});

test('with WEBHOOK_ALLOW_PRIVATE, a subscriber may stand on this network', async () => {
  const allowing = await startApi({ allowPrivateWebhooks: true });
  await call(allowing, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
  const added = await call(allowing, 'POST', '/v1/tenants/acme/webhooks', { url: 'http://127.0.0.1:8080/' });
  expect([added.status, added.body.url]).toEqual([201, 'http://127.0.0.1:8080/']);
  await allowing.close();
});
