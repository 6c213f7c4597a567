// Port "event store", a question that many ask of it: a stream comes in; its last event goes out, read alone.

import type { EventStore, RecordedEvent } from './event-store.js';

/** Undefined when there is no such stream. */
export async function lastEvent(store: Pick<EventStore, 'readStream'>, stream: string): Promise<RecordedEvent | undefined> {
  for await (const [event] of store.readStream(stream, { backwards: true, maxCount: 1 })) return event;
  return undefined;
}
