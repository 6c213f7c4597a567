// Rate decks over real HTTP: imported whole or refused with every fault, told apart, activated, seen by prices.

import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { inMemoryEventStore, type EventStore, type SubscribeOptions } from '@tollkeeper/event-store';
import { call, startApi, type Answer, type TestApi } from './fixtures.js';

const TOKEN = 'a-token-of-the-operator';
const asOperator = { authorization: `Bearer ${TOKEN}` };
const asCsv = { ...asOperator, 'content-type': 'text/csv' };
const DECK = 'prefix,destination,rate\n49,Germany,0.02\n33,France,0.03\n';
const DEARER = 'prefix,destination,rate\n49,Germany,0.05\n44,"Kingdom, United",0.04\n';

let api: TestApi;
beforeAll(async () => void (api = await startApi({ operatorToken: TOKEN })));
afterAll(() => api.close());
beforeEach(() => void (api.clock.nowMs = Date.parse('2026-03-03T12:00:00Z')));

const send = (
  csv: string | Uint8Array,
  query = '?currency=EUR&author=ada&name=rates.csv',
  headers: Record<string, string> = asCsv,
) => call(api, 'POST', `/v1/decks${query}`, csv, headers);
const activate = (hash: string, body: object) => call(api, 'POST', `/v1/decks/${hash}/activations`, body, asOperator);
const plansNow = async () => (await call(api, 'GET', '/v1/decks')).body.plans;

async function imported(csv: string): Promise<string> {
  const { body } = await send(csv);
  return body.versions[0].hash;
}

describe('an import', () => {
  test('makes a version of each plan, which the list shows at once; the same again changes nothing', async () => {
    const csv = 'plan,prefix,rate\nsilver,49,0.02\ngold,49,0.01\n';
    const first = await send(csv);
    expect([first.status, first.body.versions]).toEqual([
      201,
      [
        expect.objectContaining({
          plan: 'silver',
          rows: 1,
          isNew: true,
          importedBy: 'ada',
          importedAt: '2026-03-03T12:00:00.000Z',
        }),
        expect.objectContaining({ plan: 'gold', rows: 1, isNew: true }),
      ],
    ]);
    const plans = await plansNow();
    expect(plans.filter(({ plan }: { plan: string }) => plan !== 'default')).toEqual([
      { plan: 'gold', versions: [expect.objectContaining({ rows: 1, state: 'never', activeFrom: [] })] },
      { plan: 'silver', versions: [expect.objectContaining({ rows: 1, name: 'rates.csv', importedBy: 'ada' })] },
    ]);
    const again = await send(csv);
    expect([again.status, again.body.versions[0].isNew]).toEqual([200, false]);
  });

  test('with faults is refused whole, with line, column and code of each', async () => {
    const { status, body } = await send('prefix,rate,currency\n49,-1,EUR\n49,0.02,EURO\n');
    expect([status, body.code, body.faultCount]).toEqual([422, 'deck-faulty', 2]);
    expect(body.faults).toEqual([
      { line: 2, column: 4, code: expect.any(String), detail: expect.stringContaining('"-1" is not a decimal') },
      { line: 3, column: 9, code: expect.any(String), detail: expect.stringContaining('ISO 4217') },
    ]);
  });

  test('may be packed, and says what is wrong with a body that is none', async () => {
    const packed = await send(gzipSync(DECK), undefined, { ...asCsv, 'content-encoding': 'gzip' });
    expect(packed.status).toBe(201);
    expect((await send(gzipSync(DECK).subarray(0, 30), undefined, { ...asCsv, 'content-encoding': 'gzip' })).body.code).toBe(
      'request-unreadable',
    );
    expect((await send(Buffer.from([0x70, 0xfc]))).body.detail).toContain('not UTF-8');
    expect((await call(api, 'POST', '/v1/decks', DECK, { ...asOperator, 'content-type': 'application/pdf' })).status).toBe(415);
    expect((await send('')).body.code).toMatch(/deck-faulty|request-unreadable/);
    expect((await send(DECK, '?currency=EURO')).body).toMatchObject({
      code: 'parameter-invalid',
      errors: [{ parameter: 'currency' }],
    });
  });

  test('of 170,000 rows fits, and one beyond the bound is refused', async () => {
    const rows = Array.from(
      { length: 170_000 },
      (_, at) => `${1_000_000 + at},Somewhere with a name ${at % 900},0.0123,EUR,outbound,60`,
    );
    const large = await send(`prefix,destination,rate,currency,category,rateUnit\n${rows.join('\n')}\n`);
    expect([large.status, large.body.versions[0].rows]).toEqual([201, 170_000]);
    const { status, body } = await send(`prefix,rate\n${'4'.repeat(33 * 1_048_576)},1\n`);
    expect([status, body.code]).toEqual([413, 'body-too-large']);
  }, 60_000);
});

