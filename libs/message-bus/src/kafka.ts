// The message bus on Kafka: the port's calls come in, kafkajs 2.2.4 speaks to the brokers, which hold topics and offsets.
// One broker acknowledges before it has synced to disk, so a loss of power can lose what was acknowledged; use three.
import kafkajs, { type Admin } from 'kafkajs';
import { kafkaClient, type KafkaSettings, within } from './kafka-client.js';
import { type Assigned, startKafkaConsumer } from './kafka-consumer.js';
import { DEFAULT_REQUEST_BYTES, type KafkaPublisher, kafkaPublisher } from './kafka-publisher.js';
import { type KafkaReader, kafkaReader } from './kafka-reader.js';
import { BusError, type ConsumeOptions, type Consumer, DEFAULT_MAX_MESSAGE_BYTES, type Message } from './message-bus.js';
import { type MessageBus, type MessageToPublish, type PartitionOffsets } from './message-bus.js';
import { type TopicDescription, type TopicSpec } from './message-bus.js';

export { type LogLevel } from './kafka-client.js';

const DEFAULT_STALL_AFTER_MS = 60_000;
const ADMIN_DEADLINE_MS = 10_000;
const PING_DEADLINE_MS = 5_000;
/** Kafka's own default for `retention.ms`. */
const DEFAULT_RETENTION_MS = 7 * 24 * 60 * 60 * 1_000;
/** How long a topic's bound on messages is trusted, so that publishing does not ask each time. */
const TOPIC_FRESH_MS = 60_000;

export type KafkaMessageBusOptions = KafkaSettings & {
  readonly compression?: 'none' | 'gzip';
  /** Most bytes of one produce request; default 900 KiB. */
  readonly requestBytes?: number;
  /** A consumer's `failed` rejects when no batch moved for so long while there is lag; default 60 s. */
  readonly stallAfterMs?: number;
};

/** Connects when first used; while no broker answers, calls fail with `unavailable` and consumers go on trying. */
export function openKafkaMessageBus(options: KafkaMessageBusOptions): MessageBus {
  return new KafkaMessageBus(options);
}

class KafkaMessageBus implements MessageBus {
  readonly kind = 'kafka';
  readonly #options: KafkaMessageBusOptions;
  readonly #admin: Admin;
  readonly #publisher: KafkaPublisher;
  readonly #reader: KafkaReader;
  readonly #consumers = new Set<Consumer>();
  readonly #bounds = new Map<string, { readonly maxMessageBytes: Promise<number>; readonly untilMs: number }>();
  #closed = false;

  constructor(options: KafkaMessageBusOptions) {
    const { compression = 'none', requestBytes = DEFAULT_REQUEST_BYTES } = options;
    const client = kafkaClient(options);
    this.#options = options;
    this.#admin = client.admin();
    this.#publisher = kafkaPublisher(client, { compression, requestBytes });
    this.#reader = kafkaReader(client);
  }

  async publish(topic: string, messages: readonly MessageToPublish[]): Promise<void> {
    this.#assertOpen();
    const bound = await this.#maxMessageBytes(topic);
    if (messages.length > 0) await this.#publisher.publish(topic, bound, messages);
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    const { group, topics, from } = options;
    let isReachable = true;
    try {
      await this.#assertTopics(topics);
    } catch (error) {
      if (!(error instanceof BusError) || error.code !== 'unavailable') throw error;
      options.onError?.(error);
      isReachable = false;
    }
    const consumer = startKafkaConsumer(kafkaClient(this.#options), options, {
      stallAfterMs: this.#options.stallAfterMs ?? DEFAULT_STALL_AFTER_MS,
      waiting: (assigned) => this.#lagOf(group, topics, { assigned, from }),
    });
    this.#consumers.add(consumer);
    if (isReachable) await consumer.joined;
    const stop = async (): Promise<void> => {
      await consumer.stop();
      this.#consumers.delete(consumer);
    };
    return { failed: consumer.failed, stop };
  }

  async lag(group: string, topics: readonly string[]): Promise<bigint> {
    await this.#assertTopics(topics);
    return await this.#lagOf(group, topics, { assigned: undefined, from: 'earliest' });
  }

