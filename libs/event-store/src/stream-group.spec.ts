// Many calls for one stream at once, by example: what they share, and what they must not feel of each other.

import { expect, test } from '@jest/globals';
import { collect } from './contract-tools.js';
import { EventStoreError, type EventStore, type EventStoreErrorCode } from './event-store.js';
import { inMemoryEventStore } from './in-memory.js';
import { StreamWriter } from './stream-writer.js';
import {
  counts,
  failingStore,
  tallyDecider,
  watched,
  type Count,
  type Counted,
  type Tally,
  type TallyRefusal,
} from './toy-tally.js';

type Writer = StreamWriter<Tally, Count, Counted, TallyRefusal>;

const writerOn = (store: EventStore, options: { maxEventsPerAppend?: number; decider?: typeof tallyDecider } = {}): Writer =>
  new StreamWriter({ store, decider: tallyDecider, maxCachedStreams: 10, ...options });

const STREAM = 'tally-1';
const away = (code: EventStoreErrorCode): EventStoreError => new EventStoreError(code, 'The store is away.');

type Held = { readonly events: number; readonly letGo: (error?: EventStoreError) => void };

/** Each append waits until the test lets it go, or fail. */
function held(inner: EventStore): { readonly store: EventStore; readonly nextAppend: () => Promise<Held> } {
  const arrived: Held[] = [];
  const waiting: ((append: Held) => void)[] = [];
  const store: EventStore = {
    ...failingStore(inner, () => 'none'),
    async append(stream, expected, events) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const append: Held = { events: events.length, letGo: (error) => (error === undefined ? resolve() : reject(error)) };
      const waiter = waiting.shift();
      if (waiter === undefined) arrived.push(append);
      else waiter(append);
      await promise;
      return inner.append(stream, expected, events);
    },
  };
  const nextAppend = async (): Promise<Held> =>
    arrived.shift() ?? (await new Promise<Held>((resolve) => void waiting.push(resolve)));
  return { store, nextAppend };
}

const kinds = async (calls: readonly Promise<readonly { readonly kind: string }[]>[]): Promise<readonly string[]> =>
  (await Promise.allSettled(calls)).map((call) =>
    call.status === 'fulfilled' ? call.value.map(({ kind }) => kind).join() : (call.reason as EventStoreError).code,
  );

test('calls that come while an append is on its way share the next one, and each is told its own, in the order of the calls', async () => {
  const { store, nextAppend } = held(inMemoryEventStore());
  const writer = writerOn(store);
  const alone = writer.execute(STREAM, counts(0, 1));
  const first = await nextAppend();
  const others = Array.from({ length: 99 }, (_, i) => writer.execute(STREAM, counts(1 + 2 * i, 3 + 2 * i)));
  first.letGo();
  expect(await alone).toMatchObject([{ kind: 'recorded', firstRevision: 0 }]);
  const second = await nextAppend();
  expect([first.events, second.events]).toEqual([1, 198]);
  second.letGo();
  const told = await Promise.all(others);
  expect(told.map((results) => results.map((result) => result.kind === 'recorded' && result.firstRevision))).toEqual(
    others.map((_, i) => [1 + 2 * i, 2 + 2 * i]),
  );
});

test('a query keeps its place: it sees what was asked for before it, and nothing of what was asked for after it', async () => {
  const { store, appends } = watched(inMemoryEventStore());
  const writer = writerOn(store);
  const before = counts(0, 3).map((one) => writer.execute(STREAM, [one]));
  const seen = writer.query(STREAM, ({ total }) => total);
  const after = counts(3, 5).map((one) => writer.execute(STREAM, [one]));
  await Promise.all([...before, ...after]);
  expect(await seen).toBe(3);
  expect(appends).toEqual([3, 2]);
});

test('nobody is told what follows from an event before it stands; when it is not written, nobody is', async () => {
  const { store, nextAppend } = held(inMemoryEventStore());
  const writer = writerOn(store);
  const answered: string[] = [];
  const calls = [5, 6, 5].map((amount) => writer.execute(STREAM, [{ ticket: 'a', amount }]));
  for (const call of calls)
    call.then(
      ([result]) => answered.push(result?.kind ?? ''),
      () => undefined,
    );
  const append = await nextAppend();
  await new Promise(setImmediate);
  expect(answered).toEqual([]);
  append.letGo(away('unavailable'));
  expect(await kinds(calls)).toEqual(['unavailable', 'unavailable', 'unavailable']);
  const again = [5, 6, 5].map((amount) => writer.execute(STREAM, [{ ticket: 'a', amount }]));
  (await nextAppend()).letGo();
  expect(await kinds(again)).toEqual(['recorded', 'refused', 'nothing']);
});

