// Dead letters over real HTTP: the list by page, one as it came, what a retry and a discard send.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { call, DEAD_LETTER_TOPIC, startApi, TOPIC, type Answer, type TestApi } from './fixtures.js';

const TOKEN = 'a-token-of-the-operator';
const asOperator = { authorization: `Bearer ${TOKEN}` };

let api: TestApi;
beforeAll(async () => void (api = await startApi({ operatorToken: TOKEN })));
afterAll(() => api.close());

type Letter = { readonly offset: number; readonly tenant?: string; readonly code?: string; readonly value?: string | Buffer };
const idOf = ({ offset }: Letter) => `${TOPIC}/0/${offset}`;

/** On the topic, as rating leaves it, and in the list, as projections leaves it. */
async function putAside(letters: readonly Letter[]): Promise<void> {
  const rows = letters.map((letter, index) => ({
    letter_id: idOf(letter),
    message_key: letter.tenant ?? null,
    code: letter.code ?? 'no-rate',
    reason: 'nothing prices +49',
    put_aside_at: new Date(Date.parse('2026-03-01T00:00:00Z') + Math.floor(index / 2)).toISOString(),
  }));
  await api.readStore.write((tx) => api.readStore.upsert(tx, 'dead_letter', ['letter_id'], rows));
  for (const { offset, tenant, code = 'no-rate', value = `bytes ${offset}` } of letters) {
    const headers = {
      'cdr-source': 'pbx',
      'kafka_dlt-original-topic': TOPIC,
      'kafka_dlt-original-partition': '0',
      'kafka_dlt-original-offset': String(offset),
      'kafka_dlt-exception-message': `${code}: nothing prices +49`,
    };
    await api.bus.publish(DEAD_LETTER_TOPIC, [{ key: tenant ?? null, value, headers }]);
  }
}

const list = async (query = '') => (await call(api, 'GET', `/v1/dead-letters${query}`)).body;
const idsOf = ({ letters }: { letters: readonly { id: string }[] }) => letters.map(({ id }) => id);
const post = (path: string, body: object, headers: Record<string, string> = asOperator): Promise<Answer> =>
  call(api, 'POST', `/v1/dead-letters/${path}`, body, headers);

let next = 0;
beforeEach(async () => {
  await api.readStore.write((tx) => tx.deleteFrom('dead_letter').execute());
  next += 100;
});

describe('the list', () => {
  test('is told page by page, the newest first, and each letter once', async () => {
    const letters = Array.from({ length: 5 }, (_, at) => ({ offset: next + at, tenant: 'acme' }));
    await putAside(letters);
    const first = await list('?limit=2');
    const second = await list(`?limit=2&cursor=${first.next}`);
    const third = await list(`?limit=2&cursor=${second.next}`);
    expect([first, second, third].map(idsOf)).toEqual([
      [`${TOPIC}/0/${next + 4}`, `${TOPIC}/0/${next + 3}`],
      [`${TOPIC}/0/${next + 2}`, `${TOPIC}/0/${next + 1}`],
      [`${TOPIC}/0/${next}`],
    ]);
    expect(third.next).toBeNull();
    expect(first.letters[0]).toEqual({
      id: `${TOPIC}/0/${next + 4}`,
      tenant: 'acme',
      code: 'no-rate',
      reason: 'nothing prices +49',
      putAsideAt: '2026-03-01T00:00:00.002Z',
    });
  });

  test('is narrowed by code and tenant', async () => {
    await putAside([
      { offset: next, tenant: 'acme' },
      { offset: next + 1, tenant: 'globex' },
      { offset: next + 2, code: 'cdr-malformed' },
    ]);
    expect(idsOf(await list('?code=cdr-malformed'))).toEqual([`${TOPIC}/0/${next + 2}`]);
    expect(idsOf(await list('?tenant=globex'))).toEqual([`${TOPIC}/0/${next + 1}`]);
    expect(idsOf(await list('?tenant=globex&code=cdr-malformed'))).toEqual([]);
    expect((await list('?cursor=nonsense')).code).toBe('parameter-invalid');
    const forged = Buffer.from(JSON.stringify(['2026-03-01T00:00:00.000Z', 'a\0'])).toString('base64url');
    for (const query of ['?code=%00', '?tenant=a%00b', `?cursor=${forged}`]) {
      expect([query, (await list(query)).code]).toEqual([query, 'parameter-invalid']);
    }
    expect((await list('?limit=0')).code).toBe('parameter-invalid');
  });
});

