// One member of a Kafka group: fetched batches come in from kafkajs, slices go to `handle`, offsets are committed behind it.
// A message comes twice after a failure, a rebalance or a death before the commit; it is never skipped. After a rebalance
// another member may have the partition already, so a batch says whether it is still owned.
import { type Batch as KafkaBatch, type Consumer as KafkaConsumer, type EachBatchPayload, type Kafka } from 'kafkajs';
import { backoffMs, pause } from './backoff.js';
import { toBusError } from './kafka-client.js';
import { toMessage } from './kafka-message.js';
import { type Batch, BusError, type ConsumeOptions, type Consumer } from './message-bus.js';
import { watchForStall } from './stall-watch.js';

/** A killed member idles its partitions for this long; a `handle` has to call `heartbeat` at least as often. */
const SESSION_TIMEOUT_MS = 8_000;
const HEARTBEAT_INTERVAL_MS = 2_000;
/** How long a rebalance waits for a member with a batch in hand. */
const REBALANCE_TIMEOUT_MS = 30_000;
/** Also how long stopping and resuming a paused partition can take, because kafkajs sleeps as long when all are paused. */
const FETCH_WAIT_MS = 250;
/**
 * Of all partitions of one broker together, and all of it is in memory until its batches are done. kafkajs asks for the
 * partitions in a random order each time (src/broker/index.js), so that none starves; a larger message passes all the same.
 */
const FETCH_BYTES = 4 * 1024 * 1024;
const PARTITIONS_SIDE_BY_SIDE = 16;
/** `consume` waits this long for the first fetch; joining a group after an unclean end takes up to the session timeout. */
const JOIN_WAIT_MS = 30_000;
const STOP_WAIT_MS = 30_000;
/** kafkajs takes a group without a coordinator for final, but a broker says so for a while after it has died and come back. */
const NO_COORDINATOR = 'KafkaJSGroupCoordinatorNotFound';

export type Assigned = Readonly<Record<string, readonly number[]>>;

export type Watch = {
  readonly stallAfterMs: number;
  /** Messages waiting in the partitions of this member; in all of them while it has not joined. */
  waiting(assigned: Assigned | undefined): Promise<bigint>;
};

/** What is true of the member now. */
type State = {
  readonly stopping: AbortController;
  readonly failures: Map<string, number>;
  readonly pauses: Set<NodeJS.Timeout>;
  /** Counts assignments: a batch of an earlier one may belong to another member. */
  generation: number;
  assigned: Assigned | undefined;
  /** When the broker last confirmed the membership, on the monotonic clock. */
  confirmedMs: number;
  /** Counts signs of life; the watchdog compares. */
  moves: number;
};

export function startKafkaConsumer(
  client: Kafka,
  options: ConsumeOptions,
  { stallAfterMs, waiting }: Watch,
): Consumer & { readonly joined: Promise<void> } {
  const state: State = {
    stopping: new AbortController(),
    failures: new Map(),
    pauses: new Set(),
    generation: 0,
    assigned: undefined,
    confirmedMs: 0,
    moves: 0,
  };
  const consumer = client.consumer({
    groupId: options.group,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_INTERVAL_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytes: FETCH_BYTES,
    allowAutoTopicCreation: false,
    retry: { restartOnFailure: async () => !state.stopping.signal.aborted },
  });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const joined = Promise.withResolvers<void>();
  listen(consumer, state, options, joined.resolve, failed.reject);
  const watch = watchForStall({
    afterMs: stallAfterMs,
    moves: () => state.moves,
    waiting: () => waiting(state.assigned),
    stalled: (count) => {
      const text = `Group "${options.group}" has ${count} messages waiting, and no batch moved for ${stallAfterMs} ms.`;
      failed.reject(new BusError('stalled', `${text} End the process and start it again.`));
    },
  });
  const started = startInBackground(consumer, state, options);
  return {
    failed: failed.promise,
    joined: Promise.race([joined.promise, pause(JOIN_WAIT_MS, state.stopping.signal)]),
    stop: async () => {
      state.stopping.abort();
      watch.stop();
      await Promise.race([started.then(() => consumer.disconnect()), pauseUnref(STOP_WAIT_MS)]).catch(() => undefined);
      for (const timer of state.pauses) clearTimeout(timer);
    },
  };
}

