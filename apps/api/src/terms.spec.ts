// Terms and recipients over real HTTP: what is set and shown, what is refused, and whose business it is.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, startApi, type Answer, type TestApi } from './fixtures.js';

const TOKEN = 'a-token-of-the-operator';
let api: TestApi;
beforeAll(async () => {
  api = await startApi({ operatorToken: TOKEN });
  await call(api, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
});
afterAll(() => api.close());

const asOperator = { authorization: `Bearer ${TOKEN}` };
const TERMS = '/v1/tenants/acme/terms';
const setTerms = (body: unknown, headers: Record<string, string> = asOperator): Promise<Answer> =>
  call(api, 'PUT', TERMS, body, headers);

describe('terms', () => {
  test('are set one by one, shown whole, and nothing happens the second time', async () => {
    const first = await setTerms({ country: 'FR', licensing: 'required', burstLimit: '50.00', lotTermMonths: 6 });
    expect([first.status, first.body.changed]).toEqual([200, true]);
    expect((await setTerms({ burstLimit: '50', country: 'FR' })).body.changed).toBe(false);
    await setTerms({ billingCountry: 'DE', enterpriseAgreement: 'EA-7', country: null });
    expect((await call(api, 'GET', TERMS)).body).toEqual({
      tenant: 'acme',
      billingCountry: 'DE',
      burstLimit: '50',
      country: null,
      enterpriseAgreement: 'EA-7',
      licensing: 'required',
      lotTermMonths: 6,
      lotWarningDays: 30,
      quotaSeconds: 300,
      settleTimeoutSeconds: 86_400,
    });
  });

  test.each<[object, string]>([
    [{ country: 'France' }, 'terms-invalid'],
    [{ lotTermMonths: 0 }, 'terms-invalid'],
    [{ quotaSeconds: 86_401 }, 'terms-invalid'],
    [{ burstLimit: '0' }, 'terms-invalid'],
    [{ enterpriseAgreement: 'no spaces' }, 'terms-invalid'],
    [{ lotTermMonths: 1.5 }, 'request-invalid'],
    [{ lotTermMonths: null }, 'request-invalid'],
    [{ licensing: 'maybe' }, 'request-invalid'],
    [{ burstLimit: 5 }, 'request-invalid'],
    [{ colour: 'red' }, 'request-invalid'],
  ])('%j is refused: %s', async (body, code) => {
    const answer = await setTerms(body);
    expect([answer.status, answer.body.code]).toEqual([422, code]);
  });

  test('a retry that comes late undoes nothing', async () => {
    const key = { 'idempotency-key': 'terms-1', ...asOperator };
    const first = await setTerms({ quotaSeconds: 60 }, key);
    await setTerms({ quotaSeconds: 120 });
    expect((await setTerms({ quotaSeconds: 60 }, key)).body).toEqual(first.body);
    expect((await call(api, 'GET', TERMS)).body.quotaSeconds).toBe(120);
    expect((await setTerms({ quotaSeconds: 61 }, key)).body.code).toBe('idempotency-key-reused');
  });

  test('of nobody are 404', async () => {
    expect((await call(api, 'GET', '/v1/tenants/nobody/terms')).body.code).toBe('account-not-open');
    expect((await call(api, 'PUT', '/v1/tenants/nobody/terms', { country: 'FR' }, asOperator)).status).toBe(404);
  });
});

describe("the operator's token", () => {
  test.each([
    ['none', {}, 401, 'operator-only'],
    ['another scheme', { authorization: `Basic ${TOKEN}` }, 401, 'operator-only'],
    ['an empty one', { authorization: 'Bearer ' }, 401, 'operator-only'],
    ['another', { authorization: 'Bearer a-token-of-nobodys-at-all' }, 403, 'not-the-operator'],
    ['its beginning', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 403, 'not-the-operator'],
  ] as [string, Record<string, string>, number, string][])('%s does not do', async (_what, headers, status, code) => {
    const answer = await setTerms({ country: 'US' }, headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  test('is not needed for what is the tenant’s own, and the scheme’s case does not matter', async () => {
    expect((await call(api, 'GET', TERMS)).status).toBe(200);
    expect((await setTerms({ country: 'FR' }, { authorization: `bearer ${TOKEN}` })).status).toBe(200);
    const { body: document } = await call(api, 'GET', '/openapi.json');
    expect(document.paths['/v1/tenants/{tenant}/terms'].put.security).toEqual([{ operator: [] }]);
    expect(document.components.securitySchemes.operator.scheme).toBe('bearer');
  });
});

describe('recipients', () => {
  const PATH = '/v1/tenants/acme/recipients';
  const set = (body: unknown, headers = {}): Promise<Answer> => call(api, 'PUT', PATH, body, headers);

  test('are none at first, set whole, and sealed on the stream', async () => {
    expect((await call(api, 'GET', PATH)).body).toEqual({ tenant: 'acme', addresses: [], language: null });
    const body = { addresses: ['billing@contoso.com', 'anna@contoso.com'], language: 'fr' };
    expect((await set(body)).body.changed).toBe(true);
    expect((await set(body, { 'idempotency-key': 'again' })).body.changed).toBe(false);
    expect((await call(api, 'GET', PATH)).body).toEqual({ tenant: 'acme', ...body });
    expect(JSON.stringify((await call(api, 'GET', '/v1/tenants/acme/events')).body)).not.toContain('contoso');
    expect((await set({ addresses: [], language: 'en' })).body.changed).toBe(true);
  });

  test.each([
    [{ addresses: ['nobody'], language: 'en' }],
    [{ addresses: 'a@contoso.com', language: 'en' }],
    [{ addresses: ['a@contoso.com', 'a@contoso.com'], language: 'en' }],
    [{ addresses: ['a@contoso.com'], language: 'de' }],
    [{ addresses: Array.from({ length: 51 }, (_, at) => `a${at}@contoso.com`), language: 'en' }],
    [{ language: 'en' }],
  ])('%j is refused', async (body) => {
    const answer = await set(body);
    expect([answer.status, answer.body.code]).toEqual([422, 'request-invalid']);
  });

  test('need an account', async () => {
    const nobody = await call(api, 'PUT', '/v1/tenants/nobody/recipients', { addresses: [], language: 'en' });
    expect([nobody.status, nobody.body.code]).toEqual([404, 'account-not-open']);
    expect((await call(api, 'GET', '/v1/tenants/nobody/recipients')).status).toBe(404);
  });
});
