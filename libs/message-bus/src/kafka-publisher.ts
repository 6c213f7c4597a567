// Publishing to Kafka: messages come in, produce requests bounded by bytes go out, one at a time per topic.
import kafkajs, { type Kafka, type Message as KafkaMessage } from 'kafkajs';
import { toBusError, within } from './kafka-client.js';
import { BusError, type MessageToPublish } from './message-bus.js';
import { assertSizes, messageBytes, tooLarge } from './message-size.js';
import { createPartitioner } from './partition.js';

const { CompressionTypes } = kafkajs;

/** Below the broker's usual bound of 1 MiB for what one request brings to one partition. */
export const DEFAULT_REQUEST_BYTES = 900 * 1024;
/** After it the caller gets `unavailable`; some of its messages may be written all the same. */
const PUBLISH_DEADLINE_MS = 30_000;
const ACKNOWLEDGE_TIMEOUT_MS = 10_000;
/** What the record format adds to a message and to a batch, rounded up. */
const RECORD_OVERHEAD_BYTES = 40;
const BATCH_OVERHEAD_BYTES = 100;

export type PublisherOptions = { readonly compression: 'none' | 'gzip'; readonly requestBytes: number };

export type KafkaPublisher = {
  publish(topic: string, maxMessageBytes: number, messages: readonly MessageToPublish[]): Promise<void>;
  close(): Promise<void>;
};

/** A part of a publish that fits into one request. */
type Chunk = { readonly job: Job; readonly messages: readonly KafkaMessage[]; readonly bytes: number; done(): void };
/** Once a part has failed, those behind it are not sent: a later message must not overtake an earlier one of its key. */
type Job = { failed: boolean; fail(error: unknown): void };
type Lane = { readonly chunks: Chunk[]; sending: Promise<void> | undefined };

/**
 * Order per key is kept by having one request in flight per topic; what is published meanwhile shares the next one. kafkajs's
 * idempotent producer is not used: after a failed request it numbers other messages like the lost ones, and the broker then
 * takes them for repeats and drops them (updateSequence in src/producer/sendMessages.js). A repeat does no harm, a loss does.
 */
export function kafkaPublisher(client: Kafka, { compression, requestBytes }: PublisherOptions): KafkaPublisher {
  const producer = client.producer({ createPartitioner: forKafka, allowAutoTopicCreation: false, idempotent: false });
  const lanes = new Map<string, Lane>();
  let connecting: Promise<void> | undefined;
  const connect = async (): Promise<void> => {
    connecting ??= producer.connect();
    await connecting.catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
  };
  const send = async (topic: string, maxBytes: number, chunks: readonly Chunk[]): Promise<void> => {
    const messages = chunks.flatMap((chunk) => chunk.messages);
    try {
      await connect();
      const codec = compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None;
      await producer.send({ topic, messages, acks: -1, timeout: ACKNOWLEDGE_TIMEOUT_MS, compression: codec });
      for (const chunk of chunks) chunk.done();
    } catch (error) {
      const failure = describeFailure(topic, maxBytes, chunks, error);
      for (const { job } of chunks) job.fail(failure);
    }
  };
  const drain = async (topic: string, lane: Lane, maxBytes: number): Promise<void> => {
    for (let chunks = takeRequest(lane, maxBytes); chunks.length > 0; chunks = takeRequest(lane, maxBytes)) {
      await send(topic, maxBytes, chunks);
    }
    lane.sending = undefined;
  };
  return {
    publish: async (topic, maxMessageBytes, messages) => {
      assertSizes(topic, maxMessageBytes, messages);
      const lane = lanes.get(topic) ?? { chunks: [], sending: undefined };
      lanes.set(topic, lane);
      const maxBytes = Math.min(requestBytes, maxMessageBytes);
      await enqueue(lane, messages, maxBytes, `Publishing to topic "${topic}"`, () => {
        lane.sending ??= drain(topic, lane, maxBytes);
      });
    },
    close: async () => {
      await Promise.all([...lanes.values()].map((lane) => lane.sending));
      await producer.disconnect();
    },
  };
}

async function enqueue(
  lane: Lane,
  messages: readonly MessageToPublish[],
  maxBytes: number,
  doing: string,
  start: () => void,
): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const job: Job = {
    failed: false,
    fail: (error) => {
      job.failed = true;
      reject(error);
    },
  };
  const parts = split(messages, maxBytes).map(async ({ part, bytes }) => {
    const { promise: done, resolve } = Promise.withResolvers<void>();
    lane.chunks.push({ job, messages: part, bytes, done: resolve });
    await done;
  });
  start();
  try {
    await within(PUBLISH_DEADLINE_MS, doing, Promise.race([Promise.all(parts), promise]));
  } catch (error) {
    job.fail(error);
    throw error;
  }
}

/** The parts at the head of the lane that fit into one request together; those of failed jobs fall away. */
function takeRequest(lane: Lane, maxBytes: number): Chunk[] {
  const taken: Chunk[] = [];
  let bytes = BATCH_OVERHEAD_BYTES;
  for (let chunk = lane.chunks[0]; chunk; chunk = lane.chunks[0]) {
    if (taken.length > 0 && bytes + chunk.bytes > maxBytes && !chunk.job.failed) break;
    lane.chunks.shift();
    if (chunk.job.failed) continue;
    taken.push(chunk);
    bytes += chunk.bytes;
  }
  return taken;
}

function split(messages: readonly MessageToPublish[], maxBytes: number): { part: KafkaMessage[]; bytes: number }[] {
  const parts: { part: KafkaMessage[]; bytes: number }[] = [];
  for (const message of messages) {
    const bytes = messageBytes(message) + RECORD_OVERHEAD_BYTES;
    const { key, value, headers } = message;
    const record: KafkaMessage = headers ? { key, value, headers: { ...headers } } : { key, value };
    const last = parts.at(-1);
    if (last && last.bytes + bytes + BATCH_OVERHEAD_BYTES <= maxBytes) {
      last.part.push(record);
      last.bytes += bytes;
    } else {
      parts.push({ part: [record], bytes });
    }
  }
  return parts;
}

function describeFailure(topic: string, maxBytes: number, chunks: readonly Chunk[], error: unknown): BusError {
  const failure = toBusError(error, `Publishing to topic "${topic}"`);
  if (failure.code !== 'too-large') return failure;
  const count = chunks.reduce((sum, { messages }) => sum + messages.length, 0);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, BATCH_OVERHEAD_BYTES);
  if (count === 1) return tooLarge(topic, bytes, maxBytes, 'the message, with what the format adds,', error);
  const text = `The bound of topic "${topic}" was lowered: a request of ${bytes} bytes no longer fits. Publish again.`;
  return new BusError('unavailable', text, { cause: error });
}

function forKafka() {
  const partitionFor = createPartitioner();
  return ({ message, partitionMetadata }: { message: KafkaMessage; partitionMetadata: readonly unknown[] }): number =>
    partitionFor(message.key, partitionMetadata.length);
}
