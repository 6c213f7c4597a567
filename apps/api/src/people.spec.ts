// Users over real HTTP: licences by one and by file, policies, and who holds what.

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, startApi, type Answer, type TestApi } from './fixtures.js';

let api: TestApi;
beforeAll(async () => void (api = await startApi()));
afterAll(() => api.close());

const open = (tenant: string): Promise<Answer> => call(api, 'PUT', `/v1/tenants/${tenant}`, { currency: 'EUR' });
const put = (path: string, body: unknown, headers = {}): Promise<Answer> =>
  call(api, 'PUT', `/v1/tenants/${path}`, body, headers);
const send = (tenant: string, csv: string | Uint8Array, query = '', headers = {}): Promise<Answer> =>
  call(api, 'POST', `/v1/tenants/${tenant}/licences${query}`, csv, { 'content-type': 'text/csv', ...headers });

async function usersOf(tenant: string): Promise<readonly any[]> {
  await api.project();
  const users: any[] = [];
  for (let path: string | null = `/v1/tenants/${tenant}/users?limit=2`; path !== null;) {
    const { body } = await call(api, 'GET', path);
    users.push(...body.users);
    path = body.next;
  }
  return users.toSorted((left, right) => (left.user < right.user ? -1 : 1));
}

describe('licences of one user', () => {
  beforeAll(async () => void (await open('acme')));
  const ANNA = 'acme/users/Anna%40Contoso.com/licences';

  test('are assigned under a pseudonym, and shown by name, now and later', async () => {
    const now = { country: 'FR', licences: ['communications-credits', 'calling-plan-120'] };
    expect((await put(ANNA, now)).body).toMatchObject({ changed: true, revision: 1 });
    expect((await put('acme/users/anna@contoso.com/licences', now)).body.changed).toBe(false);
    expect((await put(ANNA, { country: 'US', licences: [], from: '2027-01-01T00:00:00Z' })).body.changed).toBe(true);
    expect(await usersOf('acme')).toEqual([
      {
        user: 'anna@contoso.com',
        pseudonym: expect.stringMatching(/^u-/),
        now: { ...now, licences: now.licences.toSorted(), from: '2026-03-03T12:00:00.000Z' },
        later: [{ country: 'US', licences: [], from: '2027-01-01T00:00:00.000Z' }],
        policy: { now: null, later: [] },
      },
    ]);
    const events = JSON.stringify((await call(api, 'GET', '/v1/tenants/acme/events')).body);
    expect(events).not.toMatch(/anna/i);
  });

  test('a retry that comes late undoes nothing', async () => {
    const path = 'acme/users/bob/licences';
    const key = { 'idempotency-key': 'bob-1' };
    const first = await put(path, { country: 'FR', licences: ['pay-as-you-go'] }, key);
    await put(path, { country: 'FR', licences: [] });
    expect((await put(path, { country: 'FR', licences: ['pay-as-you-go'] }, key)).body).toEqual(first.body);
    expect((await put(path, { country: 'DE', licences: ['pay-as-you-go'] }, key)).body.code).toBe('idempotency-key-reused');
    expect((await usersOf('acme')).find(({ user }) => user === 'bob').now.licences).toEqual([]);
  });

  test.each<[string, object, number, string]>([
    [ANNA, { country: 'France', licences: [] }, 422, 'request-invalid'],
    [ANNA, { country: 'FR', licences: ['calling-plan-7'] }, 422, 'request-invalid'],
    [ANNA, { country: 'FR', licences: 'pay-as-you-go' }, 422, 'request-invalid'],
    [ANNA, { country: 'FR', licences: [], from: 'tomorrow' }, 422, 'request-invalid'],
    ['acme/users/%20/licences', { country: 'FR', licences: [] }, 400, 'parameter-invalid'],
    ['nobody/users/anna/licences', { country: 'FR', licences: [] }, 404, 'account-not-open'],
  ])('%s %j is refused', async (path, body, status, code) => {
    const answer = await put(path, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

describe('dial-out policies', () => {
  beforeAll(async () => void (await open('careful')));

  test('are set for the tenant and for users, from an instant on', async () => {
    expect((await put('careful/policy', { policy: 'zone-a' })).body.changed).toBe(true);
    expect((await put('careful/policy', { policy: 'zone-a' })).body.changed).toBe(false);
    await put('careful/policy', { policy: 'none', from: '2027-01-01T00:00:00Z' });
    await put('careful/users/anna/licences', { country: 'FR', licences: [] });
    expect((await put('careful/users/ANNA/policy', { policy: 'any' })).body.changed).toBe(true);
    const [anna] = await usersOf('careful');
    expect(anna).toMatchObject({ user: 'anna', policy: { now: 'any', later: [] } });
    const { body } = await call(api, 'GET', '/v1/tenants/careful/users');
    expect(body.policy).toEqual({ now: 'zone-a', later: [{ policy: 'none', from: '2027-01-01T00:00:00.000Z' }] });
  });

  test('are one of a list, for an account that is open', async () => {
    expect((await put('careful/policy', { policy: 'everything' })).body.code).toBe('request-invalid');
    expect((await put('nobody/policy', { policy: 'any' })).body.code).toBe('account-not-open');
    expect((await call(api, 'GET', '/v1/tenants/nobody/users')).status).toBe(404);
  });
});

describe('licences by file', () => {
  beforeAll(async () => void (await open('filed')));
  const FILE =
    'user,country,licences,from\nanna@contoso.com,FR,communications-credits|calling-plan-120,\nbob,US,audio-conferencing;extended-dial-out,\n' +
    'carol,DE,,2027-01-01\n';

  test('are all assigned, once, however often and in whatever packing the file comes', async () => {
    expect((await send('filed', FILE, '?dryRun=true')).body).toEqual({
      tenant: 'filed',
      rows: 3,
      assigned: 0,
      unchanged: 0,
      skipped: 0,
      revision: 0,
    });
    expect((await send('filed', FILE)).body).toMatchObject({ rows: 3, assigned: 3, unchanged: 0, revision: 3 });
    api.clock.nowMs += 60_000;
    expect((await send('filed', FILE)).body).toMatchObject({ rows: 3, assigned: 0, unchanged: 3, revision: 3 });
    const packed = await send('filed', gzipSync(FILE), '', { 'content-encoding': 'gzip', 'idempotency-key': 'file-1' });
    expect(packed.body).toMatchObject({ assigned: 0, unchanged: 3 });
    expect((await usersOf('filed')).map(({ user, now }) => [user, now?.country ?? null])).toEqual([
      ['anna@contoso.com', 'FR'],
      ['bob', 'US'],
      ['carol', null],
    ]);
  });

  test('with a fault assign nothing, and tell line and column of each', async () => {
    const answer = await send('filed', `${FILE}dave,FR,calling-plan-7,\n,FR,,\n`);
    expect([answer.status, answer.body.code]).toEqual([422, 'licences-refused']);
    expect(answer.body.errors).toEqual([
      { code: 'value-invalid', line: 5, column: 9, detail: expect.stringContaining('calling-plan-7') },
      { code: 'value-invalid', line: 6, column: 1, detail: expect.stringContaining('blank') },
    ]);
    expect(answer.body.faultCount).toBe(2);
    expect((await usersOf('filed')).length).toBe(3);
    const skipping = await send('filed', `${FILE}dave,FR,calling-plan-7,\nerin,FR,,\n`, '?skipFaulty=true');
    expect(skipping.body).toMatchObject({ rows: 4, assigned: 1, unchanged: 3, skipped: 1 });
  });

  test('many users go in some hundred at a time', async () => {
    await open('many');
    const rows = Array.from({ length: 1_201 }, (_, at) => `user-${at}@contoso.com,FR,pay-as-you-go`);
    const csv = `user,country,licences\n${rows.join('\n')}\n`;
    expect((await send('many', csv)).body).toMatchObject({ assigned: 1_201, revision: 1_201 });
    expect((await send('many', csv)).body).toMatchObject({ assigned: 0, unchanged: 1_201, revision: 1_201 });
  });

  test.each<[string, string, string | Uint8Array, string, object, number, string]>([
    ['nobody', 'nobody', FILE, '', {}, 404, 'account-not-open'],
    ['an empty body', 'filed', '', '', {}, 422, 'licences-refused'],
    ['another media type', 'filed', FILE, '', { 'content-type': 'application/json' }, 415, 'media-type-unsupported'],
    ['what is no gzip', 'filed', FILE, '', { 'content-encoding': 'gzip' }, 400, 'request-unreadable'],
    ['17 MiB', 'filed', 'x'.repeat(17 * 1_048_576), '', {}, 413, 'body-too-large'],
    ['an unknown query', 'filed', FILE, '?skipFaulty=perhaps', {}, 400, 'parameter-invalid'],
  ])('%s is refused', async (_what, tenant, csv, query, headers, status, code) => {
    const answer = await send(tenant, csv, query, headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});
