// Rerating and erasing over real HTTP: what is replaced or forgotten, what is refused, whose business it is.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activateDeck, importDeck } from '@tollkeeper/decks';
import { isDeckRejection, parseDeck } from '@tollkeeper/rating';
import { call, startApi, type TestApi } from './fixtures.js';
import { debitCall } from './rated-calls.fixture.js';

const TOKEN = 'a-token-of-the-operator';
const asOperator = { authorization: `Bearer ${TOKEN}` };
const MARCH = { from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z', author: 'ada' };

let api: TestApi;
let [cheap, dear] = ['', ''];
beforeAll(async () => {
  api = await startApi({ operatorToken: TOKEN });
  [cheap, dear] = [await deckOf('prefix,rate\n49,0.02\n'), await deckOf('prefix,rate\n49,0.05\n')];
});
afterAll(() => api.close());

async function deckOf(csv: string): Promise<string> {
  const deck = parseDeck(csv, { currency: 'EUR' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  await importDeck(api.eventStore, deck, { by: 'ada', name: 'rates.csv', nowMs: api.clock.nowMs });
  const activation = { plan: 'default', hash: deck.hash, by: 'ada', nowMs: api.clock.nowMs };
  await activateDeck(api.eventStore, { ...activation, activeFromMs: Date.parse('2026-01-01') });
  return deck.hash;
}

async function openWith(tenant: string, calls: number): Promise<void> {
  await call(api, 'PUT', `/v1/tenants/${tenant}`, { currency: 'EUR' });
  for (let n = 1; n <= calls; n += 1) await debitCall(api, tenant, cheap, { id: `${tenant}-${n}` });
}

async function balanceOf(tenant: string): Promise<string> {
  return (await call(api, 'GET', `/v1/tenants/${tenant}/credit`)).body.balance;
}

const rerate = (body: object, headers: Record<string, string> = asOperator) => call(api, 'POST', '/v1/rerates', body, headers);

describe('a rerate', () => {
  test('replaces the debits whose amount is another by the version that is active, and finds nothing the second time', async () => {
    await openWith('acme', 3);
    expect(await balanceOf('acme')).toBe('-0.06');
    const { status, body } = await rerate({ ...MARCH, tenant: 'acme' });
    expect([status, body]).toEqual([
      200,
      {
        checked: 3,
        unrated: 0,
        erased: 0,
        written: 3,
        rerateId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        changes: expect.arrayContaining([
          {
            tenant: 'acme',
            revision: 1,
            cdr: { source: 'sbc', id: 'acme-1', generation: 0 },
            answeredAt: '2026-03-03T11:50:00.000Z',
            before: '0.02',
            after: '0.05',
          },
        ]),
      },
    ]);
    expect(await balanceOf('acme')).toBe('-0.15');
    expect((await rerate({ ...MARCH, tenant: 'acme' })).body).toMatchObject({ checked: 3, written: 0, changes: [] });
  });

  test('takes a version by the beginning of its hash in place of the active one', async () => {
    await openWith('globex', 1);
    expect((await rerate({ ...MARCH, tenant: 'globex', deck: cheap.slice(0, 8) })).body).toMatchObject({ written: 0 });
    expect((await rerate({ ...MARCH, tenant: 'globex', deck: dear })).body).toMatchObject({ written: 1 });
  });

  test('comes line by line for whoever asks for lines, the summary last', async () => {
    await openWith('lines', 2);
    const headers = { ...asOperator, accept: 'application/x-ndjson', 'content-type': 'application/json' };
    const body = JSON.stringify({ ...MARCH, tenant: 'lines' });
    const response = await fetch(`${api.url}/v1/rerates`, { method: 'POST', headers, body });
    expect(response.headers.get('content-type')).toContain('application/x-ndjson');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ checked: 2, written: 2 });
  });

  test.each<[object, number, string]>([
    [{ from: MARCH.to, to: MARCH.from }, 422, 'request-invalid'],
    [{ from: '1 March' }, 422, 'request-invalid'],
    [{ author: undefined }, 422, 'request-invalid'],
    [{ deck: 'ffffff' }, 404, 'deck-unknown'],
  ])('with %j is refused: %i %s', async (change, status, code) => {
    const answer = await rerate({ ...MARCH, ...change });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('is the operator’s', async () => {
    expect((await rerate(MARCH, {})).body.code).toBe('operator-only');
  });
});

describe('an erasure', () => {
  const erase = (tenant: string, body: object, headers: Record<string, string> = asOperator) =>
    call(api, 'POST', `/v1/tenants/${tenant}/erasures`, body, headers);
  const parties = async (tenant: string) => {
    const rows = api.readStore.db.selectFrom('call').select(['cdr_id', 'parties']).where('tenant', '=', tenant);
    return (await rows.orderBy('cdr_id').execute()).map((row) => [row.cdr_id, row.parties === null]);
  };

  test('forgets the persons of the calls before a month, once, and leaves the sums', async () => {
    await call(api, 'PUT', '/v1/tenants/erased', { currency: 'EUR' });
    await debitCall(api, 'erased', cheap, { id: 'february', answerTime: '2026-02-20T10:00:00.000Z' });
    await debitCall(api, 'erased', cheap, { id: 'march' });
    await api.project();
    expect(await parties('erased')).toEqual([
      ['february', false],
      ['march', false],
    ]);
    const { status, body } = await erase('erased', { before: '2026-03', author: 'ada' });
    expect([status, body]).toEqual([
      200,
      { tenant: 'erased', before: '2026-03', keysDestroyed: 1, rowsCleared: 1, remains: { rawCdrs: [], deadLetters: 0 } },
    ]);
    expect(await parties('erased')).toEqual([
      ['february', true],
      ['march', false],
    ]);
    expect((await erase('erased', { before: '2026-03', author: 'ada' })).body).toMatchObject({
      keysDestroyed: 0,
      rowsCleared: 0,
    });
    expect(await balanceOf('erased')).toBe('-0.04');
  });

  test.each<[string, object, number, string]>([
    ['erased', { before: '2026-05', author: 'ada' }, 422, 'month-not-over'],
    ['erased', { before: '2026-13', author: 'ada' }, 422, 'request-invalid'],
    ['erased', { before: '2026-03' }, 422, 'request-invalid'],
    ['nobody', { before: '2026-03', author: 'ada' }, 404, 'account-not-open'],
  ])('of %s with %j is refused: %i %s', async (tenant, body, status, code) => {
    const answer = await erase(tenant, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('is the operator’s', async () => {
    expect((await erase('erased', { before: '2026-03', author: 'ada' }, {})).body.code).toBe('operator-only');
  });
});
