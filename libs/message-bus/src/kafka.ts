// The message bus on Kafka: the port's calls come in, kafkajs 2.2.4 speaks to the brokers, which hold topics and offsets.
// One broker acknowledges before it has synced to disk, so a loss of power can lose what was acknowledged; use three.
import kafkajs, { type Admin } from 'kafkajs';
import { kafkaClient, type KafkaSettings, within } from './kafka-client.js';
import { type Assigned, startKafkaConsumer } from './kafka-consumer.js';
import { DEFAULT_REQUEST_BYTES, kafkaPublisher } from './kafka-publisher.js';
import { BusError, type ConsumeOptions, type Consumer, DEFAULT_MAX_MESSAGE_BYTES } from './message-bus.js';
import { type MessageBus, type TopicDescription, type TopicSpec } from './message-bus.js';

export { type LogLevel } from './kafka-client.js';

const DEFAULT_STALL_AFTER_MS = 60_000;
const ADMIN_DEADLINE_MS = 10_000;
const PING_DEADLINE_MS = 5_000;
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
  const { compression = 'none', requestBytes = DEFAULT_REQUEST_BYTES, stallAfterMs = DEFAULT_STALL_AFTER_MS } = options;
  const client = kafkaClient(options);
  const admin = client.admin();
  const publisher = kafkaPublisher(client, { compression, requestBytes });
  const consumers = new Set<Consumer>();
  const fresh = new Map<string, { readonly topic: TopicDescription; readonly untilMs: number }>();
  let closed = false;

  const asked = async <T>(doing: string, ask: () => Promise<T>, deadlineMs = ADMIN_DEADLINE_MS): Promise<T> => {
    if (closed) throw new BusError('closed', `${doing} failed: the Kafka bus is closed.`);
    const connectAndAsk = async (): Promise<T> => {
      await admin.connect();
      return await ask();
    };
    return await within(deadlineMs, doing, connectAndAsk());
  };
  const describe = (name: string) => asked(`Describing topic "${name}"`, () => describeTopic(admin, name));
  const assertTopics = async (names: readonly string[]): Promise<void> => {
    const existing = new Set(await asked('Listing the topics', () => admin.listTopics()));
    for (const name of names) if (!existing.has(name)) throw unknownTopic(name);
  };
  const maxMessageBytes = async (name: string): Promise<number> => {
    const kept = fresh.get(name);
    if (kept && kept.untilMs > Date.now()) return kept.topic.maxMessageBytes;
    const topic = await describe(name);
    if (!topic) throw unknownTopic(name);
    fresh.set(name, { topic, untilMs: Date.now() + TOPIC_FRESH_MS });
    return topic.maxMessageBytes;
  };
  const lagOf = (group: string, topics: readonly string[], counts: Counts) =>
    asked(`Reading the lag of group "${group}"`, () => readLag(admin, group, topics, counts));

  return {
    kind: 'kafka',
    publish: async (topic, messages) => {
      const bound = await maxMessageBytes(topic);
      if (messages.length > 0) await publisher.publish(topic, bound, messages);
    },
    consume: async (consumeOptions) => {
      const { group, topics } = consumeOptions;
      const reachable = await assertTopics(topics).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof BusError) || error.code !== 'unavailable') throw error;
          consumeOptions.onError?.(error);
          return false;
        },
      );
      const waiting = (assigned: Assigned | undefined) => lagOf(group, topics, { assigned, from: consumeOptions.from });
      const consumer = startKafkaConsumer(kafkaClient(options), withOptions(consumeOptions, stallAfterMs, waiting));
      consumers.add(consumer);
      if (reachable) await consumer.joined;
      const stop = async (): Promise<void> => {
        await consumer.stop();
        consumers.delete(consumer);
      };
      return { failed: consumer.failed, stop };
    },
    lag: async (group, topics) => {
      await assertTopics(topics);
      return await lagOf(group, topics, { assigned: undefined, from: 'earliest' });
    },
    ensureTopics: (specs) => asked('Making topics', () => createMissing(admin, specs)),
    describeTopic: describe,
    ping: async () => {
      await asked(`Reaching Kafka at ${options.brokers.join(', ')}`, () => admin.listTopics(), PING_DEADLINE_MS);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await Promise.all([...consumers].map((consumer) => consumer.stop()));
      const ended = Promise.all([publisher.close(), admin.disconnect()]);
      // What could not be closed in time ends with the process.
      await within(ADMIN_DEADLINE_MS, 'Closing', ended).catch(() => undefined);
    },
  };
}

function withOptions(options: ConsumeOptions, stallAfterMs: number, waiting: (assigned: Assigned | undefined) => Promise<bigint>) {
  return { ...options, handle: options.handle.bind(options), stallAfterMs, waiting };
}

function unknownTopic(name: string): BusError {
  return new BusError('unknown-topic', `Topic "${name}" does not exist in Kafka; make it with ensureTopics or kafka-topics.sh.`);
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
        ...(retentionMs === undefined ? [] : [{ name: 'retention.ms', value: retentionMs === Infinity ? '-1' : String(retentionMs) }]),
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
    resources: [{ type: ConfigResourceTypes.TOPIC, name, configNames: ['max.message.bytes'] }],
  });
  const bound = resources[0]?.configEntries.find(({ configName }) => configName === 'max.message.bytes')?.configValue;
  return { name, partitions, maxMessageBytes: bound === undefined ? DEFAULT_MAX_MESSAGE_BYTES : Number(bound) };
}

type Counts = { readonly assigned: Assigned | undefined; readonly from: ConsumeOptions['from'] };

/** A partition without a commit counts from its oldest message, or not at all for a group that begins at the latest. */
async function readLag(admin: Admin, group: string, topics: readonly string[], { assigned, from }: Counts): Promise<bigint> {
  const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
  let lag = 0n;
  for (const topic of topics) {
    const offsets = new Map(committed.find((entry) => entry.topic === topic)?.partitions.map((p) => [p.partition, BigInt(p.offset)]));
    for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
      if (assigned && !assigned[topic]?.includes(partition)) continue;
      const offset = offsets.get(partition) ?? -1n;
      if (offset < 0n && from === 'latest') continue;
      lag += BigInt(high) - (offset > BigInt(low) ? offset : BigInt(low));
    }
  }
  return lag;
}
