// Calls in progress over HTTP: granted, extended, ended, refused; and fifty at once that would all spend the last euro.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, startApi, type Answer, type TestApi, useDeck } from './fixtures.js';

const DECK = `prefix,destination,rate,increment,connectFee,category
33,France,0.10,60,0,*
49,Germany,0.10,60,0.05,*
44,Britain,0.01,1,0,*
800,Toll-free,0.02,60,0,toll-free-inbound
`;

let api: TestApi;
let tenants = 0;

beforeAll(async () => {
  api = await startApi();
  await useDeck(api, DECK);
});
afterAll(() => api.close());

/** A tenant of its own with this much credit. */
async function tenantWith(amount: string | null): Promise<string> {
  const tenant = `tenant-${(tenants += 1)}`;
  await call(api, 'PUT', `/v1/tenants/${tenant}`, { currency: 'EUR' });
  if (amount !== null) {
    const origin = { kind: 'invoice', reference: 'test' } as const;
    const amountMicros = BigInt(Math.round(Number(amount) * 1e6));
    await api.execute(tenant, { kind: 'purchase-credit', nowMs: api.clock.nowMs, purchaseId: 'p', amountMicros, origin });
  }
  return tenant;
}

function authorise(tenant: string, sessionId: string, change: object = {}): Promise<Answer> {
  return call(api, 'POST', '/v1/authorizations', { tenant, sessionId, called: '+33123456789', ...change });
}

describe('a grant', () => {
  test('holds what the call may cost, and the three balances tell it apart', async () => {
    const tenant = await tenantWith('1.00');
    const granted = await authorise(tenant, 's-1', { called: '+4930123456' });
    expect(granted).toMatchObject({
      status: 201,
      body: {
        changed: true,
        grantedSeconds: 300,
        validitySeconds: 420,
        finalUnitIndication: null,
        coverage: 'credit',
        held: { amount: '0.55', poolSeconds: 0 },
        balance: '1',
        reserved: '0.55',
        available: '0.45',
      },
    });
    expect(await authorise(tenant, 's-1', { called: '+4930123456' })).toMatchObject({ status: 200, body: { changed: false } });
    expect(await authorise(tenant, 's-1')).toMatchObject({
      status: 409,
      body: { code: 'session-exists-with-different-content' },
    });
    // 0.45 pays for the connect fee and four minutes; nothing is left for more.
    expect(await authorise(tenant, 's-2', { called: '+4930123456' })).toMatchObject({
      status: 201,
      body: { grantedSeconds: 240, finalUnitIndication: { action: 'terminate' }, available: '0' },
    });
    expect(await authorise(tenant, 's-3')).toMatchObject({ status: 402, body: { code: 'NO_CREDIT' } });
  });

  test('goes on with an update, and ends with a termination that may come late or twice', async () => {
    const tenant = await tenantWith('0.70');
    await authorise(tenant, 's-1');
    const more = await call(api, 'POST', '/v1/authorizations/s-1/update', { tenant, usedSeconds: 240 });
    expect(more).toMatchObject({
      status: 200,
      body: { grantedSeconds: 420, finalUnitIndication: { action: 'terminate' }, reserved: '0.7', available: '0' },
    });
    const ended = () => call(api, 'POST', '/v1/authorizations/s-1/termination', { tenant, usedSeconds: 250 });
    expect(await ended()).toMatchObject({ status: 200, body: { changed: true } });
    expect(await ended()).toMatchObject({ status: 200, body: { changed: false } });
    await api.project();
    expect(await call(api, 'GET', `/v1/tenants/${tenant}/balance`)).toMatchObject({ body: { balance: '0.7', available: '0.2' } });
    expect(await call(api, 'POST', '/v1/authorizations/s-1/update', { tenant, usedSeconds: 300 })).toMatchObject({
      status: 409,
      body: { code: 'session-closed' },
    });
    expect(await call(api, 'POST', '/v1/authorizations/s-9/update', { tenant, usedSeconds: 300 })).toMatchObject({
      status: 404,
      body: { code: 'session-unknown' },
    });
  });

  test('is no longer than what was asked for, in whole increments', async () => {
    const tenant = await tenantWith('5');
    const seconds = async (sessionId: string, change: object) => (await authorise(tenant, sessionId, change)).body.grantedSeconds;
    expect(await seconds('a', { requestedSeconds: 90 })).toBe(120);
    expect(await seconds('b', { requestedSeconds: 90, called: '+447400123456' })).toBe(90);
    expect(await seconds('c', { requestedSeconds: 9_000 })).toBe(300);
  });
});

describe('a refusal', () => {
  test.each([
    ['a destination without a rate', { called: '+81312345678' }, 403, 'UNSUPPORTED_DESTINATION'],
    ['toll-free at zero', { called: '+8001234567', category: 'toll-free-inbound', direction: 'inbound' }, 402, 'NO_CREDIT'],
    ['no credit', {}, 402, 'NO_CREDIT'],
  ])('%s', async (_, change, status, code) => {
    expect(await authorise(await tenantWith(null), 's', change)).toMatchObject({ status, body: { code } });
  });

  test('an emergency call is free, and granted without a cent', async () => {
    const tenant = await tenantWith(null);
    await api.execute(tenant, { kind: 'set-terms', nowMs: api.clock.nowMs, terms: { country: 'FR' } });
    expect(await authorise(tenant, 's', { called: '112' })).toMatchObject({
      status: 201,
      body: { coverage: 'emergency', held: { amount: '0' }, available: '0' },
    });
  });

  test('an account that was never opened, a number that is none, a source that is unknown', async () => {
    expect(await authorise('nobody', 's')).toMatchObject({ status: 404, body: { code: 'account-not-open' } });
    const tenant = await tenantWith('1');
    expect(await authorise(tenant, 's', { called: 'anonymous' })).toMatchObject({
      status: 422,
      body: { code: 'request-invalid' },
    });
    const far = { presumedAnswer: '2027-03-03T12:00:00Z' };
    expect(await authorise(tenant, 's', far)).toMatchObject({ status: 422, body: { code: 'request-invalid' } });
    expect(await authorise(tenant, 's', { source: 'nowhere' })).toMatchObject({ status: 422, body: { code: 'source-unknown' } });
  });
});

test('credit for one package, fifty calls at once: one grant, forty-nine refusals', async () => {
  for (let round = 0; round < 20; round += 1) {
    const tenant = await tenantWith('0.10');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) => authorise(tenant, `s-${at}`, { requestedSeconds: 60 })),
    );
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([201, ...Array.from({ length: 49 }, () => 402)]);
  }
});

test('who calls is written nowhere in clear', async () => {
  const tenant = await tenantWith('1');
  await authorise(tenant, 's', { user: 'Zoe@Acme.example', calling: '+33611223344' });
  const { body } = await call(api, 'GET', `/v1/tenants/${tenant}/events`);
  const text = JSON.stringify(body).toLowerCase();
  for (const secret of ['zoe', '33611223344', '33123456789']) expect(text).not.toContain(secret);
  const made = body.events.find((event: { type: string }) => event.type === 'ReservationMade.v1');
  expect(await api.ring.unseal(tenant, 'session\u0000s', made.data.parties)).toEqual({
    called: '+33123456789',
    calling: '+33611223344',
    userId: 'Zoe@Acme.example',
  });
});
