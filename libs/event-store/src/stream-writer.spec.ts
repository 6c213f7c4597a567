// The stream writer by example: what each promise looks like when it is kept.

import { expect, test } from '@jest/globals';
import { collect } from './contract-tools.js';
import type { Snapshots } from './decider.js';
import { NO_STREAM, type EventStore, type RecordedEvent } from './event-store.js';
import { inMemoryEventStore } from './in-memory.js';
import { StreamWriter, type StreamWriterOptions } from './stream-writer.js';
import {
  counts,
  failingStore,
  tallyDecider,
  watched,
  type Count,
  type Counted,
  type Fault,
  type Tally,
  type TallyRefusal,
} from './toy-tally.js';

type Options = Partial<StreamWriterOptions<Tally, Count, Counted, TallyRefusal>>;

const writerOn = (store: EventStore, options: Options = {}): StreamWriter<Tally, Count, Counted, TallyRefusal> =>
  new StreamWriter({ store, decider: tallyDecider, maxCachedStreams: 10, ...options });

const eventsOf = (store: EventStore, stream: string): Promise<readonly RecordedEvent[]> => collect(store.readStream(stream));

test('each command gets its result: recorded with its revisions, nothing for a duplicate, refused for a conflict', async () => {
  const store = inMemoryEventStore();
  const commands = [
    { ticket: 'a', amount: 5, parts: 2 },
    { ticket: 'a', amount: 5 },
    { ticket: 'a', amount: 6 },
    { ticket: 'b', amount: 1 },
  ];
  const results = await writerOn(store).execute('tally-1', commands);
  expect(results).toMatchObject([
    { kind: 'recorded', firstRevision: 0, lastRevision: 1 },
    { kind: 'nothing' },
    { kind: 'refused', refusal: 'other-amount' },
    { kind: 'recorded', firstRevision: 2, lastRevision: 2, events: [{ before: 10, after: 11 }] },
  ]);
  expect(await writerOn(store).execute('tally-1', commands.slice(0, 3))).toMatchObject([
    { kind: 'nothing' },
    { kind: 'nothing' },
    { kind: 'refused' },
  ]);
});

test('appends are cut by count and by bytes, and never within the events of one command', async () => {
  const { store, appends } = watched(inMemoryEventStore());
  await writerOn(store, { maxEventsPerAppend: 4 }).execute('tally-1', [
    ...counts(0, 3),
    { ticket: 'three', amount: 1, parts: 3 },
    { ticket: 'six', amount: 1, parts: 6 },
    ...counts(10, 15),
  ]);
  expect(appends).toEqual([3, 3, 6, 4, 1]);
  const small = { ...store, maxAppendBytes: 200 };
  await writerOn(small).execute('tally-2', counts(0, 6));
  expect(appends.slice(5)).toEqual([3, 3]);
});

test('a thousand duplicates cost a few reads, not a thousand', async () => {
  const { store, reads } = watched(inMemoryEventStore());
  await writerOn(store).execute('tally-1', counts(0, 1000));
  reads.length = 0;
  const results = await writerOn(store).execute('tally-1', counts(0, 1000));
  expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['nothing']));
  expect(reads).toHaveLength(2);
});

test('after another writer, only the tail is read and the rest is decided again', async () => {
  const { store, reads } = watched(inMemoryEventStore());
  const conflicts: string[] = [];
  const writer = writerOn(store, { onConflict: ({ code }) => conflicts.push(code) });
  await writer.execute('tally-1', counts(0, 3));
  await writerOn(store).execute('tally-1', counts(3, 6));
  reads.length = 0;
  const results = await writer.execute('tally-1', counts(5, 8));
  expect(results.map(({ kind }) => kind)).toEqual(['nothing', 'recorded', 'recorded']);
  expect(reads[0]).toBe(3);
  expect(conflicts).toEqual(['wrong-expected-revision']);
  expect((await eventsOf(store, 'tally-1')).at(-1)?.data['after']).toBe(8);
});

