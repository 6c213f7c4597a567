// The explanation of a charge over real HTTP: from the bytes on the bus to the balance, and what of it is the operator's.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { debitCall } from './debited-calls.fixture.js';
import { Explanations } from './explanations.js';
import { call, startApi, useDeck, type Answer, type TestApi } from './fixtures.js';

const TOKEN = 'a-token-of-some-length';
const FIRST = '2026-03-03T11:30:00.000Z';
/** After the intake window has forgotten the first. */
const AGAIN = '2026-06-01T11:30:00.000Z';
const DECK = 'prefix,destination,rate,increment\n33,France,0.042,1\n';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ operatorToken: TOKEN });
  await useDeck(api, DECK);
  await call(api, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
  const operator = { authorization: `Bearer ${TOKEN}` };
  await call(api, 'PUT', '/v1/tenants/acme/terms', { country: 'FR' }, operator);
  await debitCall(api, 'acme', { id: 'cdr/1' });
  await debitCall(api, 'acme', { id: 'twice', source: 'default' });
  await debitCall(api, 'acme', { id: 'twice', source: 'pbx', answerTime: '2026-03-03T11:40:00.000Z' });
  await debitCall(api, 'acme', { id: 'again', answerTime: FIRST });
  await api.project();
});
afterAll(() => api.close());

const explained = (id: string, query = '', headers: Record<string, string> = {}): Promise<Answer> =>
  call(api, 'GET', `/v1/tenants/acme/calls/${encodeURIComponent(id)}/explanation${query}`, undefined, headers);
const fieldsOf = ({ body }: Answer): Record<string, string> =>
  Object.fromEntries(body.fields.map(({ name, value }: { name: string; value: string }) => [name, value]));

describe('an explanation', () => {
  test('goes from the bytes to the balance, and agrees', async () => {
    const answer = await explained('cdr/1', '?source=default', { authorization: `Bearer ${TOKEN}` });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      tenant: 'acme',
      source: 'default',
      id: 'cdr/1',
      raw: { kept: true, matches: true, text: expect.stringContaining('"calledNumber":"+33123456789"') },
      deck: {
        plan: 'default',
        row: [{ row: 1, csv: expect.stringContaining('France') }],
        activeFrom: '2026-01-01T00:00:00.000Z',
      },
      pricing: { destination: 'France', segments: [{ seconds: 61, sum: '0.042 × 61 / 60', amount: '0.0427' }], amount: '0.0427' },
      coverage: { kind: 'credit' },
      overdraft: '0.0427',
      balanceBefore: '0',
      balanceAfter: '-0.0427',
      sum: { redone: '0.0427', recorded: '0.0427', agrees: true },
      faults: [],
    });
    expect(fieldsOf(answer)).toMatchObject({ 'called number': '+33123456789', 'called number as sent': '+33123456789' });
  });

  test('for others hides what the list of calls hides, and the bytes', async () => {
    for (const headers of [{}, { authorization: 'Bearer of-another-token-here' }] as Record<string, string>[]) {
      const answer = await explained('cdr/1', '', headers);
      expect(answer.body).toMatchObject({ raw: { text: null, kept: null, matches: null }, sum: { agrees: true }, faults: [] });
      expect(fieldsOf(answer)).toMatchObject({ 'called number': '+3312345****', 'calling number': '+33140000001' });
      expect(JSON.stringify(answer.body)).not.toContain('+33123456789');
    }
  });

  test('before the read model has come so far hides both numbers', async () => {
    await debitCall(api, 'acme', { id: 'late' });
    const answer = await explained('late');
    expect(fieldsOf(answer)).toMatchObject({ 'called number': '+3312345****', 'calling number': '+3314000****' });
  });

  test('of an id that several sources have sent says which', async () => {
    const answer = await explained('twice');
    expect([answer.status, answer.body.code, answer.body.sources]).toEqual([409, 'call-ambiguous', ['default', 'pbx']]);
    expect((await explained('twice', '?source=pbx')).body).toMatchObject({ source: 'pbx' });
  });

  test('of an id that its source has used again says when the calls were answered', async () => {
    const { nowMs } = api.clock;
    api.clock.nowMs = Date.parse('2026-05-30T12:00:00Z');
    await debitCall(api, 'acme', { id: 'between', answerTime: '2026-05-30T11:30:00.000Z' });
    api.clock.nowMs = Date.parse('2026-06-01T12:00:00Z');
    await debitCall(api, 'acme', { id: 'again', answerTime: AGAIN });
    api.clock.nowMs = nowMs;
    const answer = await explained('again');
    expect([answer.status, answer.body.code, answer.body.calls]).toEqual([
      409,
      'call-ambiguous',
      [FIRST, AGAIN].map((answeredAt) => ({ source: 'default', answeredAt })),
    ]);
    for (const answeredAt of [FIRST, AGAIN])
      expect((await explained('again', `?source=default&answeredAt=${answeredAt}`)).body).toMatchObject({
        answeredAt,
        faults: [],
      });
    expect((await explained('again', '?answeredAt=2026-03-03T11:31:00Z')).body.code).toBe('call-unknown');
    expect((await explained('again', '?answeredAt=yesterday')).status).toBe(400);
  });

  test('of nothing is a problem', async () => {
    const answer = await explained('nothing');
    expect([answer.status, answer.body.code]).toEqual([404, 'call-unknown']);
    expect((await explained('cdr/1', '?source=sbc')).body.code).toBe('call-unknown');
    const nobody = await call(api, 'GET', '/v1/tenants/nobody/calls/1/explanation');
    expect(nobody.body.code).toBe('account-not-open');
  });

  test('of an id or a source with 0x00 is refused', async () => {
    for (const [id, query] of [
      ['a\0b', ''],
      ['cdr/1', '?source=%00'],
    ] as const) {
      const { status, body } = await explained(id, query);
      expect([status, body.code]).toEqual([400, 'parameter-invalid']);
    }
  });

  test('is not begun for a client that has gone, nor beside several others', async () => {
    const explanations = api.app.get(Explanations);
    const ask = (gone: AbortSignal) => explanations.of({ tenant: 'acme', country: 'FR' }, { id: 'cdr/1' }, true, gone);
    await expect(ask(AbortSignal.abort())).rejects.toMatchObject({ problem: { code: 'request-unreadable' } });
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => ask(new AbortController().signal)));
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    expect(refused).toHaveLength(2);
    for (const reason of refused) expect(reason).toContain('4 explanations are under way');
    expect((await explained('cdr/1')).status).toBe(200);
  });

  test('of a call whose persons were erased has none', async () => {
    await api.ring.destroy('acme', '2026-04', 'j.doe');
    const answer = await explained('cdr/1');
    expect(fieldsOf(answer)['called number']).toBeUndefined();
    expect(answer.body.sum.agrees).toBe(true);
  });
});

test('while the read model is far behind, nothing is explained: it would read the whole ledger', async () => {
  const behind = await startApi();
  await call(behind, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
  await behind.project();
  for (let written = 0; written < 10_000; written += 1_000) {
    const events = Array.from({ length: 1_000 }, () => ({ id: randomUUID(), type: 'Filler.v1', data: {}, metadata: {} }));
    await behind.eventStore.append('credit-filler', written - 1, events);
  }
  const { status, body } = await call(behind, 'GET', '/v1/tenants/acme/calls/any/explanation');
  expect([status, body.code, body.detail]).toEqual([504, 'projection-lags', expect.stringContaining('10000 events')]);
  await behind.close();
});
