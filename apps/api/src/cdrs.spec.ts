// The API's CDR intake over real HTTP: every kind of body, every bound, and that nothing is accepted before it is on the bus.

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BusError, inMemoryMessageBus, type MessageBus } from '@tollkeeper/message-bus';
import { call, cdr, startApi, TOPIC, type Answer, type TestApi } from './fixtures.js';
import { MAX_UPLOAD_BYTES } from './upload-body.js';

let api: TestApi;
beforeAll(async () => void (api = await startApi()));
afterAll(() => api.close());

const post = (body: unknown, query = '', headers: Record<string, string> = {}): Promise<Answer> =>
  call(api, 'POST', `/v1/cdrs${query}`, body, headers);
const NDJSON = { 'content-type': 'application/x-ndjson' };
const CSV = { 'content-type': 'text/csv' };

describe('records', () => {
  test('of a JSON array are answered for one by one, and published with their bytes intact', async () => {
    const first = JSON.stringify(cdr({ id: 'array-1', note: 'kept as it is' }));
    const answer = await post(`[ ${first},\n {"id":"array-2"}, 7 ]`, '?source=default');
    expect(answer.status).toBe(200);
    expect(answer.body.totals).toEqual({ accepted: 1, rejected: 2 });
    expect(answer.body.records).toEqual([
      { record: 1, status: 'accepted', tenant: 'acme', id: 'array-1' },
      { record: 2, status: 'rejected', code: expect.any(String), reason: expect.any(String) },
      { record: 3, status: 'rejected', code: 'cdr-malformed', reason: expect.any(String) },
    ]);
    const message = (await api.published()).at(-1);
    expect(message?.key?.toString()).toBe('acme');
    expect(message?.value?.toString()).toBe(first);
    const { requestId } = answer.body;
    expect(answer.headers.get('x-request-id')).toBe(requestId);
    expect(message?.headers).toEqual({
      'cdr-format': 'canonical-json',
      'cdr-source': 'default',
      'cdr-origin': `{"kind":"http","record":1,"requestId":"${requestId}"}`,
    });
  });

  test('come as one object, as lines, as lines called JSON, as CSV, and packed', async () => {
    const lines = [cdr({ id: 'l-1' }), cdr({ id: 'l-2' })].map((one) => JSON.stringify(one)).join('\n');
    const csv =
      'id,tenant,calledNumber,answerTime,usageMs\nc-1,acme,+33123456789,2026-03-03T11:50:00Z,1000\nc-2,acme,+33123456789,x,1\n';
    const cases: readonly [string, unknown, Record<string, string>, readonly string[]][] = [
      ['one object', cdr({ id: 'o-1' }), {}, ['accepted']],
      ['ndjson', lines, NDJSON, ['accepted', 'accepted']],
      ['lines as application/json', lines, {}, ['accepted', 'accepted']],
      ['csv', csv, CSV, ['accepted', 'rejected']],
      ['gzip', gzipSync(lines), { ...NDJSON, 'content-encoding': 'gzip' }, ['accepted', 'accepted']],
    ];
    for (const [what, body, headers, expected] of cases) {
      const answer = await post(body, '', headers);
      const statuses = (answer.body.records ?? [answer.body]).map(({ status }: { status: string }) => status);
      expect([what, statuses]).toEqual([what, expected]);
    }
    const fromCsv = (await api.published()).find(({ value }) => value?.toString().includes('c-1'));
    expect(fromCsv?.headers['cdr-format']).toBe('canonical-csv');
    expect(fromCsv?.value?.toString()).toContain('id,tenant,calledNumber');
  });

  test('are mapped and checked as rating does', async () => {
    const record = (change: Record<string, unknown>) => cdr({ tenant: undefined, accountCode: '1001', ...change });
    const answer = await post(
      [
        record({ id: 'm-1', calledNumber: '0123456789' }),
        record({ id: 'm-2', accountCode: '9' }),
        record({ id: 'm-3', calledNumber: 'x' }),
      ],
      '?source=pbx',
    );
    expect(answer.body.records).toMatchObject([
      { status: 'accepted', tenant: 'acme', id: 'm-1' },
      { status: 'rejected', code: 'unknown-tenant' },
      { status: 'rejected', code: 'called-number-unusable' },
    ]);
  });

  test.each([
    ['negative usage', { usageMs: -1, endTime: undefined }, 'cdr-field-invalid'],
    ['an end before the answer', { endTime: '2026-03-03T11:49:00Z' }, 'cdr-field-invalid'],
    ['year 9999', { answerTime: '9999-01-01T00:00:00Z', endTime: '9999-01-01T00:00:01Z' }, 'cdr-field-missing'],
  ])('with %s are rejected with a code', async (_what, change, code) => {
    const { body } = await post([cdr({ id: 'bad', ...change })]);
    expect(body.records).toMatchObject([{ status: 'rejected', code }]);
  });

  test('that are absurd JSON, not text or over 1 MiB are rejected by themselves', async () => {
    const good = JSON.stringify(cdr({ id: 'good' }));
    const lines = Buffer.concat([
      Buffer.from(`{"id":"nan","usageMs":NaN}\n`),
      Buffer.from(`${JSON.stringify(cdr({ id: 'inf' })).replace('"acme"', '"acme","usageMs":1e309')}\n`),
      Buffer.from(`{"__proto__":{"id":"x"}}\n`),
      Buffer.from('{"id":"caf\xe9"}\n', 'latin1'),
      Buffer.from(`{"id":"${'x'.repeat(1_048_576)}"}\n`),
      Buffer.from(good),
    ]);
    const { body } = await post(lines, '', NDJSON);
    expect(body.records.map(({ code, status }: { code?: string; status: string }) => code ?? status)).toEqual([
      'cdr-malformed',
      'cdr-field-invalid',
      'cdr-unknown-format',
      'cdr-not-text',
      'cdr-too-large',
      'accepted',
    ]);
  });

  test('in their thousands are all answered for, in order', async () => {
    const lines = Array.from({ length: 3_000 }, (_, n) => JSON.stringify(cdr({ id: `many-${n}`, tenant: `t${n % 7}` }))).join(
      '\n',
    );
    const { body } = await post(lines, '', NDJSON);
    expect(body.totals).toEqual({ accepted: 3_000, rejected: 0 });
    expect(body.records.map(({ record }: { record: number }) => record)).toEqual(Array.from({ length: 3_000 }, (_, n) => n + 1));
    const ids = (await api.published()).filter(({ value }) => value?.toString().includes('"many-'));
    expect(ids).toHaveLength(3_000);
  });
});

