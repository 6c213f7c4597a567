// The usage report over real HTTP: the file, its name, and what happens when the client or an engine goes away.

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { waitFor } from '@tollkeeper/testing';
import { writeCalls, type Call } from './call-rows.fixture.js';
import { call, startApi, type TestApi } from './fixtures.js';
import { MAX_REPORTS_AT_ONCE } from './report.controller.js';
import { reportNameOf, reportPeriodOf } from './report-period.js';

const MARCH = 'from=2026-03-01&to=2026-04-01';
const MANY = 12_000;

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
  for (const tenant of ['acme', 'many']) await call(api, 'PUT', `/v1/tenants/${tenant}`, { currency: 'EUR' });
  await call(api, 'PUT', '/v1/tenants/acme/terms', { country: 'FR' });
  await api.project();
  await writeCalls(api, [
    { cdr_id: 'a', answered_at: '2026-03-01T00:00:00.000Z' },
    { cdr_id: 'b', answered_at: '2026-03-31T23:59:59.999Z', amount: '1.5' },
    { cdr_id: 'c', answered_at: '2026-04-01T00:00:00.000Z' },
  ]);
  await writeCalls(api, manyCalls('many'));
});
afterAll(() => api.close());

/** More than the buffers between a server and a client that does not read. */
function manyCalls(tenant: string): readonly Call[] {
  const destination = 'far away '.repeat(250);
  return Array.from({ length: MANY }, (_, n): Call => ({ tenant, cdr_id: `m-${n}`, parties: null, destination }));
}

const ask = (query: string, tenant = 'acme', init: RequestInit = {}) =>
  fetch(`${api.url}/v1/tenants/${tenant}/report?${query}`, init);

describe('the report', () => {
  test('of a month is a CSV named after it', async () => {
    const response = await ask(MARCH);
    const lines = (await response.text()).split('\r\n');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="usage-acme-2026-03.csv"');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^\ufeff?UsageId,Call ID,/);
    expect(lines[1]).toContain(`'+491511234****`);
    expect(lines[2]).toContain(',1.5,EUR,');
  });

  test('is a workbook when asked for', async () => {
    const response = await ask(`${MARCH}&format=xlsx`);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="usage-acme-2026-03.xlsx"');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([bytes.subarray(0, 2).toString(), bytes.includes('xl/worksheets/sheet1.xml')]).toEqual(['PK', true]);
  });

  test('has all the calls, however many', async () => {
    expect((await (await ask(MARCH, 'many')).text()).split('\r\n')).toHaveLength(MANY + 2);
    const head = await ask(MARCH, 'many', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-disposition')]).toEqual([
      200,
      'attachment; filename="usage-many-2026-03.csv"',
    ]);
  });

  test('without calls has its headings', async () => {
    expect((await (await ask('from=2020-01-01&to=2020-02-01')).text()).split('\r\n')).toHaveLength(2);
  });

  test.each([
    ['from=2026-03-01', 'to'],
    ['', 'from'],
    ['from=2026-02-30&to=2026-04-01', 'from'],
    ['from=2026-03-01&to=tomorrow', 'to'],
    ['from=2026-04-01&to=2026-04-01', 'to'],
    ['from=2026-04-01&to=2026-03-01', 'to'],
    ['from=0001-01-01&to=2026-03-01', 'from'],
  ])('of the period %s says what to write', async (query, parameter) => {
    const { status, body } = await call(api, 'GET', `/v1/tenants/acme/report?${query}`);
    expect([status, body.code, body.errors[0].parameter]).toEqual([422, 'period-invalid', parameter]);
    expect(body.detail).toContain('from=2026-03-01&to=2026-04-01');
  });

  test('of nobody, and in another format, are problems', async () => {
    expect((await call(api, 'GET', `/v1/tenants/nobody/report?${MARCH}`)).body.code).toBe('account-not-open');
    expect((await call(api, 'GET', `/v1/tenants/acme/report?${MARCH}&format=pdf`)).body.code).toBe('parameter-invalid');
  });

  test('that would lack calls is refused, and says how to mend that', async () => {
    const row = { model: 'calls', tenant: 'many', revision: 7, reason: 'a hole' };
    await api.readStore.write((tx) => api.readStore.upsert(tx, 'set_aside', ['model', 'tenant'], [row]));
    const { status, body } = await call(api, 'GET', `/v1/tenants/many/report?${MARCH}`);
    expect([status, body.code, body.detail]).toEqual([409, 'read-model-incomplete', expect.stringContaining('rebuild')]);
    await api.readStore.write((tx) => tx.deleteFrom('set_aside').execute());
  });
});