test('a no and a nothing-to-do are answers about the stream, not about what was cached of it', async () => {
  const store = inMemoryEventStore();
  const onlyAboveZero = {
    ...tallyDecider,
    decide: (command: Count, tally: Tally) => (tally.total === 0 ? [] : tallyDecider.decide(command, tally)),
  };
  const writer = writerOn(store, { decider: onlyAboveZero });
  expect(await writer.execute('tally-1', [{ ticket: 'a', amount: 1 }])).toEqual([{ kind: 'nothing' }]);
  await writerOn(store).execute('tally-1', [{ ticket: 'b', amount: 1 }]);
  expect(await writer.execute('tally-1', [{ ticket: 'a', amount: 1 }])).toMatchObject([{ kind: 'recorded', firstRevision: 1 }]);
});

test('the first of several appends stands when the second meets another writer', async () => {
  const inner = inMemoryEventStore();
  let appends = 0;
  const store: EventStore = {
    ...failingStore(inner, () => 'none'),
    async append(stream, expected, events) {
      appends += 1;
      if (appends === 2) await writerOn(inner).execute(stream, [{ ticket: 'other', amount: 100 }]);
      return inner.append(stream, expected, events);
    },
  };
  const results = await writerOn(store, { maxEventsPerAppend: 2 }).execute('tally-1', counts(0, 4));
  expect(results.map((result) => result.kind === 'recorded' && result.firstRevision)).toEqual([0, 1, 3, 4]);
  expect((await eventsOf(inner, 'tally-1')).at(-1)?.data['after']).toBe(104);
});

test.each<Fault>(['lost-before', 'lost-after', 'lost-late'])('an answer that is %s loses and doubles nothing', async (fault) => {
  const inner = inMemoryEventStore();
  const faults: Fault[] = ['none', fault];
  const writer = writerOn(failingStore(inner, () => faults.shift() ?? 'none'));
  const results = await writer.execute('tally-1', counts(0, 3));
  // What was written before the answer was lost is known by its ids, so the caller still learns the revisions.
  if (fault === 'lost-after') expect(results.map(({ kind }) => kind)).toEqual(['recorded', 'recorded', 'recorded']);
  expect(await writer.query('tally-1', ({ total }) => total)).toBe(3);
});

test('while the store is away execute throws, and afterwards the cached state goes on', async () => {
  const { store, reads } = watched(inMemoryEventStore());
  const faults: Fault[] = ['none', 'none', 'unavailable'];
  const writer = writerOn(failingStore(store, () => faults.shift() ?? 'none'));
  await writer.execute('tally-1', counts(0, 3));
  await expect(writer.execute('tally-1', counts(3, 6))).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await writer.execute('tally-1', counts(3, 6));
  expect(reads).toEqual([0]);
  expect(await eventsOf(store, 'tally-1')).toHaveLength(6);
});

test('a store that only ever refuses ends in an error, not in a loop', async () => {
  const { store } = watched(inMemoryEventStore());
  const broken = {
    ...store,
    append: () => store.append('another', 7, [{ id: crypto.randomUUID(), type: 'T', data: {}, metadata: {} }]),
  };
  await expect(writerOn(broken).execute('tally-1', counts(0, 1))).rejects.toMatchObject({
    code: 'wrong-expected-revision',
  });
});

test('a stream that cannot be folded is named, and the others go on', async () => {
  const store = inMemoryEventStore();
  const writer = writerOn(store);
  await writer.execute('tally-1', counts(0, 2));
  const broken = { ticket: 'x', amount: 1, before: 99, after: 100 };
  await store.append('tally-1', 1, [{ id: crypto.randomUUID(), type: 'Counted.v1', data: broken, metadata: {} }]);
  const named = {
    code: 'stream-unreadable',
    stream: 'tally-1',
    revision: 2,
    cause: expect.objectContaining({ message: expect.stringContaining('99') }),
  };
  await expect(writer.execute('tally-1', counts(2, 4))).rejects.toMatchObject(named);
  await expect(writer.query('tally-1', ({ total }) => total)).rejects.toMatchObject(named);
  expect(await writer.execute('tally-2', counts(0, 1))).toHaveLength(1);
});

