// Simulation's engines: what outlives every process. Around each stands the network of one process, where calls wait for their
// turn, fail before or after they have written, or are written late.

import { EventStoreError, type EventStore } from '@tollkeeper/event-store';
import {
  BusError,
  createPartitioner,
  type Batch,
  type Message,
  type MessageBus,
  type MessageToPublish,
} from '@tollkeeper/message-bus';
import { ReadStoreError, type ReadStore } from '@tollkeeper/read-store';
import type { SimulatedProcess } from './scheduler.js';

const LATE_TURNS = 5;

/** The store as one process reaches it. */
export function storeOf(process: SimulatedProcess, store: EventStore): EventStore {
  const lost = (): EventStoreError => new EventStoreError('ambiguous', 'The answer was lost.');
  return {
    kind: store.kind,
    maxAppendBytes: store.maxAppendBytes,
    async append(stream, expected, events) {
      const fate = await process.call('lost-before', 'lost-after', 'late');
      if (fate === 'late') process.run(appendLate(process, () => store.append(stream, expected, events)));
      if (fate === 'lost-before' || fate === 'late') throw lost();
      const result = await store.append(stream, expected, events);
      if (fate === 'lost-after') throw lost();
      await process.call();
      return result;
    },
    async *readStream(stream, options) {
      if ((await process.call('lost-before')) !== 'done') throw new EventStoreError('unavailable', 'The store is away.');
      yield* store.readStream(stream, options);
    },
    readAll: (options) => store.readAll(options),
    subscribe: (options) => store.subscribe(options),
    ping: () => store.ping(),
    close: async () => undefined,
  };
}

/** On its way when the answer was given up; it comes to its revision when others may have written there. */
async function appendLate(process: SimulatedProcess, append: () => Promise<unknown>): Promise<void> {
  for (let turn = 0; turn < LATE_TURNS; turn += 1) await process.delivery();
  await append().catch(() => undefined);
}

/** The read store as one process reaches it; a transaction is one step, because the engine keeps it whole. */
export function readStoreOf<Tables>(process: SimulatedProcess, store: ReadStore<Tables>): ReadStore<Tables> {
  const away = (): ReadStoreError => new ReadStoreError('unavailable', 'The read store is away.');
  return {
    ...store,
    async checkpoint(name) {
      if ((await process.call('lost-before')) !== 'done') throw away();
      return store.checkpoint(name);
    },
    async advance(name, from, to, write) {
      const fate = await process.call('lost-before', 'lost-after');
      if (fate === 'lost-before') throw away();
      await store.advance(name, from, to, write);
      if (fate === 'lost-after') throw away();
      await process.call();
    },
  };
}

const PARTITIONS = 3;

/** Topics, and how far each group has come. */
export class SimulatedLog {
  readonly #topics = new Map<string, Message[]>();
  readonly #committed = new Map<string, number>();
  readonly #partitionOf = createPartitioner();

  append(topic: string, messages: readonly MessageToPublish[]): void {
    for (const { key, value, headers = {} } of messages) {
      const partition = this.#partitionOf(key, PARTITIONS);
      const own = this.partition(topic, partition);
      const bytes = (part: string | Buffer | null): Buffer | null => (part === null ? null : Buffer.from(part));
      own.push({ topic, partition, offset: BigInt(own.length), key: bytes(key), value: bytes(value), headers, timestampMs: 0 });
    }
  }

  partition(topic: string, partition: number): Message[] {
    const name = `${topic}/${partition}`;
    const found = this.#topics.get(name) ?? [];
    this.#topics.set(name, found);
    return found;
  }

  all(topic: string): readonly Message[] {
    return Array.from({ length: PARTITIONS }, (_, partition) => this.partition(topic, partition)).flat();
  }

  next(group: string, topic: string, partition: number, count: number): readonly Message[] {
    const from = this.#committed.get(`${group} ${topic}/${partition}`) ?? 0;
    return this.partition(topic, partition).slice(from, from + count);
  }

  commit(group: string, { topic, partition, offset }: Message): void {
    const name = `${group} ${topic}/${partition}`;
    this.#committed.set(name, Math.max(this.#committed.get(name) ?? 0, Number(offset) + 1));
  }

  hasAllCommitted(group: string, topic: string): boolean {
    return Array.from({ length: PARTITIONS }, (_, at) => this.next(group, topic, at, 1)).every((left) => left.length === 0);
  }
}

/** The bus as one process reaches it: enough of the port for a worker that is handed its batches. */
export function busOf(process: SimulatedProcess, log: SimulatedLog): MessageBus {
  const absent = (): never => {
    throw new Error('the simulation has no such call');
  };
  return {
    kind: 'simulation',
    async publish(topic, messages) {
      const fate = await process.call('lost-before', 'lost-after');
      if (fate !== 'lost-before') log.append(topic, messages);
      if (fate !== 'done') throw new BusError('unavailable', 'The bus is away.');
    },
    async consume({ group, topics, handle, maxMessages }) {
      for (const topic of topics) {
        for (let partition = 0; partition < PARTITIONS; partition += 1)
          process.run(consume(process, log, { group, topic, partition, maxMessages, handle }));
      }
      return { stop: absent, failed: new Promise<never>(() => undefined) };
    },
    lag: absent,
    read: absent,
    offsets: absent,
    ensureTopics: absent,
    describeTopic: absent,
    ping: absent,
    close: async () => undefined,
  };
}

type Consuming = {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly maxMessages: number;
  handle(batch: Batch): Promise<void>;
};

/**
 * Every process of a group is handed every partition: that is a rebalance at any moment, with the former owner still at work.
 * Only the expected revision keeps them apart.
 */
async function consume(process: SimulatedProcess, log: SimulatedLog, consuming: Consuming): Promise<void> {
  const { group, topic, partition, maxMessages, handle } = consuming;
  for (;;) {
    await process.call();
    const messages = log.next(group, topic, partition, maxMessages);
    const last = messages.at(-1);
    if (last === undefined) continue;
    const batch = { topic, partition, messages, isOwned: () => true, heartbeat: async () => undefined };
    try {
      await handle(batch);
    } catch (error) {
      if ((error as { readonly retryable?: boolean }).retryable !== true) throw error;
      continue;
    }
    await process.call();
    log.commit(group, last);
  }
}
