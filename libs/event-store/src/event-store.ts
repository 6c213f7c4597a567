// Port "event store": ordered, durable streams of events under optimistic concurrency; every adapter here obeys this page.

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue };

/** An event before it is stored. `id` is a UUID; the same id must always mean the same bytes. */
export type EventToAppend = {
  readonly id: string;
  /** Stored, versioned name such as `CallDebited.v1`. */
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
};

/** An event as the store holds it. */
export type RecordedEvent = EventToAppend & {
  readonly stream: string;
  /** Place in its stream; the first is 0. */
  readonly revision: number;
  /** Place in the whole store; rises from event to event, with gaps. */
  readonly position: bigint;
};

/** An event whose JSON is still the text that stands in the store. */
export type StoredText = Omit<RecordedEvent, 'data' | 'metadata'> & { readonly data: string; readonly metadata: string };

/** The expected revision of a stream that does not exist yet. */
export const NO_STREAM = -1;

export type AppendResult = {
  /** Revision of the last event appended. */
  readonly revision: number;
  /** Position of the last event appended. */
  readonly position: bigint;
};

export type ReadStreamOptions = {
  /** First revision to read: default 0, or the last one when reading backwards. */
  readonly fromRevision?: number;
  /** Most events to read; default: all. */
  readonly maxCount?: number;
  readonly backwards?: boolean;
};

export type ReadAllOptions = {
  /** Reads what stands after this position; default: from the beginning. */
  readonly after?: bigint;
  /** Only events of streams whose name begins so. Filtered by the store, not by the reader. */
  readonly streamPrefix: string;
  /** Most events to read; default: all there are at the time of the call. */
  readonly maxCount?: number;
};

export type SubscribeOptions = {
  readonly after?: bigint;
  readonly streamPrefix: string;
  /** Most events in one batch. */
  readonly maxBatch: number;
  /** Ends the subscription; the iteration then finishes without an error. */
  readonly signal: AbortSignal;
};

export type SubscriptionBatch = {
  /** In order of position; may be empty when only the position moved. */
  readonly events: readonly RecordedEvent[];
  /** Everything up to here has been delivered: the checkpoint to keep. */
  readonly position: bigint;
  /** True when nothing more was waiting at the time: the reader is live. */
  readonly caughtUp: boolean;
};

/**
 * `data` and `metadata` come back as JSON makes them: keys keep their order, except that JavaScript puts keys that look
 * like an index (`"7"`) first; integers beyond 2^53 travel as strings.
 *
 * For a failing world every method throws EventStoreError and nothing else. Pages and batches are arrays, never empty for reads,
 * so that a million events do not cost a million promises.
 */
export interface EventStore {
  /** `sqlite`, `memory` or `kurrentdb`: for logs and readiness. */
  readonly kind: string;
  /** Most bytes of `data` and `metadata` together in one append. */
  readonly maxAppendBytes: number;
  /**
   * Appends all events or none, durably, if the stream's last revision is `expectedRevision` (NO_STREAM: it must not exist).
   * Repeating an append whose events (same ids) already stand right after `expectedRevision` succeeds and writes nothing,
   * also when the stream has grown since. Anything else at that place: `wrong-expected-revision`. Ids are compared at that
   * place only: the same id elsewhere in the store is another event. Appends that do not wait for each other may be
   * taken in any order. No events, or an id that is not a lower-case UUID,
   * is a mistake of the caller and throws TypeError.
   */
  append(stream: string, expectedRevision: number, events: readonly EventToAppend[]): Promise<AppendResult>;
  /** Pages of one stream; a stream that does not exist has no pages. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<readonly RecordedEvent[]>;
  /** Pages of the whole store in order of position, then ends. */
  readAll(options: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]>;
  /**
   * As `readAll`, with nothing parsed and nothing refused: for whoever proves that what stands there is what was written. Left out
   * where the store's client keeps the text to itself.
   */
  readAllText?(options: ReadAllOptions): AsyncIterable<readonly StoredText[]>;
  /** First what is there, then what comes, until the signal; reconnects by itself after an outage, from where it was. */
  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch>;
  /** Resolves when the store answers; for readiness. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export const EVENT_STORE_ERROR_CODES = [
  'wrong-expected-revision', // somebody else wrote first: read on, decide again
  'too-large', // one append is over maxAppendBytes
  'unavailable', // certainly not written; try again later
  'ambiguous', // perhaps written: drop what is cached, read the tail, decide again
  'clock-skew', // the server refused the deadline: this machine's clock is behind the server's
  'disk-full', // certainly not written; free space, then try again
  'corrupt', // the store holds something that cannot be read
  'closed', // this client was closed
] as const;
export type EventStoreErrorCode = (typeof EVENT_STORE_ERROR_CODES)[number];

const RETRYABLE: ReadonlySet<EventStoreErrorCode> = new Set([
  'wrong-expected-revision',
  'unavailable',
  'ambiguous',
  'clock-skew',
  'disk-full',
]);

/** Which event, for whoever wants to read on behind it. */
export type EventPlace = Pick<RecordedEvent, 'stream' | 'revision' | 'position'>;

export class EventStoreError extends Error {
  readonly retryable: boolean;
  /** Of the one event that cannot be read, with `corrupt`; undefined when more than that is broken. */
  readonly at: EventPlace | undefined;
  constructor(
    readonly code: EventStoreErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly at?: EventPlace },
  ) {
    super(message, options);
    this.name = 'EventStoreError';
    this.retryable = RETRYABLE.has(code);
    this.at = options?.at;
  }
}
