// For tests of the proof: a store that holds its events as EventStoreDB's chunks do, as bytes of data and metadata with type, id, stream
// and place beside them, each of which a test may change. It reads them as EventStoreDB's client does: what is no JSON object with JSON
// metadata refuses the whole page. Decks come from the store the events were taken from.

import { EventStoreError, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { hashOfEvent, idOfHash, STREAM_PREFIX, type JsonObject } from '@tollkeeper/ledger';

export type Held = {
  stream: string;
  revision: number;
  position: bigint;
  id: string;
  type: string;
  data: Buffer;
  metadata: Buffer;
};

const EVENTS_PER_PAGE = 40;

export function heldOf(events: readonly RecordedEvent[]): Held[] {
  return events.map(({ data, metadata, ...event }) => {
    return { ...event, data: Buffer.from(JSON.stringify(data)), metadata: Buffer.from(JSON.stringify(metadata)) };
  });
}

export function heldStore(held: readonly Held[], rest: EventStore): EventStore {
  const inOrder = held.toSorted((left, right) => (left.position < right.position ? -1 : 1));
  const isLedger = (name: string): boolean => name.startsWith(STREAM_PREFIX);
  return {
    kind: 'held',
    maxAppendBytes: 0,
    append: () => Promise.reject(new Error('This store is only read.')),
    async *readStream(stream, options = {}) {
      if (!isLedger(stream)) return yield* rest.readStream(stream, options);
      const { fromRevision = 0, maxCount } = options;
      const own = held.filter((event) => event.stream === stream && event.revision >= fromRevision);
      yield* pagesOf(own.toSorted((left, right) => left.revision - right.revision).slice(0, maxCount));
    },
    async *readAll({ streamPrefix, after = -1n, maxCount }) {
      if (!isLedger(streamPrefix))
        return yield* rest.readAll({ streamPrefix, after, ...(maxCount === undefined ? {} : { maxCount }) });
      const wanted = inOrder.filter(({ stream, position }) => stream.startsWith(streamPrefix) && position > after);
      yield* pagesOf(wanted.slice(0, maxCount));
    },
    subscribe: (options) => rest.subscribe(options),
    ping: async () => undefined,
    close: async () => undefined,
  };
}

function* pagesOf(held: readonly Held[]): Generator<readonly RecordedEvent[]> {
  for (let from = 0; from < held.length; from += EVENTS_PER_PAGE) yield held.slice(from, from + EVENTS_PER_PAGE).map(read);
}

function read({ data, metadata, ...event }: Held): RecordedEvent {
  return { ...event, data: objectIn(data, event), metadata: objectIn(metadata, event) };
}

function objectIn(bytes: Buffer, { stream, revision, position }: Omit<Held, 'data' | 'metadata'>): JsonObject {
  const at = { stream, revision, position };
  const refused = (): EventStoreError => new EventStoreError('corrupt', `revision ${revision} of ${stream} is no JSON`, { at });
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw refused();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused();
  return value as JsonObject;
}

/** What somebody would leave who can write the store and knows the chain: every hash and id fits what stands there. */
export function rechained(events: readonly RecordedEvent[]): RecordedEvent[] {
  const heads = new Map<string, { readonly hash: string; readonly revision: number }>();
  return events.map((event) => {
    const head = heads.get(event.stream) ?? { hash: '0'.repeat(64), revision: -1 };
    const revision = head.revision + 1;
    const hash = hashOfEvent({ ...event, revision }, head.hash);
    heads.set(event.stream, { hash, revision });
    return { ...event, revision, id: idOfHash(hash), metadata: { hash, previousHash: head.hash } };
  });
}
