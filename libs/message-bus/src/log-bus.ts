// The port over a log in this process, for both embedded engines: publishes come in, one append per tick goes to the log;
// groups come in, and log-consumer.ts hands them the batches.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Bell, consumeLog, type LogGroups } from './log-consumer.js';
import { BusError, type ConsumeOptions, type Consumer, type Message, type MessageBus } from './message-bus.js';
import { type MessageToPublish, type PartitionOffsets, type TopicDescription, type TopicSpec } from './message-bus.js';
import { assertSizes } from './message-size.js';
import { createPartitioner } from './partition.js';

/** A transaction holds the event loop while it is written, so it stays short; at 500 bytes a message this is about 2.5 MB. */
const MESSAGES_PER_APPEND = 5_000;

export type LogEntry = { readonly topic: string; readonly partition: number; readonly message: MessageToPublish };

/** What an embedded engine has to do. Every method is synchronous and throws BusError only. */
export interface MessageLog {
  readonly kind: string;
  describe(topic: string): TopicDescription | undefined;
  create(spec: TopicSpec): void;
  /** All of the entries or none. */
  append(entries: readonly LogEntry[]): void;
  read(topic: string, partition: number, offset: bigint, limit: number): Message[];
  /** The oldest offset kept and the one the next message gets. */
  bounds(topic: string, partition: number): { readonly first: bigint; readonly next: bigint };
  committed(group: string, topic: string, partition: number): bigint | undefined;
  /** `offset` is the first one not yet handled. */
  commit(group: string, topic: string, partition: number, offset: bigint): void;
  ping(): void;
  close(): void;
}

type Publish = { readonly entries: LogEntry[]; resolve(): void; reject(error: unknown): void };

export class LogMessageBus implements MessageBus {
  readonly kind: string;
  readonly #log: MessageLog;
  readonly #bell: Bell;
  readonly #groups: LogGroups = { members: new Map(), claims: new Set() };
  readonly #consumers = new Set<Consumer>();
  readonly #partitionFor = createPartitioner();
  readonly #waiting: Publish[] = [];
  #closed = false;

  constructor(log: MessageLog, bell = new Bell()) {
    this.kind = log.kind;
    this.#log = log;
    this.#bell = bell;
  }

  async publish(topic: string, messages: readonly MessageToPublish[]): Promise<void> {
    const { partitions, maxMessageBytes } = this.#known(topic);
    assertSizes(topic, maxMessageBytes, messages);
    if (messages.length === 0) return;
    const entries = messages.map((message) => ({ topic, partition: this.#partitionFor(message.key, partitions), message }));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Publishes of one tick share a transaction, because its fsync costs more than its rows.
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    this.#waiting.push({ entries, resolve, reject });
    await promise;
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const entries: LogEntry[] = [];
    let taken = 0;
    for (; taken < this.#waiting.length && entries.length < MESSAGES_PER_APPEND; taken += 1) {
      for (const entry of this.#waiting[taken]?.entries ?? []) entries.push(entry);
    }
    const batch = this.#waiting.splice(0, taken);
    if (this.#waiting.length > 0) setImmediate(() => this.#flush());
    try {
      this.#log.append(entries);
      for (const { resolve } of batch) resolve();
      this.#bell.ring();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    for (const topic of options.topics) this.#known(topic);
    const consumer = consumeLog(this.#log, this.#bell, this.#groups, options);
    this.#consumers.add(consumer);
    return {
      failed: consumer.failed,
      stop: async () => {
        await consumer.stop();
        this.#consumers.delete(consumer);
      },
    };
  }

  async lag(group: string, topics: readonly string[]): Promise<bigint> {
    let lag = 0n;
    for (const topic of topics) {
      for (let partition = 0; partition < this.#known(topic).partitions; partition += 1) {
        const { first, next } = this.#log.bounds(topic, partition);
        const committed = this.#log.committed(group, topic, partition) ?? first;
        lag += next - (committed > first ? committed : first);
      }
    }
    return lag;
  }

  async read(topic: string, partition: number, fromOffset: bigint, maxCount: number): Promise<readonly Message[]> {
    if (this.#known(topic).partitions <= partition) return [];
    const messages = this.#log.read(topic, partition, fromOffset, maxCount);
    // The log answers synchronously; without this, whoever reads a whole topic would hold up everything else in the process.
    await nextTurn();
    return messages;
  }

  async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    const { partitions } = this.#known(topic);
    return Array.from({ length: partitions }, (_, partition) => ({ partition, ...this.#log.bounds(topic, partition) }));
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#assertOpen();
    for (const spec of specs) if (this.#log.describe(spec.name) === undefined) this.#log.create(spec);
  }

  async describeTopic(name: string): Promise<TopicDescription | undefined> {
    this.#assertOpen();
    return this.#log.describe(name);
  }

  async ping(): Promise<void> {
    this.#assertOpen();
    this.#log.ping();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    while (this.#waiting.length > 0) this.#flush();
    this.#bell.close();
    this.#log.close();
  }

  #known(topic: string): TopicDescription {
    this.#assertOpen();
    const description = this.#log.describe(topic);
    if (description) return description;
    throw new BusError('unknown-topic', `Topic "${topic}" does not exist in the ${this.kind} bus; make it with ensureTopics.`);
  }

  #assertOpen(): void {
    if (this.#closed) throw new BusError('closed', `The ${this.kind} bus is closed.`);
  }
}
