// The message bus in memory, for tests and simulations: nothing outlives the process, everything else is as in SQLite.
import { LogMessageBus, type LogEntry, type MessageLog } from './log-bus.js';
import { DEFAULT_MAX_MESSAGE_BYTES, type Message, type MessageBus, type TopicDescription } from './message-bus.js';

export function inMemoryMessageBus(): MessageBus {
  return new LogMessageBus(memoryLog());
}

type Topic = { readonly description: TopicDescription; readonly partitions: readonly Message[][] };

function memoryLog(): MessageLog {
  const topics = new Map<string, Topic>();
  const offsets = new Map<string, bigint>();
  const partitionOf = (topic: string, partition: number): Message[] => topics.get(topic)?.partitions[partition] ?? [];
  return {
    kind: 'memory',
    describe: (name) => topics.get(name)?.description,
    create: ({ name, partitions, maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES, retentionMs = Infinity }) => {
      const description = { name, partitions, maxMessageBytes, retentionMs };
      topics.set(name, { description, partitions: Array.from({ length: partitions }, () => []) });
    },
    append: (entries) => {
      const timestampMs = Date.now();
      for (const entry of entries) {
        const messages = partitionOf(entry.topic, entry.partition);
        messages.push(toMessage(entry, BigInt(messages.length), timestampMs));
      }
    },
    read: (topic, partition, offset, limit) => partitionOf(topic, partition).slice(Number(offset), Number(offset) + limit),
    bounds: (topic, partition) => ({ first: 0n, next: BigInt(partitionOf(topic, partition).length) }),
    committed: (group, topic, partition) => offsets.get(JSON.stringify([group, topic, partition])),
    commit: (group, topic, partition, offset) => void offsets.set(JSON.stringify([group, topic, partition]), offset),
    ping: () => undefined,
    close: () => undefined,
  };
}

/** The bytes are copied, because the publisher may use its buffers again. */
function toMessage({ topic, partition, message }: LogEntry, offset: bigint, timestampMs: number): Message {
  const copy = (part: string | Buffer | null): Buffer | null =>
    part === null ? null : Buffer.from(typeof part === 'string' ? Buffer.from(part) : part);
  return {
    topic,
    partition,
    offset,
    key: copy(message.key),
    value: copy(message.value),
    headers: { ...message.headers },
    timestampMs,
  };
}
