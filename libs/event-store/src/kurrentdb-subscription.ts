// The live half of the KurrentDB event store: a filtered subscription to $all comes in event by event, batches go out.
//
// The server sends events, checkpoints (nothing of the prefix up to here) and "caught up" in one order. Checkpoints and
// "caught up" are put into the same queue as the events, so that no position is reported before the events below it.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { START, streamNameFilter, type AllStreamSubscription, type KurrentDBClient } from '@kurrent/kurrentdb-client';
import { backOff, within } from './backoff.js';
import type { RecordedEvent, SubscribeOptions, SubscriptionBatch } from './event-store.js';
import { isServerRefusal, readError } from './kurrentdb-errors.js';
import { toRecordedEvent } from './kurrentdb-events.js';

const FIRST_BACK_OFF_MS = 100;
const MOST_BACK_OFF_MS = 10_000;
/** Events and checkpoints that may wait here for the reader; beyond, the server is asked to wait. */
const MOST_BUFFERED = 2048;
/** Of other prefixes: after this many the server tells the position. Its default of 32 makes a reader busy with checkpoints. */
const EVENTS_PER_CHECKPOINT = 500;
/** Servers before 23.10 do not say when a reader has caught up; after this silence they are asked where the last event is. */
const PROBE_AFTER_SILENCE_MS = 500;
const PROBE_TIMEOUT_MS = 10_000;
/** What a server without any event names as the position reached: its -1, sent as unsigned. No event ever comes after it. */
const BEFORE_THE_FIRST_EVENT = 2n ** 64n - 1n;

export type Reconnection = { readonly attempt: number; readonly error: Error };

export type SubscriptionSource = {
  /** The one to connect with now. */
  readonly client: () => KurrentDBClient;
  /** Position of the last event of the prefix, asked with one small read. */
  readonly lastPosition: (streamPrefix: string) => Promise<bigint>;
  readonly closed: AbortSignal;
  readonly onReconnect: (reconnection: Reconnection) => void;
};

export async function* subscribe(source: SubscriptionSource, options: SubscribeOptions): AsyncGenerator<SubscriptionBatch> {
  const signal = AbortSignal.any([options.signal, source.closed]);
  let position = options.after ?? 0n;
  let attempt = 0;
  while (!signal.aborted) {
    const connection = new Connection(source, options, position, signal);
    try {
      for await (const batch of connection.batches()) {
        attempt = 0;
        position = batch.position;
        yield batch;
        if (signal.aborted) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      const failure = readError(error, `Cannot follow the streams ${options.streamPrefix}*`);
      if (isServerRefusal(error)) throw failure;
      source.onReconnect({ attempt, error: failure });
    } finally {
      connection.end();
    }
    if (!signal.aborted) await backOff(attempt++, FIRST_BACK_OFF_MS, MOST_BACK_OFF_MS, signal);
  }
}

type Checkpoint = { readonly checkpoint: bigint };
type CaughtUp = { readonly caughtUp: boolean };
type Item = Checkpoint | CaughtUp | Parameters<typeof toRecordedEvent>[0];

/** One connection, until it breaks. */
class Connection {
  readonly #source: SubscriptionSource;
  readonly #options: SubscribeOptions;
  readonly #signal: AbortSignal;
  readonly #subscription: AllStreamSubscription;
  #position: bigint;
  #live = false;
  #ended = false;
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(source: SubscriptionSource, options: SubscribeOptions, after: bigint, signal: AbortSignal) {
    this.#source = source;
    this.#options = options;
    this.#signal = signal;
    this.#position = after;
    const filter = streamNameFilter({
      prefixes: [options.streamPrefix],
      maxSearchWindow: EVENTS_PER_CHECKPOINT,
      checkpointReached: (_, { commit }) => {
        if (commit !== BEFORE_THE_FIRST_EVENT) this.#enqueue({ checkpoint: commit });
      },
    });
    this.#subscription = source
      .client()
      .subscribeToAll(
        { fromPosition: after === 0n ? START : { commit: after, prepare: after }, filter },
        { highWaterMark: MOST_BUFFERED },
      );
    this.#listen();
  }

  async *batches(): AsyncGenerator<SubscriptionBatch> {
    let reported: SubscriptionBatch = { events: [], position: this.#position, caughtUp: false };
    while (!this.#signal.aborted) {
      const events = this.#drain();
      const caughtUp = this.#live && this.#subscription.readableLength === 0;
      if (this.#position > reported.position || (caughtUp && !reported.caughtUp)) {
        reported = { events, position: this.#position, caughtUp };
        yield reported;
      } else if (this.#error !== undefined) {
        throw this.#error;
      } else if (this.#ended) {
        throw new Error('the server ended the subscription');
      } else {
        await this.#news();
      }
    }
  }

  end(): void {
    this.#ended = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#subscription.unsubscribe().catch(() => undefined);
  }

  readonly #onAbort = (): void => this.#wake();

  #listen(): void {
    const wake = (): void => this.#wake();
    const onEnd = (): void => {
      this.#ended = true;
      this.#wake();
    };
    this.#subscription.on('readable', wake).on('end', onEnd).on('close', onEnd);
    this.#subscription.on('error', (error) => {
      this.#error ??= error;
      this.#wake();
    });
    this.#subscription.on('caughtUp', () => this.#enqueue({ caughtUp: true }));
    this.#subscription.on('fellBehind', () => this.#enqueue({ caughtUp: false }));
    this.#signal.addEventListener('abort', this.#onAbort);
  }

  #enqueue(item: Item): void {
    if (!this.#ended) this.#subscription.push(item);
  }

  #drain(): readonly RecordedEvent[] {
    const events: RecordedEvent[] = [];
    while (events.length < this.#options.maxBatch) {
      const item = this.#subscription.read() as Item | null;
      if (item === null) break;
      if ('checkpoint' in item) this.#moveTo(item.checkpoint);
      else if ('caughtUp' in item) this.#live = item.caughtUp;
      else {
        const event = toRecordedEvent(item);
        if (event !== undefined) events.push(event);
        this.#moveTo(event?.position ?? item.commitPosition ?? 0n);
      }
    }
    return events;
  }

  #moveTo(position: bigint): void {
    if (position > this.#position) this.#position = position;
  }

  /** Resolves when there is something to read, or after a silence in which the reader turned out to have caught up. */
  async #news(): Promise<void> {
    let silence: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (!this.#live) silence = setTimeout(resolve, PROBE_AFTER_SILENCE_MS);
      if (this.#subscription.readableLength > 0 || this.#ended || this.#signal.aborted) resolve();
    });
    clearTimeout(silence);
    // Events come one by one; a turn later all that arrived together are here, and make one batch.
    await nextTurn();
    const silent = this.#subscription.readableLength === 0 && !this.#ended && this.#error === undefined;
    if (!this.#live && silent && !this.#signal.aborted) await this.#probe();
  }

  async #probe(): Promise<void> {
    const last = await within(
      PROBE_TIMEOUT_MS,
      'Asking for the last event',
      this.#source.lastPosition(this.#options.streamPrefix),
    );
    if (last <= this.#position) this.#enqueue({ caughtUp: true });
  }
}
