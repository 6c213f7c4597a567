// The part of the contract that concerns subscriptions: a store comes in, tests go out.

import { expect, test } from '@jest/globals';
import { codeOf, collect, freshPrefix, someEvents } from './contract-tools.js';
import { NO_STREAM, type EventStore, type RecordedEvent, type SubscriptionBatch } from './event-store.js';

type Reader = {
  readonly events: RecordedEvent[];
  readonly batches: SubscriptionBatch[];
  /** Reads on until the condition holds. */
  readonly until: (condition: () => boolean) => Promise<void>;
  readonly end: () => Promise<void>;
};

function follow(store: EventStore, streamPrefix: string, after?: bigint, maxBatch = 500): Reader {
  const abort = new AbortController();
  const options = { streamPrefix, maxBatch, signal: abort.signal, ...(after === undefined ? {} : { after }) };
  const iterator = store.subscribe(options)[Symbol.asyncIterator]();
  const events: RecordedEvent[] = [];
  const batches: SubscriptionBatch[] = [];
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      const next = await iterator.next();
      if (next.done === true) throw new Error('The subscription ended by itself.');
      expect(next.value.events.length).toBeLessThanOrEqual(maxBatch);
      batches.push(next.value);
      events.push(...next.value.events);
    }
  };
  const end = async (): Promise<void> => {
    const waiting = iterator.next();
    abort.abort();
    for (let next = await waiting; next.done !== true; next = await iterator.next());
  };
  return { events, batches, until, end };
}

const isLive = (reader: Reader) => (): boolean => reader.batches.at(-1)?.caughtUp === true;

export function subscriptionContract(store: () => EventStore): void {
  following(store);
  positions(store);
}

function following(store: () => EventStore): void {
  test('a subscription delivers what is there, says that it has caught up, then what comes', async () => {
    const prefix = freshPrefix();
    await store().append(`${prefix}a`, NO_STREAM, someEvents(3));
    const reader = follow(store(), prefix);
    await reader.until(isLive(reader));
    expect(reader.events).toEqual(await collect(store().readAll({ streamPrefix: prefix })));
    await store().append(`${prefix}b`, NO_STREAM, someEvents(2));
    await reader.until(() => reader.events.length >= 5);
    await store().append(`${prefix}a`, 2, someEvents(2));
    await reader.until(() => reader.events.length >= 7);
    await reader.until(isLive(reader));
    expect(reader.events).toEqual(await collect(store().readAll({ streamPrefix: prefix })));
    await reader.end();
  });

  test('where there is nothing, a subscription is live at once', async () => {
    const reader = follow(store(), freshPrefix());
    await reader.until(isLive(reader));
    expect(reader.events).toEqual([]);
    await reader.end();
  });

  test('a subscription goes on after any position that it reported', async () => {
    const prefix = freshPrefix();
    // From here on, so that what stands in a shared engine already is not read over and over.
    const { position } = await store().append(`${prefix}a`, NO_STREAM, someEvents(1));
    for (let i = 0; i < 6; i++) await store().append(`${prefix}a`, i * 3, someEvents(3));
    const first = follow(store(), prefix, position, 4);
    await first.until(() => first.events.length >= 18 && isLive(first)());
    await first.end();
    let seen = 0;
    for (const batch of first.batches) {
      seen += batch.events.length;
      const expected = first.events.slice(seen);
      const resumed = follow(store(), prefix, batch.position);
      await resumed.until(() => resumed.events.length >= expected.length && isLive(resumed)());
      expect(resumed.events).toEqual(expected);
      await resumed.end();
    }
  });
}

function positions(store: () => EventStore): void {
  test('events of other prefixes are not delivered, but the position moves past them', async () => {
    const prefix = freshPrefix();
    const others = `other-${prefix}`;
    const reader = follow(store(), prefix);
    await reader.until(isLive(reader));
    const before = reader.batches.at(-1)?.position ?? 0n;
    for (let i = 0; i < 3; i++) await store().append(others, i * 500 - 1, someEvents(500));
    await reader.until(() => (reader.batches.at(-1)?.position ?? 0n) > before);
    expect(reader.events).toEqual([]);
    await reader.end();
  });

  test('positions never fall, and no batch reports less than its events', async () => {
    const prefix = freshPrefix();
    const reader = follow(store(), prefix, undefined, 7);
    const appends = Array.from({ length: 60 }, (_, i) => [
      store().append(`${prefix}${i}`, NO_STREAM, someEvents(2)),
      store().append(`other-${prefix}${i}`, NO_STREAM, someEvents(2)),
    ]).flat();
    await Promise.all(appends);
    await reader.until(() => reader.events.length >= 120);
    let last = 0n;
    for (const { events, position } of reader.batches) {
      for (const event of events) {
        expect(event.position).toBeGreaterThan(last);
        last = event.position;
      }
      expect(position).toBeGreaterThanOrEqual(last);
      last = position;
    }
    expect(reader.events).toHaveLength(120);
    await reader.end();
  });

  test('20,000 events are caught up with in order, while more are written', async () => {
    const prefix = freshPrefix();
    const writer = async (name: string): Promise<void> => {
      for (let i = 0; i < 20; i++) await store().append(`${prefix}${name}`, i * 500 - 1, someEvents(500));
    };
    await writer('a');
    const reader = follow(store(), prefix, undefined, 1000);
    const writing = writer('b');
    await reader.until(() => reader.events.length >= 20_000);
    await writing;
    const firstLive = reader.batches.findIndex(({ caughtUp }) => caughtUp);
    const waiting = reader.batches.slice(0, firstLive + 1).flatMap(({ events }) => events);
    // Nobody may be told to be live while what stood there before is still to come.
    if (firstLive >= 0) expect(waiting.length).toBeGreaterThanOrEqual(10_000);
    for (const name of ['a', 'b']) {
      const revisions = reader.events.filter(({ stream }) => stream === prefix + name).map(({ revision }) => revision);
      expect(revisions).toEqual([...Array(10_000).keys()]);
    }
    await reader.end();
  });

  test('a subscription that is aborted before it begins delivers nothing', async () => {
    const options = { streamPrefix: freshPrefix(), maxBatch: 10, signal: AbortSignal.abort() };
    const batches: SubscriptionBatch[] = [];
    const read = async (): Promise<void> => {
      for await (const batch of store().subscribe(options)) batches.push(batch);
    };
    expect(await codeOf(read())).toBe('no error');
    expect(batches).toEqual([]);
  });
}
