// Event store on KurrentDB or EventStoreDB (22.10 and later): appends come in, streams stand on the server, pages and batches go out.
//
// What the server does and does not promise is written where it matters: kurrentdb-appends.ts (lost answers),
// kurrentdb-events.ts (positions), kurrentdb-subscription.ts (order of events and checkpoints).

import {
  BACKWARDS,
  END,
  FORWARDS,
  KurrentDBClient,
  START,
  StreamNotFoundError,
  streamNameFilter,
} from '@kurrent/kurrentdb-client';
import { backOff, within } from './backoff.js';
import {
  EventStoreError,
  type AppendResult,
  type EventStore,
  type EventToAppend,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionBatch,
} from './event-store.js';
import { KurrentDbAppends } from './kurrentdb-appends.js';
import { isServerRefusal, readError } from './kurrentdb-errors.js';
import { toRecordedEvent } from './kurrentdb-events.js';
import { subscribe, type Reconnection } from './kurrentdb-subscription.js';
import { MAX_APPEND_BYTES, PAGE_EVENTS, storeClosed, toStoredForm } from './stored-form.js';

export type KurrentDbEventStoreOptions = {
  /** Told each time a subscription lost its connection and is about to make another; for logs and metrics. */
  readonly onReconnect?: (reconnection: Reconnection) => void;
};

/** Credentials belong into the connection string: with credentials per call the client takes a slower way to append. */
export function openKurrentDbEventStore(connectionString: string, options: KurrentDbEventStoreOptions = {}): EventStore {
  return new KurrentDbEventStore(connectionString, options);
}

const PAGE_TIMEOUT_MS = 30_000;
const PING_TIMEOUT_MS = 5000;
const MAX_READ_ATTEMPTS = 4;
const FIRST_BACK_OFF_MS = 100;
const MOST_BACK_OFF_MS = 2000;

type Page = AsyncIterable<Parameters<typeof toRecordedEvent>[0]>;

class KurrentDbEventStore implements EventStore {
  readonly kind = 'kurrentdb';
  readonly maxAppendBytes = MAX_APPEND_BYTES;
  readonly #connectionString: string;
  #client: KurrentDBClient;
  /** A read has come back from this client. */
  #hasAnswered = false;
  readonly #appends: KurrentDbAppends;
  readonly #onReconnect: (reconnection: Reconnection) => void;
  readonly #closed = new AbortController();

  constructor(connectionString: string, { onReconnect = () => undefined }: KurrentDbEventStoreOptions) {
    // The client writes a warning to the console for the product's former scheme, which means the same.
    const current = connectionString.replace(/^esdb(?=:|\+)/, 'kurrentdb');
    this.#connectionString = current;
    this.#client = KurrentDBClient.connectionString(current);
    this.#appends = new KurrentDbAppends(current);
    this.#onReconnect = onReconnect;
  }

  async append(stream: string, expected: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    this.#assertOpen();
    const ids = toStoredForm(stream, events).map(({ id }) => id);
    return this.#appends.append(stream, expected, events, () => this.#standing(stream, expected, ids));
  }

