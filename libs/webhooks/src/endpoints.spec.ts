// Webhooks' keeper, on each read store: endpoints added, listed, removed, disabled by their answers and enabled by people.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, type KeyStore } from '@tollkeeper/sealing';
import { createSchema, findPostgres } from '@tollkeeper/testing';
import { WEBHOOK_MIGRATIONS, type WebhookTables } from './endpoint.js';
import { DISABLE_AFTER_FAILURES, DISABLE_AFTER_MS, MAX_ENDPOINTS_PER_TENANT, WebhookEndpoints } from './endpoints.js';
import { isWebhookRejection } from './rejection.js';

type Place = { readonly url: string; readonly keysUrl: string; remove(): Promise<void> };

const URL_GIVEN = 'https://hooks.example/acme?token=1';
const TYPES = ['balance', 'alert'];

describe('webhook endpoints on SQLite', () =>
  suite(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-webhooks-'));
    const [url, keysUrl] = ['read', 'keys'].map((name) => `sqlite:${join(folder, name)}.db`) as [string, string];
    return { url, keysUrl, remove: async () => rmSync(folder, { recursive: true, force: true }) };
  }));
const postgres = await findPostgres();
if (postgres.url === undefined) {
  describe.skip(`webhook endpoints on PostgreSQL (skipped: ${postgres.reason})`, () => test('endpoints', () => {}));
} else {
  const { url } = postgres;
  afterAll(() => postgres.stop());
  describe('webhook endpoints on PostgreSQL', () =>
    suite(async () => {
      const schema = await createSchema(url);
      return { url: schema.url, keysUrl: schema.url, remove: schema.drop };
    }));
}

