// What every event store must do, run against each: a way to open a store comes in, a suite of tests goes out.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NO_STREAM, type EventStore, type EventToAppend } from './event-store.js';
import { codeOf, collect, freshPrefix, someEvents } from './contract-tools.js';
import { subscriptionContract } from './subscription-contract.js';

export function eventStoreContract(name: string, open: () => Promise<EventStore>): void {
  describe(name, () => {
    let store: EventStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store?.close());
    appending(() => store);
    appendingALot(() => store);
    repeating(() => store);
    readingStreams(() => store);
    readingAll(() => store);
    subscriptionContract(() => store);
    closing(open);
  });
}

const ids = (events: readonly { readonly id: string }[]): readonly string[] => events.map(({ id }) => id);

function appending(store: () => EventStore): void {
  test('what was appended is read back whole, with revisions from 0', async () => {
    const stream = `${freshPrefix()}a`;
    const data = {
      text: 'Grüße, 東京 ☎️ \u0000 \ud800 "quoted"\n',
      nested: { list: [1, -0.5, true, null, { deep: [] }], empty: {} },
      amountMicros: '9007199254740993000001',
      z: 1,
      a: 2,
    };
    const event = { id: randomUUID(), type: 'Told.v1', data, metadata: { actor: 'ops', cause: { id: 'x' } } };
    const result = await store().append(stream, NO_STREAM, [event, ...someEvents(1)]);
    const [first, second] = await collect(store().readStream(stream));
    expect(first).toEqual({ ...event, stream, revision: 0, position: expect.any(BigInt) });
    expect(Object.keys(first?.data ?? {})).toEqual(Object.keys(data));
    expect(second?.revision).toBe(1);
    expect(result).toEqual({ revision: 1, position: second?.position });
  });

  test('a stream that must not exist, must not exist', async () => {
    const stream = `${freshPrefix()}a`;
    await store().append(stream, NO_STREAM, someEvents(1));
    expect(await codeOf(store().append(stream, NO_STREAM, someEvents(1)))).toBe('wrong-expected-revision');
  });

  test.each([1, 5])('a stream whose head is 2 refuses an append that expects %i', async (expected) => {
    const stream = `${freshPrefix()}a`;
    await store().append(stream, NO_STREAM, someEvents(3));
    expect(await codeOf(store().append(stream, expected, someEvents(1)))).toBe('wrong-expected-revision');
    expect(await collect(store().readStream(stream))).toHaveLength(3);
  });

  test('a stream that does not exist refuses an append that expects a revision', async () => {
    expect(await codeOf(store().append(`${freshPrefix()}a`, 0, someEvents(1)))).toBe('wrong-expected-revision');
  });

  test('of writers at the same revision exactly one wins', async () => {
    const stream = `${freshPrefix()}a`;
    await store().append(stream, NO_STREAM, someEvents(1));
    const batches = Array.from({ length: 8 }, () => someEvents(2));
    const codes = await Promise.all(batches.map((events) => codeOf(store().append(stream, 0, events))));
    expect(codes.toSorted()).toEqual(['no error', ...Array.from({ length: 7 }, () => 'wrong-expected-revision')]);
    const winner = batches[codes.indexOf('no error')] ?? [];
    expect(ids((await collect(store().readStream(stream))).slice(1))).toEqual(ids(winner));
  });
}

