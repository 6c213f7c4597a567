// Port "message bus", before and after every worker: bytes with a key come in, batches of one partition go out to groups.
// Delivery is at least once: a publish or a batch that failed half-way comes again, so readers must know what they have done.

export type MessageHeaders = Readonly<Record<string, string>>;

export type MessageToPublish = {
  /** Decides the partition; null spreads. */
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: MessageHeaders;
};

export type Message = {
  readonly topic: string;
  readonly partition: number;
  /** Place in its partition. */
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: MessageHeaders;
  /** When the broker or the publisher stamped it, milliseconds since 1970. */
  readonly timestampMs: number;
};

export type Batch = {
  readonly topic: string;
  readonly partition: number;
  /** Never empty, in order of offset. */
  readonly messages: readonly Message[];
  /** False once this partition may belong to another member of the group: stop, write nothing more. */
  isOwned(): boolean;
  /** Tells the broker that work goes on; throws BusError `revoked` when the partition is gone. Call it between chunks. */
  heartbeat(): Promise<void>;
};

export type ConsumeOptions = {
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * Resolving commits the whole batch; throwing commits nothing, and the same messages come again (with newer ones behind
   * them, if there are any) after a pause that grows, with jitter, to a bound. Batches of different partitions run side by
   * side, those of one partition never. Kafka fetches anew only when every batch of the last fetch is done, so a slow
   * partition delays the others; a failing one does not.
   */
  handle(batch: Batch): Promise<void>;
  /** Most messages in a batch. */
  readonly maxMessages: number;
  /**
   * Where a group without a committed offset begins; default `earliest`. In Kafka, a `latest` group that has never
   * committed has no place: what is published while it has no consumer is not for it.
   */
  readonly from?: 'earliest' | 'latest';
  /** Told of every failure of `handle` or of the connection, for logs and readiness. It must not throw. */
  onError?(error: unknown): void;
};

export interface Consumer {
  /** Waits for the batches in hand, commits them, leaves the group. */
  stop(): Promise<void>;
  /**
   * Rejects with `stalled` if the consumer can't go on by itself: it crashed without restart, or no batch moved while there
   * was lag. End the process then. A rejection that nobody awaits is not reported by Node.
   */
  readonly failed: Promise<never>;
}

/** Kafka's own default for `max.message.bytes`. */
export const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;

export type TopicSpec = {
  readonly name: string;
  readonly partitions: number;
  /** Bound on key, value and headers of one message; default 1,048,588. */
  readonly maxMessageBytes?: number;
  /** How long messages are kept; Infinity for ever (dead letters); default 7 days, or what the broker is set to. */
  readonly retentionMs?: number;
};
export type TopicDescription = {
  readonly name: string;
  readonly partitions: number;
  readonly maxMessageBytes: number;
  /** Infinity: for ever. */
  readonly retentionMs: number;
};
/** What a partition keeps: from its oldest message to before the one that comes next; equal where it keeps none. */
export type PartitionOffsets = { readonly partition: number; readonly first: bigint; readonly next: bigint };

/** Every method throws BusError and nothing else. */
export interface MessageBus {
  readonly kind: string;
  /** Resolves when every message is acknowledged; order is kept per key. Some may be written when it throws: publish again. */
  publish(topic: string, messages: readonly MessageToPublish[]): Promise<void>;
  /**
   * Consumers of one group share the partitions: in Kafka across processes, in the embedded engines within the process that
   * owns the folder. With Kafka out of reach it resolves all the same and joins when the broker answers.
   */
  consume(options: ConsumeOptions): Promise<Consumer>;
  /** Messages kept and not yet committed by the group, over all partitions of the topics; all of them for an unknown group. */
  lag(group: string, topics: readonly string[]): Promise<bigint>;
  /**
   * What a partition still keeps from that offset on, in order, without a group: nothing is committed and nothing is left
   * behind. Empty past the end. Where the retention has removed `fromOffset`, it begins with what comes first after it, so
   * compare offsets. At least one message where there is one, at most `maxCount`, and fewer where they are large.
   */
  read(topic: string, partition: number, fromOffset: bigint, maxCount: number): Promise<readonly Message[]>;
  /** By partition, in their order. */
  offsets(topic: string): Promise<readonly PartitionOffsets[]>;
  /** Makes the topics that are missing; leaves those that exist as they are. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Undefined for a topic that does not exist. */
  describeTopic(name: string): Promise<TopicDescription | undefined>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export const BUS_ERROR_CODES = [
  'unavailable',
  'revoked',
  'too-large',
  'unknown-topic',
  'disk-full',
  'stalled',
  'closed',
] as const;
export type BusErrorCode = (typeof BUS_ERROR_CODES)[number];

export class BusError extends Error {
  readonly retryable: boolean;
  constructor(
    readonly code: BusErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = 'BusError';
    this.retryable = code !== 'too-large' && code !== 'closed';
  }
}
