// Proof's way through the ledger: an event store comes in; every event of the tenants' streams goes out once, as it stands there,
// also those around an event that cannot be read.

import { EventStoreError, type EventPlace, type EventStore, type RecordedEvent, type StoredText } from '@tollkeeper/event-store';
import { STREAM_PREFIX, streamOf, tenantOf, type JsonObject } from '@tollkeeper/ledger';

/** An event as it stands in the store. Nothing of it is trusted: not its type, not what its JSON holds. */
export class SeenEvent {
  readonly tenant: string;
  #data: JsonObject | undefined;
  #metadata: JsonObject | undefined;

  constructor(
    readonly stored: Omit<RecordedEvent, 'data' | 'metadata'>,
    /** What stands in the store to the byte; undefined where the store's client gives parsed JSON only. */
    readonly text: { readonly data: string; readonly metadata: string } | undefined,
    parsed: { readonly data: JsonObject; readonly metadata: JsonObject } | undefined,
  ) {
    this.tenant = tenantOf(stored.stream);
    this.#data = parsed?.data;
    this.#metadata = parsed?.metadata;
  }

  /** Empty when it cannot be read; parsed when somebody asks for it. */
  get data(): JsonObject {
    return (this.#data ??= objectIn(this.text?.data));
  }

  /** Whether what stands there is an object at all. */
  get isReadable(): boolean {
    return this.text === undefined || this.data !== NOTHING;
  }

  get metadata(): JsonObject {
    return (this.#metadata ??= objectIn(this.text?.metadata));
  }

  get recorded(): RecordedEvent {
    return { ...this.stored, data: this.data, metadata: this.metadata };
  }
}

const NOTHING: JsonObject = {};

function objectIn(text: string | undefined): JsonObject {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : NOTHING;
  } catch {
    return NOTHING;
  }
}

export type Unreadable = { readonly at: EventPlace; readonly reason: string };

/** In order of position; of one tenant in order of its stream. What cannot be read is told, and the reading goes on behind it. */
export async function* ledgerPages(
  store: EventStore,
  tenant: string | undefined,
  onUnreadable: (event: Unreadable) => void,
): AsyncGenerator<readonly SeenEvent[]> {
  if (tenant === undefined && store.readAllText !== undefined) {
    for await (const page of store.readAllText({ streamPrefix: STREAM_PREFIX })) yield page.map(ofText);
    return;
  }
  const read = tenant === undefined ? allFrom(store) : streamFrom(store, streamOf(tenant));
  let next: Next = { after: 0n, fromRevision: 0 };
  let one = false;
  for (;;) {
    try {
      let isEmpty = true;
      for await (const page of read(next, one ? 1 : undefined)) {
        isEmpty = false;
        const last = page.at(-1);
        if (last !== undefined) next = { after: last.position, fromRevision: last.revision + 1 };
        yield page.map(ofParsed);
      }
      if (!one || isEmpty) return;
    } catch (error) {
      const at = error instanceof EventStoreError ? error.at : undefined;
      if (at === undefined) throw error;
      // A page is refused whole. Its events are read one by one, up to the one that is refused by itself.
      if (one) {
        onUnreadable({ at, reason: (error as Error).message });
        next = { after: at.position, fromRevision: at.revision + 1 };
      }
      one = !one;
    }
  }
}

type Next = { readonly after: bigint; readonly fromRevision: number };
type Read = (next: Next, maxCount: number | undefined) => AsyncIterable<readonly RecordedEvent[]>;

function allFrom(store: EventStore): Read {
  return ({ after }, maxCount) =>
    store.readAll({ streamPrefix: STREAM_PREFIX, after, ...(maxCount === undefined ? {} : { maxCount }) });
}

function streamFrom(store: EventStore, stream: string): Read {
  return ({ fromRevision }, maxCount) =>
    store.readStream(stream, { fromRevision, ...(maxCount === undefined ? {} : { maxCount }) });
}

function ofText({ data, metadata, ...stored }: StoredText): SeenEvent {
  return new SeenEvent(stored, { data, metadata }, undefined);
}

function ofParsed({ data, metadata, ...stored }: RecordedEvent): SeenEvent {
  return new SeenEvent(stored, undefined, { data, metadata });
}