test('a no that rested on an event which another writer forestalled is thought over', async () => {
  const inner = inMemoryEventStore();
  const { store, nextAppend } = held(inner);
  const writer = writerOn(store);
  const calls = [5, 6, 5].map((amount) => writer.execute(STREAM, [{ ticket: 'a', amount }]));
  const append = await nextAppend();
  await writerOn(inner).execute(STREAM, [{ ticket: 'a', amount: 6 }]);
  append.letGo();
  expect(await kinds(calls)).toEqual(['refused', 'nothing', 'refused']);
});

test.each(['unavailable', 'clock-skew'] as const)('of several appends the last is %s: who is certain is told', async (code) => {
  const { store, nextAppend } = held(inMemoryEventStore());
  const writer = writerOn(store, { maxEventsPerAppend: 2 });
  const calls = [
    writer.execute(STREAM, counts(0, 1)),
    // Cut in two: its second command goes into the append that fails.
    writer.execute(STREAM, [...counts(1, 2), { ticket: 't0', amount: 9 }, ...counts(2, 3)]),
    writer.execute(STREAM, [{ ticket: 't0', amount: 9 }]),
    writer.execute(STREAM, counts(3, 4)),
  ];
  (await nextAppend()).letGo();
  expect(await calls[0]).toMatchObject([{ kind: 'recorded', lastRevision: 0 }]);
  (await nextAppend()).letGo(away(code));
  expect(await kinds(calls)).toEqual(['recorded', code, code, code]);
  const again = [writer.execute(STREAM, counts(1, 4)), writer.execute(STREAM, counts(0, 1))];
  void nextAppend().then(({ letGo }) => letGo(new EventStoreError('ambiguous', 'The answer was lost.')));
  void nextAppend().then(({ letGo }) => letGo());
  void nextAppend().then(({ letGo }) => letGo());
  expect(await kinds(again)).toEqual(['nothing,recorded,recorded', 'nothing']);
});

test('a command that cannot be decided is its own caller’s trouble', async () => {
  const inner = inMemoryEventStore();
  const decide = (command: Count, tally: Tally) => {
    if (command.ticket === 'broken') throw new RangeError('This cannot be decided.');
    return tallyDecider.decide(command, tally);
  };
  const writer = writerOn(inner, { decider: { ...tallyDecider, decide } });
  const broken = { ticket: 'broken', amount: 1 };
  const calls = [counts(0, 2), [...counts(2, 3), broken], [], counts(3, 4)].map((commands) => writer.execute(STREAM, commands));
  await expect(calls[1]).rejects.toThrow(RangeError);
  expect(await Promise.all([calls[0], calls[2], calls[3]])).toMatchObject([
    [{ firstRevision: 0 }, { firstRevision: 1 }],
    [],
    [{ firstRevision: 2 }],
  ]);
  expect(await collect(inner.readStream(STREAM))).toHaveLength(3);
});

test('an append that nothing can hold fails for its own caller only', async () => {
  const inner = inMemoryEventStore();
  const store: EventStore = {
    ...failingStore(inner, () => 'none'),
    append: (stream, expected, events) =>
      events.length > 5 ? Promise.reject(away('too-large')) : inner.append(stream, expected, events),
  };
  const writer = writerOn(store, { maxEventsPerAppend: 5 });
  const large = { ticket: 'large', amount: 1, parts: 6 };
  const calls = [counts(0, 2), [large], counts(2, 4)].map((commands) => writer.execute(STREAM, commands));
  expect(await kinds(calls)).toEqual(['recorded,recorded', 'too-large', 'recorded,recorded']);
});

test('a round is bounded, and a caller is not cut to fill it up', async () => {
  const { store, appends } = watched(inMemoryEventStore());
  const writer = writerOn(store);
  const call = (ticket: string, repeats: number): Promise<unknown> =>
    writer.execute(STREAM, [{ ticket, amount: 1 }, ...Array.from({ length: repeats }, (): Count => ({ ticket, amount: 1 }))]);
  await Promise.all([call('a', 2_999), call('b', 1_999), call('c', 0), call('d', 5_999), call('e', 0)]);
  expect(appends).toEqual([2, 1, 1, 1]);
});