  async *readStream(stream: string, options: ReadStreamOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    const { backwards = false, maxCount = Number.POSITIVE_INFINITY } = options;
    const direction = backwards ? BACKWARDS : FORWARDS;
    let next = options.fromRevision;
    let left = maxCount;
    while (left > 0) {
      const asked = Math.min(PAGE_EVENTS, left);
      const fromRevision = next === undefined ? (backwards ? END : START) : BigInt(next);
      const page = await this.#page(`Cannot read ${stream}`, (client) =>
        client.readStream(stream, { direction, fromRevision, maxCount: asked }),
      );
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      left -= page.length;
      next = last.revision + (backwards ? -1 : 1);
      if (page.length < asked || next < 0) return;
    }
  }

  async *readAll({
    after = 0n,
    streamPrefix,
    maxCount = Number.POSITIVE_INFINITY,
  }: ReadAllOptions): AsyncGenerator<readonly RecordedEvent[]> {
    const upTo = await this.#lastPosition();
    let position = after;
    let left = maxCount;
    while (position < upTo && left > 0) {
      // A read begins at the position itself, so the event that stands there comes once more and is dropped.
      const asked = Math.min(PAGE_EVENTS, left) + (position > 0n ? 1 : 0);
      const fromPosition = position === 0n ? START : { commit: position, prepare: position };
      const page = await this.#page(
        `Cannot read the streams ${streamPrefix}*`,
        (client) => client.readAll({ fromPosition, maxCount: asked, filter: streamNameFilter({ prefixes: [streamPrefix] }) }),
        position,
      );
      const events = page.filter((event) => event.position > position && event.position <= upTo).slice(0, left);
      const last = events.at(-1);
      if (last === undefined) return;
      yield events;
      if (page.length < asked) return;
      left -= events.length;
      position = last.position;
    }
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<SubscriptionBatch> {
    this.#assertOpen();
    const source = {
      client: () => this.#client,
      lastPosition: (prefix: string) => this.#lastPosition(prefix),
      closed: this.#closed.signal,
      onReconnect: this.#onReconnect,
    };
    yield* subscribe(source, options);
    if (!options.signal.aborted) this.#assertOpen();
  }

  async ping(): Promise<void> {
    this.#assertOpen();
    try {
      const end = { direction: BACKWARDS, fromPosition: END, maxCount: 1 } as const;
      await this.#ask(PING_TIMEOUT_MS, 'The answer', (client) => collect(client.readAll(end)));
    } catch (error) {
      throw readError(error, 'The event store does not answer');
    }
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    await Promise.all([this.#appends.close(), this.#client.dispose()]);
  }

  async #lastPosition(streamPrefix = ''): Promise<bigint> {
    const filter = streamPrefix === '' ? {} : { filter: streamNameFilter({ prefixes: [streamPrefix] }) };
    const last = await this.#attempt('Cannot read the end of the store', async (client) => {
      for await (const { commitPosition, event } of client.readAll({
        direction: BACKWARDS,
        fromPosition: END,
        maxCount: 1,
        ...filter,
      })) {
        return event?.position.commit ?? commitPosition ?? 0n;
      }
      return 0n;
    });
    return last;
  }

  async #standing(stream: string, expected: number, ids: readonly string[]): Promise<AppendResult | undefined> {
    const doing = `Cannot read ${stream} to see what stands after revision ${expected}`;
    const page = await this.#page(doing, (client) =>
      client.readStream(stream, { fromRevision: BigInt(expected + 1), maxCount: ids.length }),
    );
    const last = page.at(-1);
    const stands = page.length === ids.length && page.every(({ id }, i) => id === ids[i]);
    return stands && last !== undefined ? { revision: last.revision, position: last.position } : undefined;
  }

  #page(doing: string, read: (client: KurrentDBClient) => Page, readAlready?: bigint): Promise<readonly RecordedEvent[]> {
    return this.#attempt(doing, (client) => collect(read(client), readAlready));
  }

  /** A read changes nothing, so a page whose connection broke is simply read again. */
  async #attempt<T>(doing: string, read: (client: KurrentDBClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      this.#assertOpen();
      try {
        return await this.#ask(PAGE_TIMEOUT_MS, 'The page', read);
      } catch (error) {
        if (attempt === MAX_READ_ATTEMPTS || error instanceof EventStoreError || isServerRefusal(error)) {
          throw readError(error, doing);
        }
        await backOff(attempt, FIRST_BACK_OFF_MS, MOST_BACK_OFF_MS, this.#closed.signal);
      }
    }
  }

  /**
   * The client's reads recover from an outage by themselves, unless the server was away at the first one: then they fail for
   * ever (1.3.1), also with the server back. So a client is replaced as long as it has never answered.
   */
  async #ask<T>(limitMs: number, what: string, read: (client: KurrentDBClient) => Promise<T>): Promise<T> {
    const client = this.#client;
    try {
      const answer = await within(limitMs, what, read(client));
      if (client === this.#client) this.#hasAnswered = true;
      return answer;
    } catch (error) {
      if (!this.#hasAnswered && client === this.#client && !this.#closed.signal.aborted && !isServerRefusal(error)) {
        this.#client = KurrentDBClient.connectionString(this.#connectionString);
        client.dispose().catch(() => undefined);
      }
      throw error;
    }
  }

  #assertOpen(): void {
    if (this.#closed.signal.aborted) throw storeClosed();
  }
}

async function collect(page: Page, readAlready?: bigint): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  try {
    for await (const resolved of page) {
      const event = toRecordedEvent(resolved, readAlready);
      if (event !== undefined) events.push(event);
    }
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  return events;
}
