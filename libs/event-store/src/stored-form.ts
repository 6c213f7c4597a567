// Between the port and every adapter: events to append come in, their stored text goes out, checked and weighed;
// stored text comes in, recorded events go out.

import { EventStoreError, type EventPlace, type EventToAppend, type JsonObject, type RecordedEvent } from './event-store.js';

/** An event with its JSON written out. Written once, when `append` is called, so that a later change of the object is not stored. */
export type StoredForm = {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
};

/** KurrentDB refuses more than 1 MiB in one append; what is left of it pays for names, ids and framing. */
export const MAX_APPEND_BYTES = 768 * 1024;

/** Events in one page of a read: large enough to make a page's cost vanish, small enough not to hold up the process. */
export const PAGE_EVENTS = 1000;

// Lower case only: KurrentDB gives ids back in lower case, and a repeat is told by comparing text.
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function toStoredForm(stream: string, events: readonly EventToAppend[]): readonly StoredForm[] {
  if (events.length === 0) throw new TypeError(`An append to ${stream} needs at least one event.`);
  let bytes = 0;
  const stored = events.map(({ id, type, data, metadata }) => {
    if (!UUID.test(id)) throw new TypeError(`Event id "${id}" for ${stream} is not a lower-case UUID.`);
    const form = { id, type, data: JSON.stringify(data), metadata: JSON.stringify(metadata) };
    bytes += Buffer.byteLength(form.data) + Buffer.byteLength(form.metadata);
    return form;
  });
  if (bytes > MAX_APPEND_BYTES) {
    throw new EventStoreError(
      'too-large',
      `The append of ${events.length} events to ${stream} has ${bytes} bytes; at most ${MAX_APPEND_BYTES} are taken. Split it.`,
    );
  }
  return stored;
}

export function toRecordedEvent(form: StoredForm, stream: string, revision: number, position: bigint): RecordedEvent {
  try {
    const data = JSON.parse(form.data) as JsonObject;
    const metadata = JSON.parse(form.metadata) as JsonObject;
    return { id: form.id, type: form.type, data, metadata, stream, revision, position };
  } catch (cause) {
    throw unreadableEvent({ stream, revision, position }, cause);
  }
}

export function unreadableEvent(at: EventPlace, cause?: unknown): EventStoreError {
  return new EventStoreError(
    'corrupt',
    `The event at revision ${at.revision} of ${at.stream} is not a JSON object with JSON metadata. Restore the store from a backup.`,
    { cause, at },
  );
}

export function wrongExpectedRevision(stream: string, expected: number, actual: number | undefined): EventStoreError {
  const stands = actual === undefined ? 'has moved on' : actual < 0 ? 'does not exist' : `stands at revision ${actual}`;
  return new EventStoreError(
    'wrong-expected-revision',
    `Stream ${stream} ${stands}, but the append expected revision ${expected}. Read on from there and decide again.`,
  );
}

export function storeClosed(): EventStoreError {
  return new EventStoreError('closed', 'This event store was closed; open a new one.');
}

/** Asks for the message only: an engine's error may come from outside this realm, where `instanceof Error` does not see it. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
