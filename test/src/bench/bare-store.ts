// Bench, the event store of the baselines: prebuilt events come in by the client itself, without our adapter unless that is asked for.
//
// There is no client for SQLite but our own store, so where the events stand in SQLite the baselines use that.

import { randomUUID } from 'node:crypto';
import { jsonEvent, KurrentDBClient, NO_STREAM, START, streamNameFilter } from '@kurrent/kurrentdb-client';
import { openEventStore, type EventToAppend } from '@tollkeeper/event-store';

export type Prebuilt = Omit<EventToAppend, 'id'>;

export type BareStore = {
  /** One append at the expected revision, which is where the last one to that stream ended. */
  append(stream: string, events: readonly EventToAppend[]): Promise<void>;
  /** Events after that position in the streams of that prefix, told of as they are read. */
  readAll(streamPrefix: string, after: bigint, onEvents: (count: number) => void): Promise<void>;
  close(): Promise<void>;
};

/** @param adapter appends by our adapter all the same, which spares the client some of its work. */
export function openBareStore(url: string, adapter = false): BareStore {
  return adapter || url.startsWith('sqlite:') ? ownStore(url) : bareClient(url);
}

/** Ids are made when the events are, outside of what is measured in none of the programs. */
export function eventsLike({ type, data, metadata }: Prebuilt, count: number): readonly EventToAppend[] {
  return Array.from({ length: count }, () => ({ id: randomUUID(), type, data, metadata }));
}

function bareClient(url: string): BareStore {
  const client = KurrentDBClient.connectionString(url);
  const revisions = new Map<string, bigint>();
  return {
    async append(stream, events) {
      const streamState = revisions.get(stream) ?? NO_STREAM;
      const { nextExpectedRevision } = await client.appendToStream(
        stream,
        events.map((event) => jsonEvent(event)),
        { streamState },
      );
      revisions.set(stream, nextExpectedRevision);
    },
    async readAll(streamPrefix, after, onEvents) {
      const filter = streamNameFilter({ prefixes: [streamPrefix] });
      const fromPosition = after === 0n ? START : { commit: after, prepare: after };
      for await (const { event } of client.readAll({ fromPosition, filter })) if (event) onEvents(1);
    },
    close: () => client.dispose(),
  };
}

function ownStore(url: string): BareStore {
  const store = openEventStore(url);
  const revisions = new Map<string, number>();
  return {
    async append(stream, events) {
      const { revision } = await store.append(stream, revisions.get(stream) ?? -1, events);
      revisions.set(stream, revision);
    },
    async readAll(streamPrefix, after, onEvents) {
      for await (const page of store.readAll({ streamPrefix, after })) onEvents(page.length);
    },
    close: () => store.close(),
  };
}