describe('requests', () => {
  test.each([
    ['no body', undefined, '', {}, 400, 'request-unreadable'],
    ['an empty body', '', '', {}, 400, 'request-unreadable'],
    ['an empty array', '[]', '', {}, 400, 'request-unreadable'],
    ['an unknown source', '[]', '?source=other', {}, 422, 'source-unknown'],
    ['an unknown format', '[]', '?format=other', {}, 400, 'parameter-invalid'],
    ['another format than the source’s', '[]', '?source=asterisk&format=graph-pstn', {}, 422, 'format-fixed'],
    ['an unknown parameter', '[]', '?sauce=default', {}, 400, 'parameter-invalid'],
    ['a body that says gzip and is not', 'plain', '', { 'content-encoding': 'gzip' }, 400, 'request-unreadable'],
    ['an unknown encoding', 'plain', '', { 'content-encoding': 'br' }, 415, 'media-type-unsupported'],
    ['a bad Idempotency-Key', '[]', '', { 'idempotency-key': 'a b' }, 400, 'parameter-invalid'],
  ])('with %s are refused', async (_what, body, query, headers, status, code) => {
    const answer = await post(body, query, headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  test('over 16 MiB are refused: declared, in chunks, or unpacked', async () => {
    const before = (await api.published()).length;
    const body = Buffer.alloc(17 * 1_048_576, ' ');
    expect(await post(body)).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
    expect((await api.published()).length).toBe(before);
    expect(await post(gzipSync(body), '', { 'content-encoding': 'gzip' })).toMatchObject({ status: 413 });
    const record = Buffer.from(`${JSON.stringify(cdr({ id: 'chunked', note: 'x'.repeat(10_000) }))}\n`);
    const chunks = Math.ceil(MAX_UPLOAD_BYTES / record.length) + 1;
    const stream = new ReadableStream({
      start(controller) {
        for (let n = 0; n < chunks; n += 1) controller.enqueue(record);
        controller.close();
      },
    });
    const response = await fetch(`${api.url}/v1/cdrs`, {
      method: 'POST',
      headers: NDJSON,
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
    const told = (await response.json()) as { totals: { accepted: number }; records: unknown[] };
    expect(told.totals.accepted).toBeGreaterThan(1_000);
    expect(told.records).toHaveLength(told.totals.accepted);
  });

  test('whose bus fails half-way say what is durable and nothing else', async () => {
    const inner = inMemoryMessageBus();
    let publishes = 0;
    const failing: MessageBus = Object.create(inner, {
      publish: {
        value(topic: string, messages: Parameters<MessageBus['publish']>[1]) {
          publishes += 1;
          if (publishes > 1) return Promise.reject(new BusError('unavailable', 'no broker answers'));
          return inner.publish(topic, messages);
        },
      },
      close: { value: () => inner.close() },
      ping: { value: () => inner.ping() },
      consume: { value: (options: Parameters<MessageBus['consume']>[0]) => inner.consume(options) },
      lag: { value: (group: string, topics: string[]) => inner.lag(group, topics) },
      ensureTopics: { value: (specs: Parameters<MessageBus['ensureTopics']>[0]) => inner.ensureTopics(specs) },
      describeTopic: { value: (name: string) => inner.describeTopic(name) },
    });
    const other = await startApi({ bus: failing });
    const lines = Array.from({ length: 1_200 }, (_, n) => JSON.stringify(cdr({ id: `half-${n}` }))).join('\n');
    const answer = await call(other, 'POST', '/v1/cdrs', lines, NDJSON);
    expect(answer).toMatchObject({ status: 503, body: { code: 'engine-unavailable', totals: { accepted: 500, rejected: 0 } } });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.body.records).toHaveLength(500);
    expect(await inner.lag('nobody', [TOPIC])).toBe(500n);
    const none = await call(other, 'POST', '/v1/cdrs', lines.split('\n')[0], NDJSON);
    expect(none.status).toBe(503);
    expect(none.body.records).toBeUndefined();
    await other.close();
  });
});