function appendingALot(store: () => EventStore): void {
  test('appends to many streams at once all stand, and a refused one refuses only itself', async () => {
    const prefix = freshPrefix();
    await store().append(`${prefix}taken`, NO_STREAM, someEvents(1));
    const names = [...Array.from({ length: 200 }, (_, i) => `${prefix}${i}`), `${prefix}taken`];
    const codes = await Promise.all(names.map((stream) => codeOf(store().append(stream, NO_STREAM, someEvents(3)))));
    expect(codes.pop()).toBe('wrong-expected-revision');
    expect(new Set(codes)).toEqual(new Set(['no error']));
    const all = await collect(store().readAll({ streamPrefix: prefix }));
    expect(all).toHaveLength(601);
    for (const name of names.slice(0, 200)) {
      expect(all.filter(({ stream }) => stream === name).map(({ revision }) => revision)).toEqual([0, 1, 2]);
    }
  });

  test('500 events of 1.5 KiB go in one append', async () => {
    const stream = `${freshPrefix()}a`;
    const result = await store().append(stream, NO_STREAM, someEvents(500, { padding: 'x'.repeat(1480) }));
    expect(result.revision).toBe(499);
    expect(await collect(store().readStream(stream))).toHaveLength(500);
  });

  test('an append over the limit is too large, and nothing of it stands', async () => {
    const stream = `${freshPrefix()}a`;
    const events = someEvents(2, { padding: 'ü'.repeat(store().maxAppendBytes / 4) });
    expect(await codeOf(store().append(stream, NO_STREAM, events))).toBe('too-large');
    expect(await collect(store().readStream(stream))).toEqual([]);
  });

  test('mistakes of the caller are TypeErrors', async () => {
    const stream = `${freshPrefix()}a`;
    await expect(store().append(stream, NO_STREAM, [])).rejects.toThrow(TypeError);
    const badId = [{ id: 'not-a-uuid', type: 'T.v1', data: {}, metadata: {} }];
    await expect(store().append(stream, NO_STREAM, badId)).rejects.toThrow(TypeError);
  });
}

function repeating(store: () => EventStore): void {
  test('a repeat answers like the first time and writes nothing, also when the stream has grown', async () => {
    const stream = `${freshPrefix()}a`;
    const begin = someEvents(2);
    const repeated = someEvents(3);
    await store().append(stream, NO_STREAM, begin);
    const first = await store().append(stream, 1, repeated);
    expect(await store().append(stream, 1, repeated)).toEqual(first);
    await store().append(stream, 4, someEvents(4));
    expect(await store().append(stream, 1, repeated)).toEqual(first);
    expect((await store().append(stream, NO_STREAM, begin)).revision).toBe(1);
    expect(await collect(store().readStream(stream))).toHaveLength(9);
  });

  test('a repeat that says more, or in another order, is refused', async () => {
    const stream = `${freshPrefix()}a`;
    const [a, b] = someEvents(2) as [EventToAppend, EventToAppend];
    await store().append(stream, NO_STREAM, [a, b]);
    expect(await codeOf(store().append(stream, NO_STREAM, [a, b, ...someEvents(1)]))).toBe('wrong-expected-revision');
    expect(await codeOf(store().append(stream, NO_STREAM, [b, a]))).toBe('wrong-expected-revision');
    expect(await codeOf(store().append(stream, 0, [a]))).toBe('wrong-expected-revision');
  });

  test('ids are compared at their place only: elsewhere the same id is another event', async () => {
    const prefix = freshPrefix();
    const events = someEvents(1);
    const [event] = events as [EventToAppend];
    await store().append(`${prefix}a`, NO_STREAM, events);
    await store().append(`${prefix}b`, NO_STREAM, [{ ...event, data: { other: true } }]);
    await store().append(`${prefix}a`, 0, events);
    expect(ids(await collect(store().readAll({ streamPrefix: prefix })))).toEqual([event.id, event.id, event.id]);
  });
}

function readingStreams(store: () => EventStore): void {
  test('a stream that does not exist has no pages', async () => {
    expect(await collect(store().readStream(`${freshPrefix()}a`))).toEqual([]);
    expect(await collect(store().readStream(`${freshPrefix()}a`, { backwards: true }))).toEqual([]);
  });

  test('a stream of several pages is read in both directions, from anywhere, up to a count', async () => {
    const stream = `${freshPrefix()}a`;
    for (let i = 0; i < 5; i++) await store().append(stream, i * 500 - 1, someEvents(500));
    const revisions = async (options: Parameters<EventStore['readStream']>[1]): Promise<readonly number[]> =>
      (await collect(store().readStream(stream, options))).map(({ revision }) => revision);
    const all = [...Array(2500).keys()];
    expect(await revisions({})).toEqual(all);
    expect(await revisions({ backwards: true })).toEqual(all.toReversed());
    expect(await revisions({ fromRevision: 1500 })).toEqual(all.slice(1500));
    expect(await revisions({ fromRevision: 1500, backwards: true })).toEqual(all.slice(0, 1501).toReversed());
    expect(await revisions({ fromRevision: 7, maxCount: 1200 })).toEqual(all.slice(7, 1207));
    expect(await revisions({ backwards: true, maxCount: 1 })).toEqual([2499]);
    expect(await revisions({ fromRevision: 0, backwards: true })).toEqual([0]);
    expect(await revisions({ fromRevision: 2500 })).toEqual([]);
  });
}

