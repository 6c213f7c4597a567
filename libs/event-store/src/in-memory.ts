// Event store in this process's memory, for tests and simulations: appends come in, the same promises as on disk go out.

import {
  NO_STREAM,
  type AppendResult,
  type EventStore,
  type EventToAppend,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StoredText,
  type SubscribeOptions,
  type SubscriptionBatch,
} from './event-store.js';
import { readLocalLog, readLocalLogText, subscribeToLocalLog, Waiters, type LocalLog, type Scan } from './local-log.js';
import {
  MAX_APPEND_BYTES,
  PAGE_EVENTS,
  storeClosed,
  toRecordedEvent,
  toStoredForm,
  wrongExpectedRevision,
  type StoredForm,
} from './stored-form.js';

export function inMemoryEventStore(): EventStore {
  return new InMemoryEventStore();
}

type Row = StoredForm & { readonly stream: string; readonly revision: number; readonly position: bigint };

const SCAN_ROWS = 10_000;

class InMemoryEventStore implements EventStore, LocalLog {
  readonly kind = 'memory';
  readonly maxAppendBytes = MAX_APPEND_BYTES;
  /** The row at index i has position i + 1. JSON text, not objects: no reader can change what another one reads. */
  readonly #rows: Row[] = [];
  readonly #streams = new Map<string, Row[]>();
  readonly #waiters = new Waiters();
  #closed = false;

  async append(stream: string, expected: number, events: readonly EventToAppend[]): Promise<AppendResult> {
    this.#assertOpen();
    const stored = toStoredForm(stream, events);
    const rows = this.#streams.get(stream) ?? [];
    const head = rows.length - 1;
    if (expected !== head) {
      const standing = expected < head ? rows.slice(expected + 1, expected + 1 + stored.length) : [];
      const isRepeat = standing.length === stored.length && standing.every((row, i) => row.id === stored[i]?.id);
      const last = standing.at(-1);
      if (!isRepeat || last === undefined) throw wrongExpectedRevision(stream, expected, head);
      return { revision: last.revision, position: last.position };
    }
    for (const form of stored) {
      const row = { ...form, stream, revision: rows.length, position: BigInt(this.#rows.length + 1) };
      rows.push(row);
      this.#rows.push(row);
    }
    this.#streams.set(stream, rows);
    this.#waiters.wakeAll();
    return { revision: rows.length - 1, position: this.head() };
  }

  async *readStream(stream: string, options: ReadStreamOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    this.#assertOpen();
    const { backwards = false, maxCount = Number.POSITIVE_INFINITY } = options;
    const rows = this.#streams.get(stream) ?? [];
    const head = rows.length - 1;
    let next = backwards ? Math.min(options.fromRevision ?? head, head) : (options.fromRevision ?? 0);
    let left = maxCount;
    while (left > 0 && next > NO_STREAM && next < rows.length) {
      const count = Math.min(PAGE_EVENTS, left);
      const page = backwards ? rows.slice(Math.max(0, next + 1 - count), next + 1).toReversed() : rows.slice(next, next + count);
      next += backwards ? -page.length : page.length;
      left -= page.length;
      yield page.map(toEvent);
      this.#assertOpen();
    }
  }

  readAll(options: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]> {
    return readLocalLog(this, options);
  }

  readAllText(options: ReadAllOptions): AsyncIterable<readonly StoredText[]> {
    return readLocalLogText(this, options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    return subscribeToLocalLog(this, this.#waiters, options);
  }

  head(): bigint {
    this.#assertOpen();
    return BigInt(this.#rows.length);
  }

  scan(after: bigint, upTo: bigint, streamPrefix: string, maxCount: number): Scan {
    const { events, position } = this.scanText(after, upTo, streamPrefix, maxCount);
    return { events: events.map(toEvent), position };
  }

  scanText(after: bigint, upTo: bigint, streamPrefix: string, maxCount: number): Scan<StoredText> {
    this.#assertOpen();
    const end = Math.min(Number(upTo), Number(after) + SCAN_ROWS);
    const events: StoredText[] = [];
    let index = Number(after);
    for (; index < end && events.length < maxCount; index++) {
      const row = this.#rows[index];
      if (row?.stream.startsWith(streamPrefix)) events.push(row);
    }
    return { events, position: BigInt(index) };
  }

  async ping(): Promise<void> {
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.wakeAll();
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosed();
  }
}

function toEvent(row: StoredText): RecordedEvent {
  return toRecordedEvent(row, row.stream, row.revision, row.position);
}
