// Reading a partition of Kafka at a place, without a group: an offset comes in, what the leader keeps from there on goes out.
// kafkajs reads through groups only, which take seconds to join and stay behind when the process dies; its own fetch request
// needs neither, so it is sent from here (kafkajs 2.2.4, src/cluster/index.js and src/broker/index.js).
import { createRequire } from 'node:module';
import { type Kafka, type KafkaMessage } from 'kafkajs';
import { toMessage } from './kafka-message.js';
import { type Message, type PartitionOffsets } from './message-bus.js';

/** Of one answer; a larger message passes all the same. */
const FETCH_BYTES = 4 * 1024 * 1024;
/** There is something to read, so the broker answers at once. */
const FETCH_WAIT_MS = 1_000;
const METADATA_MAX_AGE_MS = 300_000;
const READ_COMMITTED = 1;
/** The leader may have moved, or the retention passed the offset, between a question and the next. */
const ATTEMPTS = 3;

export type KafkaReader = {
  /** From `first` on and before `next`, which both have to stand in the partition. */
  read(topic: string, offsets: PartitionOffsets, maxCount: number): Promise<readonly Message[]>;
  close(): Promise<void>;
};

type Fetched = { readonly partition: number; readonly messages: readonly KafkaMessage[] };
type Broker = {
  fetch(request: object): Promise<{ readonly responses: readonly { readonly partitions: readonly Fetched[] }[] }>;
};
type Cluster = {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>;
  findBroker(node: { readonly nodeId: string }): Promise<Broker>;
};
type FetchedBatch = { readonly messages: readonly KafkaMessage[]; lastOffset(): string };

export function kafkaReader(client: Kafka): KafkaReader {
  const load = createRequire(import.meta.url);
  const Batch = load('kafkajs/src/consumer/batch.js') as new (topic: string, from: string, fetched: Fetched) => FetchedBatch;
  let connecting: Promise<Cluster> | undefined;
  const connected = async (): Promise<Cluster> => {
    connecting ??= connect(client);
    return await connecting.catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
  };
  const fetchFrom = async (cluster: Cluster, topic: string, partition: number, from: bigint): Promise<FetchedBatch> => {
    const [nodeId = ''] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    const broker = await cluster.findBroker({ nodeId });
    const partitions = [{ partition, fetchOffset: from.toString(), maxBytes: FETCH_BYTES }];
    const { responses } = await broker.fetch({
      replicaId: -1,
      isolationLevel: READ_COMMITTED,
      maxWaitTime: FETCH_WAIT_MS,
      maxBytes: FETCH_BYTES,
      topics: [{ topic, partitions }],
    });
    const [fetched = { partition, messages: [] }] = responses.flatMap((response) => response.partitions);
    return new Batch(topic, from.toString(), fetched);
  };
  return {
    read: async (topic, { partition, first, next }, maxCount) => {
      const cluster = await connected();
      await cluster.addTargetTopic(topic);
      // What was aborted or says where a transaction ends fills offsets without being a message: go on behind it.
      for (let from = first, failures = 0; from < next;) {
        try {
          const batch = await fetchFrom(cluster, topic, partition, from);
          if (batch.messages.length > 0) {
            return batch.messages.slice(0, maxCount).map((message) => toMessage(topic, partition, message));
          }
          from = BigInt(batch.lastOffset()) + 1n;
        } catch (error) {
          failures += 1;
          if (failures === ATTEMPTS) throw error;
          await cluster.refreshMetadata();
        }
      }
      return [];
    },
    close: async () => {
      const cluster = await connecting?.catch(() => undefined);
      await cluster?.disconnect();
    },
  };
}

/** The client's own settings stand behind a symbol. */
async function connect(client: Kafka): Promise<Cluster> {
  const symbol = Object.getOwnPropertySymbols(client).find(({ description }) => description === 'private:Kafka:createCluster');
  const clusters = client as unknown as Record<symbol, ((options: object) => Cluster) | undefined>;
  const create = symbol && clusters[symbol];
  if (create === undefined)
    throw new Error('This version of kafkajs makes its clusters elsewhere; kafka-reader.ts has to follow.');
  const cluster = create({ metadataMaxAge: METADATA_MAX_AGE_MS, allowAutoTopicCreation: false, isolationLevel: READ_COMMITTED });
  await cluster.connect();
  return cluster;
}