test('what differs between two versions is told row by row, with the header of each', async () => {
  const [before, after] = [await imported(DECK), await imported(DEARER)];
  expect((await call(api, 'GET', `/v1/decks/${before.slice(0, 8)}/diff/${after}`)).body).toEqual({
    added: 1,
    removed: 1,
    changed: 1,
    columns: { before: 'prefix,destination,currency,rate', after: 'prefix,destination,currency,rate' },
    rows: [
      { kind: 'changed', before: '49,Germany,EUR,0.02', after: '49,Germany,EUR,0.05' },
      { kind: 'added', before: null, after: '44,"Kingdom, United",EUR,0.04' },
      { kind: 'removed', before: '33,France,EUR,0.03', after: null },
    ],
    truncated: false,
  });
  expect((await call(api, 'GET', `/v1/decks/${before}/diff/${before}`)).body).toMatchObject({ changed: 0, rows: [] });
  expect((await call(api, 'GET', `/v1/decks/ffffff/diff/${after}`)).body.code).toBe('deck-unknown');
  expect((await call(api, 'GET', `/v1/decks/DECK/diff/${after}`)).body.code).toBe('parameter-invalid');
});

test('a list asked for after a write tells of it, however late this program hears of it', async () => {
  const store = inMemoryEventStore();
  const late = new Proxy(store, {
    get(target, name) {
      if (name === 'subscribe') return (options: SubscribeOptions) => subscribedLate(target, options);
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const other = await startApi({ eventStore: late });
  const asked = { author: 'ada', at: '2026-01-01T00:00:00Z' };
  const { body } = await call(other, 'POST', '/v1/decks?currency=EUR', DECK, { 'content-type': 'text/csv' });
  const [{ hash }] = body.versions;
  const versions = async () => (await call(other, 'GET', '/v1/decks')).body.plans[0]?.versions;
  expect(await versions()).toEqual([expect.objectContaining({ hash, state: 'never' })]);
  await call(other, 'POST', `/v1/decks/${hash}/activations`, asked);
  expect(await versions()).toEqual([expect.objectContaining({ hash, state: 'active' })]);
  await other.close();
});

async function* subscribedLate(store: EventStore, options: SubscribeOptions): ReturnType<EventStore['subscribe']> {
  for await (const batch of store.subscribe(options)) {
    await delay(100);
    yield batch;
  }
}

describe('an activation', () => {
  test('makes a version active at its instant, and the list says which are now, later, and no more', async () => {
    const [cheap, dear] = [await imported(DECK), await imported(DEARER)];
    const first = await activate(cheap.slice(0, 8), { at: '2026-01-01T00:00:00Z', author: 'ada' });
    expect([first.status, first.body]).toEqual([
      201,
      { plan: 'default', hash: cheap, activeFrom: '2026-01-01T00:00:00.000Z', changed: true },
    ]);
    expect((await activate(cheap, { at: '2026-01-01T00:00:00Z', author: 'ada' })).status).toBe(200);
    const { body } = await activate(dear, { author: 'ada' });
    expect(body.activeFrom).toBe('2026-03-03T12:00:10.000Z');
    const states = async () => {
      const { versions } = (await plansNow()).find(({ plan }: { plan: string }) => plan === 'default');
      return versions
        .filter(({ hash }: { hash: string }) => hash === cheap || hash === dear)
        .map((one: { state: string }) => one.state);
    };
    expect(await states()).toEqual(['active', 'upcoming']);
    const price = () =>
      call(api, 'POST', '/v1/prices', { currency: 'EUR', calledNumber: '+4930123456', category: 'outbound', usageSeconds: 60 });
    expect((await price()).body.amount).toBe('0.02');
    api.clock.nowMs += 10_000;
    expect(await states()).toEqual(['past', 'active']);
    expect((await price()).body.amount).toBe('0.05');
  });

  test.each<[string, object, number, string]>([
    ['ffffff', { author: 'ada' }, 404, 'deck-unknown'],
    ['abc', { author: 'ada' }, 400, 'parameter-invalid'],
    ['ffffff', {}, 422, 'request-invalid'],
    ['ffffff', { author: 'ada', at: 'tomorrow' }, 422, 'request-invalid'],
  ])('%s with %j is refused: %i %s', async (hash, body, status, code) => {
    const answer = await activate(hash, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

test.each<[string, () => Promise<Answer>]>([
  ['an import', () => send(DECK, '', { 'content-type': 'text/csv' })],
  ['an activation', () => call(api, 'POST', '/v1/decks/ffffff/activations', { author: 'ada' })],
])('%s is the operator’s', async (_, ask) => {
  expect((await ask()).body.code).toBe('operator-only');
});