function listen(
  consumer: KafkaConsumer,
  state: State,
  options: ConsumeOptions,
  fetched: () => void,
  fail: (error: BusError) => void,
): void {
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    state.generation += 1;
    state.assigned = payload.memberAssignment;
    state.confirmedMs = performance.now();
  });
  consumer.on(consumer.events.HEARTBEAT, () => {
    state.confirmedMs = performance.now();
  });
  // Only the first fetch fixes where a `latest` group begins.
  consumer.on(consumer.events.FETCH, fetched);
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    state.generation += 1;
    state.assigned = undefined;
    if (state.stopping.signal.aborted) return;
    const error = toBusError(payload.error, `Consuming ${options.topics.join(', ')} as group "${options.group}"`);
    options.onError?.(error);
    if (payload.restart) return;
    if (payload.error.name === NO_COORDINATOR) {
      void pause(backoffMs(1), state.stopping.signal).then(() => startInBackground(consumer, state, options));
      return;
    }
    fail(
      new BusError('stalled', `${error.message} The Kafka client gave up; end the process and start it again.`, { cause: error }),
    );
  });
}

/** Until the broker answers; from then on kafkajs looks after the connection itself. */
async function startInBackground(consumer: KafkaConsumer, state: State, options: ConsumeOptions): Promise<void> {
  const { signal } = state.stopping;
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...options.topics], fromBeginning: options.from !== 'latest' });
      if (signal.aborted) return;
      return await consumer.run({
        eachBatch: (payload) => handleFetched(payload, state, options),
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_SIDE_BY_SIDE,
      });
    } catch (error) {
      options.onError?.(toBusError(error, `Joining group "${options.group}"`));
      await pause(backoffMs(failures), signal);
    }
  }
}

/** Cuts what was fetched from one partition into batches, one after the other. */
async function handleFetched(payload: EachBatchPayload, state: State, options: ConsumeOptions): Promise<void> {
  const { topic, partition, messages } = payload.batch;
  const place = `${partition} ${topic}`;
  const { signal } = state.stopping;
  const generation = state.generation;
  // A member that is stopping keeps its partitions until the batch in hand is done, although kafkajs runs no longer.
  const isCurrent = (): boolean =>
    state.generation === generation && !payload.isStale() && (payload.isRunning() || signal.aborted);
  for (let from = 0; from < messages.length; from += options.maxMessages) {
    if (!isCurrent() || signal.aborted) return;
    const slice = messages.slice(from, from + options.maxMessages);
    const { batch, lost } = toBatch(payload, slice, isCurrent, state);
    state.moves += 1;
    try {
      await options.handle(batch);
    } catch (error) {
      options.onError?.(error);
      // kafkajs has to see its own error, to join again.
      if (lost.error !== undefined) throw lost.error;
      return pausePartition(payload, state, place);
    }
    state.moves += 1;
    state.failures.delete(place);
    if (state.generation !== generation) return;
    payload.resolveOffset(slice.at(-1)?.offset ?? '');
    if (lost.error !== undefined) throw lost.error;
    // Behind the last slice kafkajs does both by itself.
    if (from + slice.length < messages.length) {
      await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
      await payload.heartbeat();
    }
  }
}

/** Nothing is resolved, so the same messages are fetched again; the other partitions and the membership go on. */
function pausePartition(payload: EachBatchPayload, state: State, place: string): void {
  const failures = (state.failures.get(place) ?? 0) + 1;
  state.failures.set(place, failures);
  const resume = payload.pause();
  const timer = setTimeout(() => {
    state.pauses.delete(timer);
    resume();
  }, backoffMs(failures));
  state.pauses.add(timer);
}

type Lost = { error: unknown };

function toBatch(
  payload: EachBatchPayload,
  messages: KafkaBatch['messages'],
  isCurrent: () => boolean,
  state: State,
): { batch: Batch; lost: Lost } {
  const { topic, partition } = payload.batch;
  const lost: Lost = { error: undefined };
  const mayWork = (): boolean => lost.error === undefined && isCurrent();
  // A process that stood still for longer than its session has been left behind, even if nobody has told it yet.
  const isOwned = (): boolean => mayWork() && performance.now() - state.confirmedMs < SESSION_TIMEOUT_MS;
  const heartbeat = async (): Promise<void> => {
    const doing = `The heartbeat for partition ${partition} of topic "${topic}"`;
    if (!mayWork()) throw new BusError('revoked', `${doing} came too late: the partition may belong to another member.`);
    try {
      await payload.heartbeat();
      state.moves += 1;
    } catch (error) {
      lost.error = error;
      throw toBusError(error, doing);
    }
  };
  const read = messages.map((message) => toMessage(topic, partition, message));
  return { batch: { topic, partition, messages: read, isOwned, heartbeat }, lost };
}

async function pauseUnref(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
}
