// The message bus as the apps see it: the port, its engines, and the address that chooses one.
export { inMemoryMessageBus } from './in-memory.js';
export { type KafkaMessageBusOptions, type LogLevel, openKafkaMessageBus } from './kafka.js';
export {
  type Batch,
  BUS_ERROR_CODES,
  BusError,
  type BusErrorCode,
  type ConsumeOptions,
  type Consumer,
  DEFAULT_MAX_MESSAGE_BYTES,
  type Message,
  type MessageBus,
  type MessageHeaders,
  type MessageToPublish,
  type PartitionOffsets,
  type TopicDescription,
  type TopicSpec,
} from './message-bus.js';
export { openMessageBus, type OpenMessageBusOptions } from './open.js';
export { createPartitioner, murmur2 } from './partition.js';
export { DEFAULT_RETENTION_MS, openSqliteMessageBus, type SqliteMessageBusOptions } from './sqlite.js';