test('a report whose read model has not begun, or lags behind the tenant, is refused until it has come so far', async () => {
  const behind = await startApi();
  const asked = () => call(behind, 'GET', `/v1/tenants/acme/report?${MARCH}`);
  await call(behind, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
  const unbegun = await asked();
  expect([unbegun.status, unbegun.body.code, unbegun.body.detail]).toEqual([
    504,
    'projection-lags',
    expect.stringContaining('has not begun'),
  ]);
  await behind.project();
  // What others have written since is not missing.
  await call(behind, 'PUT', '/v1/tenants/other', { currency: 'EUR' });
  expect((await asked()).status).toBe(200);
  await call(behind, 'PUT', '/v1/tenants/acme/terms', { country: 'FR' });
  const late = await asked();
  expect([late.status, late.body.code, late.headers.get('retry-after')]).toEqual([504, 'projection-lags', '5']);
  const waiting = asked();
  await behind.project();
  expect((await waiting).status).toBe(200);
  await behind.close();
}, 30_000);

describe('a client', () => {
  test('that goes away ends its report, and one that waits does not hold the others', async () => {
    const gone = Array.from({ length: MAX_REPORTS_AT_ONCE }, () => new AbortController());
    const begun = await Promise.all(gone.map(({ signal }) => ask(MARCH, 'many', { signal })));
    expect(begun.map(({ status }) => status)).toEqual(gone.map(() => 200));
    const refused = await ask(MARCH);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await call(api, 'GET', '/livez')).status).toBe(200);
    for (const client of gone) client.abort();
    await waitFor(async () => (await ask(MARCH)).status === 200, { timeoutMs: 10_000, what: 'the reports to end' });
  });
});

test('a server that stops waits neither for a client that does not read nor for one that has not asked yet', async () => {
  const stopped = await startApi();
  await call(stopped, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
  await stopped.project();
  await writeCalls(stopped, manyCalls('acme'));
  const { port } = new URL(stopped.url);
  const idle = connect(Number(port), '127.0.0.1');
  await once(idle, 'connect');
  const response = await fetch(`${stopped.url}/v1/tenants/acme/report?${MARCH}`);
  const beganMs = performance.now();
  await stopped.close();
  expect(performance.now() - beganMs).toBeLessThan(5_000);
  await expect(response.text()).rejects.toThrow();
});

test('an engine that is down is told before the file begins', async () => {
  const down = await startApi();
  await call(down, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
  await down.project();
  await down.readStore.write((tx) => tx.schema.dropTable('call').execute());
  const answer = await call(down, 'GET', `/v1/tenants/acme/report?${MARCH}`);
  expect([answer.status, answer.headers.get('content-disposition'), answer.body.code]).toEqual([503, null, expect.any(String)]);
  await down.close();
});

test.each([
  ['2026-03-01', '2026-04-01', 'usage-acme-2026-03'],
  ['2026-12-01', '2027-01-01', 'usage-acme-2026-12'],
  ['2026-03-01', '2026-03-02', 'usage-acme-2026-03-01'],
  ['2026-03-01', '2026-05-01', 'usage-acme-2026-03-01-to-2026-04-30'],
  ['2026-03-01T00:00:00Z', '2026-03-15T12:00:00+02:00', 'usage-acme-2026-03-01-to-2026-03-15'],
])('from %s to %s is the file %s', (from, to, name) => {
  expect(reportNameOf('acme', reportPeriodOf(from, to))).toBe(name);
});