function suite(createPlace: () => Promise<Place>): void {
  let place: Place;
  let store: ReadStore<WebhookTables>;
  let keyStore: KeyStore;
  let endpoints: WebhookEndpoints;
  let nowMs: number;

  beforeEach(async () => {
    nowMs = Date.parse('2026-03-03T12:00:00.000Z');
    place = await createPlace();
    store = await openReadStore<WebhookTables>(place.url);
    await store.migrate(WEBHOOK_MIGRATIONS);
    keyStore = await openKeyStore(place.keysUrl);
    const ring = openKeyRing(keyStore);
    endpoints = new WebhookEndpoints({ store, ring, messageTypes: TYPES, allowPrivate: false, nowMs: () => nowMs });
  });
  afterEach(async () => {
    await Promise.all([store.close(), keyStore.close()]);
    await place.remove();
  });

  async function add(tenant = 'acme', types: readonly string[] | null = null) {
    const added = await endpoints.add({ tenant, url: URL_GIVEN, types });
    if (isWebhookRejection(added)) throw new Error(added.reason);
    return added;
  }
  const fail = (id: string, isGone = false) => store.write((tx) => endpoints.failed(tx, id, isGone));

  test('an id that stands is refused by the store, and the endpoint that has it keeps its secret', async () => {
    const id = '00000000-0000-8000-8000-000000000001';
    const { secret } = (await endpoints.add({ tenant: 'acme', url: URL_GIVEN, id })) as { readonly secret: string };
    await expect(endpoints.add({ tenant: 'acme', url: URL_GIVEN, id })).rejects.toMatchObject({ code: 'constraint' });
    const [row, ...others] = await endpoints.active();
    expect([row?.endpoint_id, others]).toEqual([id, []]);
    if (row !== undefined) expect(await endpoints.secretOf(row)).toBe(secret);
  });

  test('an endpoint is added with a secret that is shown once and stands sealed', async () => {
    const { endpoint, secret } = await add('acme', ['alert', 'alert']);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(endpoint).toEqual({
      id: expect.any(String),
      tenant: 'acme',
      url: URL_GIVEN,
      types: ['alert'],
      status: 'active',
      disabledReason: null,
      disabledAt: null,
      failures: 0,
      failingSince: null,
      createdAt: '2026-03-03T12:00:00.000Z',
    });
    expect(await endpoints.list('acme')).toEqual([endpoint]);
    const [row] = await endpoints.active();
    expect(JSON.stringify(row)).not.toContain(secret.slice('whsec_'.length));
    expect(await endpoints.secretOf(row!)).toBe(secret);
  });

  test("a tenant sees and changes its own, in the order in which they were added, and nobody else's", async () => {
    const first = await add();
    nowMs += 1;
    const second = await add();
    await add('other');
    expect((await endpoints.list('acme')).map(({ id }) => id)).toEqual([first.endpoint.id, second.endpoint.id]);
    expect(first.secret).not.toBe(second.secret);
    for (const change of ['remove', 'enable', 'disable'] as const) {
      expect(await endpoints[change]('other', first.endpoint.id)).toMatchObject({ code: 'webhook-unknown' });
    }
    expect(await endpoints.remove('acme', first.endpoint.id)).toBeUndefined();
    expect(await endpoints.remove('acme', first.endpoint.id)).toMatchObject({ code: 'webhook-unknown' });
    expect(await endpoints.list('acme')).toHaveLength(1);
  });

  test.each<[string, { readonly url?: string; readonly types?: readonly string[] }, string]>([
    ['a URL without a host', { url: 'https://' }, 'webhook-url-invalid'],
    ['http', { url: 'http://hooks.example' }, 'webhook-url-not-https'],
    ['a private address', { url: 'https://10.0.0.1' }, 'webhook-url-private'],
    ['a type that there is not', { types: ['balance', 'weather'] }, 'webhook-type-unknown'],
    ['no type at all', { types: [] }, 'webhook-type-unknown'],
  ])('%s is refused', async (_, change, code) => {
    expect(await endpoints.add({ tenant: 'acme', url: URL_GIVEN, ...change })).toMatchObject({ code });
    expect(await endpoints.list('acme')).toEqual([]);
  });

  test('a tenant has at most so many', async () => {
    for (let n = 0; n < MAX_ENDPOINTS_PER_TENANT; n += 1) await add();
    expect(await endpoints.add({ tenant: 'acme', url: URL_GIVEN })).toMatchObject({ code: 'webhook-too-many' });
    await add('other');
  });

  test('failures disable it when there were enough of them in a row over long enough', async () => {
    const { endpoint } = await add();
    for (let n = 1; n < DISABLE_AFTER_FAILURES + 5; n += 1) expect(await fail(endpoint.id)).toBeUndefined();
    nowMs += DISABLE_AFTER_MS - 1;
    expect(await fail(endpoint.id)).toBeUndefined();
    nowMs += 1;
    expect(await fail(endpoint.id)).toBe('failing');
    expect(await fail(endpoint.id)).toBeUndefined();
    const since = '2026-03-03T12:00:00.000Z';
    expect(await endpoints.list('acme')).toMatchObject([{ status: 'disabled', disabledReason: 'failing', failingSince: since }]);
    expect(await endpoints.active()).toEqual([]);
  });

  test('few failures do not, however long ago the first was; an answer ends them', async () => {
    const { endpoint } = await add();
    await fail(endpoint.id);
    nowMs += 2 * DISABLE_AFTER_MS;
    for (let n = 2; n < DISABLE_AFTER_FAILURES; n += 1) expect(await fail(endpoint.id)).toBeUndefined();
    await store.write((tx) => endpoints.answered(tx, endpoint.id));
    expect(await fail(endpoint.id)).toBeUndefined();
    expect(await endpoints.list('acme')).toMatchObject([{ status: 'active', failures: 1 }]);
  });

  test('after each failure it rests longer, up to five minutes', async () => {
    const { endpoint } = await add();
    const rests: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      await fail(endpoint.id);
      const [row] = await endpoints.active();
      rests.push((Date.parse(row?.retry_at ?? '') - nowMs) / 1000);
    }
    expect(rests).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  test('one that is gone is disabled at once, and told once; enabling begins anew', async () => {
    const { endpoint } = await add();
    expect(await Promise.all([fail(endpoint.id, true), fail(endpoint.id, true)])).toEqual(
      expect.arrayContaining(['gone', undefined]),
    );
    expect(await endpoints.list('acme')).toMatchObject([{ status: 'disabled', disabledReason: 'gone' }]);
    expect(await endpoints.enable('acme', endpoint.id)).toMatchObject({ status: 'active', failures: 0, failingSince: null });
    expect(await endpoints.disable('acme', endpoint.id)).toMatchObject({ status: 'disabled', disabledReason: 'asked' });
  });
}