  async read(topic: string, partition: number, fromOffset: bigint, maxCount: number): Promise<readonly Message[]> {
    const offsets = (await this.offsets(topic)).find((of) => of.partition === partition);
    if (offsets === undefined || fromOffset >= offsets.next) return [];
    const doing = `Reading partition ${partition} of topic "${topic}"`;
    const start = fromOffset < offsets.first ? offsets.first : fromOffset;
    return await within(ADMIN_DEADLINE_MS, doing, this.#reader.read(topic, { ...offsets, first: start }, maxCount));
  }

  async offsets(topic: string): Promise<readonly PartitionOffsets[]> {
    await this.#assertTopics([topic]);
    return await this.#ask(`Reading the offsets of topic "${topic}"`, (admin) => readOffsets(admin, topic));
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    const names = specs.map(({ name }) => `"${name}"`).join(', ');
    await this.#ask(`Making the topics ${names}`, (admin) => createMissing(admin, specs));
  }

  async describeTopic(name: string): Promise<TopicDescription | undefined> {
    return await this.#ask(`Describing topic "${name}"`, (admin) => describeTopic(admin, name));
  }

  async ping(): Promise<void> {
    const doing = `Reaching Kafka at ${this.#options.brokers.join(', ')}`;
    await this.#ask(doing, (admin) => admin.listTopics(), PING_DEADLINE_MS);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    const ended = Promise.all([this.#publisher.close(), this.#reader.close(), this.#admin.disconnect()]);
    // What could not be closed in time ends with the process.
    await within(ADMIN_DEADLINE_MS, 'Closing', ended).catch(() => undefined);
  }

  async #ask<T>(doing: string, question: (admin: Admin) => Promise<T>, deadlineMs = ADMIN_DEADLINE_MS): Promise<T> {
    this.#assertOpen();
    const connectAndAsk = async (): Promise<T> => {
      await this.#admin.connect();
      return await question(this.#admin);
    };
    return await within(deadlineMs, doing, connectAndAsk());
  }

  async #assertTopics(names: readonly string[]): Promise<void> {
    const existing = new Set(await this.#ask('Listing the topics', (admin) => admin.listTopics()));
    for (const name of names) if (!existing.has(name)) throw unknownTopic(name);
  }

  /** Calls that come meanwhile wait for the same answer, so that publications keep the order of their calls. */
  #maxMessageBytes(name: string): Promise<number> {
    const kept = this.#bounds.get(name);
    if (kept && kept.untilMs > Date.now()) return kept.maxMessageBytes;
    const asked = this.#askMaxMessageBytes(name);
    this.#bounds.set(name, { maxMessageBytes: asked, untilMs: Date.now() + TOPIC_FRESH_MS });
    asked.catch(() => this.#bounds.delete(name));
    return asked;
  }

  async #askMaxMessageBytes(name: string): Promise<number> {
    const topic = await this.describeTopic(name);
    if (!topic) throw unknownTopic(name);
    return topic.maxMessageBytes;
  }

  async #lagOf(group: string, topics: readonly string[], counts: Counts): Promise<bigint> {
    return await this.#ask(`Reading the lag of group "${group}"`, (admin) => readLag(admin, group, topics, counts));
  }

  #assertOpen(): void {
    if (this.#closed) throw new BusError('closed', 'The Kafka bus is closed.');
  }
}

function unknownTopic(name: string): BusError {
  return new BusError('unknown-topic', `Topic "${name}" does not exist in Kafka; make it with ensureTopics or kafka-topics.sh.`);
}

async function readOffsets(admin: Admin, topic: string): Promise<readonly PartitionOffsets[]> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets
    .map(({ partition, low, high }) => ({ partition, first: BigInt(low), next: BigInt(high) }))
    .toSorted((left, right) => left.partition - right.partition);
}

async function createMissing(admin: Admin, specs: readonly TopicSpec[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const topics = specs
    .filter(({ name }) => !existing.has(name))
    .map(({ name, partitions, maxMessageBytes, retentionMs }) => ({
      topic: name,
      numPartitions: partitions,
      // The brokers' own default, which fits one broker as well as three.
      replicationFactor: -1,
      configEntries: [
        ...(maxMessageBytes === undefined ? [] : [{ name: 'max.message.bytes', value: String(maxMessageBytes) }]),
        ...(retentionMs === undefined
          ? []
          : [{ name: 'retention.ms', value: retentionMs === Infinity ? '-1' : String(retentionMs) }]),
      ],
    }));
  if (topics.length > 0) await admin.createTopics({ topics, waitForLeaders: true });
}

async function describeTopic(admin: Admin, name: string): Promise<TopicDescription | undefined> {
  // Asking for a topic that is missing would make kafkajs ask again and again.
  if (!(await admin.listTopics()).includes(name)) return undefined;
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  const partitions = topics[0]?.partitions.length ?? 0;
  const { ConfigResourceTypes } = kafkajs;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name, configNames: ['max.message.bytes', 'retention.ms'] }],
  });
  const setting = (wanted: string): number | undefined => {
    const value = resources[0]?.configEntries.find(({ configName }) => configName === wanted)?.configValue;
    return value === undefined ? undefined : Number(value);
  };
  const { maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES, retentionMs = DEFAULT_RETENTION_MS } = {
    maxMessageBytes: setting('max.message.bytes'),
    retentionMs: setting('retention.ms'),
  };
  return { name, partitions, maxMessageBytes, retentionMs: retentionMs < 0 ? Infinity : retentionMs };
}

type Counts = { readonly assigned: Assigned | undefined; readonly from: ConsumeOptions['from'] };

/** A partition without a commit counts from its oldest message, or not at all for a group that begins at the latest. */
async function readLag(admin: Admin, group: string, topics: readonly string[], { assigned, from }: Counts): Promise<bigint> {
  const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
  let lag = 0n;
  for (const topic of topics) {
    const offsets = new Map(
      committed.find((entry) => entry.topic === topic)?.partitions.map((p) => [p.partition, BigInt(p.offset)]),
    );
    for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
      if (assigned && !assigned[topic]?.includes(partition)) continue;
      const offset = offsets.get(partition) ?? -1n;
      if (offset < 0n && from === 'latest') continue;
      lag += BigInt(high) - (offset > BigInt(low) ? offset : BigInt(low));
    }
  }
  return lag;
}