test('numbers as they came are told to the operator only', async () => {
  const reason = String.raw`calledNumber held "00493012\"34567x"; callers "+33 6 12 34 56 78", +33 (6) 12.34-56 and anna@contoso.com; expected an E.164 number in row 12 "cut off 0`;
  const row = { letter_id: 'cdr/0/1', message_key: null, code: 'called-number-unusable', reason };
  await api.readStore.write((tx) =>
    api.readStore.upsert(tx, 'dead_letter', ['letter_id'], [{ ...row, put_aside_at: '2026-03-01T10:00:00.000Z' }]),
  );
  const told = async (headers: Record<string, string>) =>
    (await call(api, 'GET', '/v1/dead-letters', undefined, headers)).body.letters[0].reason;
  expect(await told(asOperator)).toBe(reason);
  expect(await told({})).toBe('calledNumber held "…"; callers "…", +… and …; expected an E.164 number in row 12 "…"');
});

test('one is shown as it came: text as text, other bytes as base64', async () => {
  await putAside([
    { offset: next, tenant: 'acme', value: '{"id":"ü"}' },
    { offset: next + 1, value: Buffer.from([0xff, 0, 0x80]) },
  ]);
  const show = (offset: number, headers: Record<string, string> = asOperator) =>
    call(api, 'GET', `/v1/dead-letters/letter?id=${encodeURIComponent(`${TOPIC}/0/${offset}`)}`, undefined, headers);
  expect((await show(next)).body).toMatchObject({
    id: `${TOPIC}/0/${next}`,
    tenant: 'acme',
    code: 'no-rate',
    discarded: null,
    headers: { 'cdr-source': 'pbx' },
    text: '{"id":"ü"}',
    base64: null,
  });
  expect((await show(next + 1)).body).toMatchObject({ tenant: null, text: null, base64: '/wCA' });
  expect((await show(next + 2)).body).toMatchObject({ status: 404, code: 'letter-unknown' });
  expect((await show(next, {})).body.code).toBe('operator-only');
  expect((await call(api, 'GET', '/v1/dead-letters/letter?id=x', undefined, asOperator)).body.code).toBe('parameter-invalid');
});

test('a retry sends the same bytes again to where they came from', async () => {
  await putAside([
    { offset: next, tenant: 'acme', code: `code-${next}` },
    { offset: next + 1, tenant: 'acme', code: `code-${next}` },
  ]);
  expect((await post('retry', { code: `code-${next}` })).body).toEqual({ retried: 2 });
  expect((await post('retry', { id: `${TOPIC}/0/${next}` })).body).toEqual({ retried: 1 });
  const sent = (await api.published()).filter(({ value }) => value?.toString() === `bytes ${next}`);
  expect(sent.map(({ headers }) => [headers['cdr-retry'], headers['cdr-source']])).toEqual([
    [`${TOPIC}/0/${next}`, 'pbx'],
    [`${TOPIC}/0/${next}`, 'pbx'],
  ]);
  expect((await post('retry', { tenant: 'nobody' })).body).toEqual({ retried: 0 });
  expect((await post('retry', {}, {})).body.code).toBe('operator-only');
});

test('a discard strikes letters off, by whom and why; another time there is none', async () => {
  await putAside([{ offset: next, tenant: 'acme' }]);
  const choice = { id: `${TOPIC}/0/${next}`, author: 'ada', reason: 'a test call' };
  expect((await post('discard', choice)).body).toEqual({ discarded: 1 });
  expect((await post('discard', choice)).body).toEqual({ discarded: 0 });
  const shown = await call(api, 'GET', `/v1/dead-letters/letter?id=${TOPIC}/0/${next}`, undefined, asOperator);
  expect(shown.body).toMatchObject({ discarded: { author: 'ada', reason: 'a test call' }, text: `bytes ${next}` });
  expect((await post('discard', { author: 'ada', reason: 'all of them' })).body).toMatchObject({
    code: 'request-invalid',
    errors: [{ pointer: '#/id' }, { pointer: '#/code' }, { pointer: '#/tenant' }],
  });
  expect((await post('discard', { id: choice.id, author: 'ada' })).body.code).toBe('request-invalid');
  expect((await post('discard', choice, {})).body.code).toBe('operator-only');
});