test('commands given at the same time follow one another, and streams do not wait for each other', async () => {
  const inner = inMemoryEventStore();
  let inFlight = 0;
  const most: Record<string, number> = {};
  const store: EventStore = {
    ...failingStore(inner, () => 'none'),
    async append(stream, expected, events) {
      inFlight += 1;
      most[stream] = Math.max(most[stream] ?? 0, inFlight);
      await new Promise(setImmediate);
      inFlight -= 1;
      return inner.append(stream, expected, events);
    },
  };
  const conflicts: unknown[] = [];
  const writer = writerOn(store, { onConflict: (conflict) => conflicts.push(conflict) });
  await Promise.all(counts(0, 5).map((command) => writer.execute('tally-1', [command])));
  expect(most).toEqual({ 'tally-1': 1 });
  await Promise.all(['tally-2', 'tally-3'].map((stream) => writer.execute(stream, counts(0, 1))));
  expect(most['tally-3']).toBe(2);
  expect(conflicts).toEqual([]);
});

test('states beyond the cache are forgotten, the longest unused first', async () => {
  const { store, reads } = watched(inMemoryEventStore());
  const writer = writerOn(store, { maxCachedStreams: 2 });
  for (const stream of ['tally-1', 'tally-2', 'tally-1', 'tally-3']) await writer.execute(stream, counts(0, 1));
  reads.length = 0;
  await writer.execute('tally-1', counts(5, 6));
  expect(reads).toEqual([]);
  await writer.execute('tally-2', counts(5, 6));
  expect(reads).toEqual([0]);
});

test('a query sees what another writer appended', async () => {
  const store = inMemoryEventStore();
  const writer = writerOn(store);
  expect(await writer.query('tally-1', ({ revision }) => revision)).toBe(NO_STREAM);
  await writerOn(store).execute('tally-1', counts(0, 4));
  expect(await writer.query('tally-1', ({ total }) => total)).toBe(4);
});

test('a closed writer finishes what was begun and takes no more', async () => {
  const store = inMemoryEventStore();
  const writer = writerOn(store);
  const begun = writer.execute('tally-1', counts(0, 4));
  await writer.close();
  expect(await begun).toHaveLength(4);
  await expect(writer.execute('tally-1', counts(4, 5))).rejects.toMatchObject({ code: 'closed' });
});

test('a state is loaded from its snapshot and the tail; a snapshot that does not fit is reported and not used', async () => {
  const { store, reads } = watched(inMemoryEventStore());
  const saved = new Map<string, Tally>();
  const faults: string[] = [];
  const snapshots: Snapshots<Tally> = {
    load: async (stream) => {
      const state = saved.get(stream);
      return state && { state, revision: state.revision };
    },
    save: async (stream, state) => void saved.set(stream, state),
  };
  const options: Options = { snapshots, snapshotEveryEvents: 10, onSnapshotFault: ({ doing }) => faults.push(doing) };
  const first = writerOn(store, options);
  await first.execute('tally-1', counts(0, 12));
  await first.execute('tally-1', counts(12, 15));
  await first.close();
  expect(saved.get('tally-1')?.revision).toBe(11);

  const totalNow = (): Promise<number> => writerOn(store, options).query('tally-1', ({ total }) => total);
  reads.length = 0;
  expect(await totalNow()).toBe(15);
  expect(reads).toEqual([11, 12]);

  const good = saved.get('tally-1') as Tally;
  for (const broken of [
    { ...good, total: 3 },
    { ...good, revision: 900 },
  ]) {
    saved.set('tally-1', broken);
    expect(await totalNow()).toBe(15);
  }
  expect(faults).toEqual(['load', 'load']);
});