function readingAll(store: () => EventStore): void {
  test('the store is read by prefix, in order of position, after a position, up to a count', async () => {
    const prefix = freshPrefix();
    const names = ['a', 'other', 'b', 'a', 'b'];
    const heads = new Map<string, number>();
    for (const name of names) {
      const stream = name === 'other' ? `not-${prefix}` : `${prefix}${name}`;
      const result = await store().append(stream, heads.get(stream) ?? NO_STREAM, someEvents(2));
      heads.set(stream, result.revision);
    }
    const all = await collect(store().readAll({ streamPrefix: prefix }));
    expect(all.map(({ stream, revision }) => `${stream.slice(prefix.length)}${revision}`)).toEqual([
      'a0',
      'a1',
      'b0',
      'b1',
      'a2',
      'a3',
      'b2',
      'b3',
    ]);
    const positions = all.map(({ position }) => position);
    expect(positions).toEqual([...new Set(positions)].toSorted((x, y) => (x < y ? -1 : 1)));
    for (const [index, after] of positions.entries()) {
      expect(await collect(store().readAll({ streamPrefix: prefix, after }))).toEqual(all.slice(index + 1));
    }
    expect(await collect(store().readAll({ streamPrefix: prefix, after: positions[1] ?? 0n, maxCount: 3 }))).toEqual(
      all.slice(2, 5),
    );
  });

  test('as text, where the store keeps text, it is the same', async () => {
    const prefix = freshPrefix();
    await store().append(`${prefix}a`, NO_STREAM, someEvents(3));
    await store().append(`not-${prefix}`, NO_STREAM, someEvents(2));
    await store().append(`${prefix}b`, NO_STREAM, someEvents(2));
    const all = await collect(store().readAll({ streamPrefix: prefix }));
    const options = { streamPrefix: prefix, after: all[1]?.position ?? 0n, maxCount: 2 };
    const asText = store().readAllText?.(options);
    if (asText === undefined) return;
    const text = all.map((event) => ({ ...event, data: JSON.stringify(event.data), metadata: JSON.stringify(event.metadata) }));
    expect((await collect(asText)).map((stored) => ({ ...text[0], ...stored }))).toEqual(text.slice(2, 4));
  });

  test('a prefix is taken literally', async () => {
    const prefix = freshPrefix();
    await store().append(`${prefix}%_*?[a]/ü1`, NO_STREAM, someEvents(1));
    await store().append(`${prefix}xyz`, NO_STREAM, someEvents(1));
    await store().append(prefix.toUpperCase(), NO_STREAM, someEvents(1));
    expect(await collect(store().readAll({ streamPrefix: `${prefix}%_*?[a]/ü` }))).toHaveLength(1);
    expect(await collect(store().readAll({ streamPrefix: `${prefix}%` }))).toHaveLength(1);
    expect(await collect(store().readAll({ streamPrefix: prefix }))).toHaveLength(2);
  });
}

function closing(open: () => Promise<EventStore>): void {
  test('a closed store says so, and ends its subscriptions with the same word', async () => {
    const store = await open();
    await store.ping();
    const { signal } = new AbortController();
    const subscription = store.subscribe({ streamPrefix: freshPrefix(), maxBatch: 10, signal })[Symbol.asyncIterator]();
    while (!(await subscription.next()).value?.caughtUp);
    const following = codeOf(subscription.next());
    await store.close();
    expect(await following).toBe('closed');
    expect(await codeOf(store.append(`${freshPrefix()}a`, NO_STREAM, someEvents(1)))).toBe('closed');
    expect(await codeOf(collect(store.readStream('a')))).toBe('closed');
    expect(await codeOf(store.ping())).toBe('closed');
    await store.close();
  });
}
