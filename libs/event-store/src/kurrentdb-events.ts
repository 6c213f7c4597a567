// Under the KurrentDB event store: events as its client gives them come in, recorded events go out, or `corrupt`.

import type { AllStreamResolvedEvent, ResolvedEvent } from '@kurrent/kurrentdb-client';
import type { JsonObject, RecordedEvent } from './event-store.js';
import { unreadableEvent } from './stored-form.js';

/**
 * The position is the commit position. In the server's log (version 2) an append through gRPC is written without a separate
 * commit record, so commit and prepare position of an event are the same number and one of them is enough to resume.
 * @param readAlready position of an event that the caller drops: it comes back empty, and may be one that cannot be read.
 */
export function toRecordedEvent(
  resolved: ResolvedEvent | AllStreamResolvedEvent,
  readAlready?: bigint,
): RecordedEvent | undefined {
  const { event } = resolved;
  if (event === undefined) return undefined;
  const revision = Number(event.revision);
  const position = event.position?.commit ?? resolved.commitPosition;
  // The client hands over text or bytes where it found no JSON; an event without metadata is somebody else's, and readable.
  const { data, metadata = {} } = event as { readonly data: unknown; readonly metadata?: unknown };
  if (position !== undefined && position === readAlready) {
    return { id: event.id, type: event.type, data: {}, metadata: {}, stream: event.streamId, revision, position };
  }
  if (position === undefined || !isJsonObject(data) || !isJsonObject(metadata)) {
    throw unreadableEvent({ stream: event.streamId, revision, position: position ?? 0n });
  }
  return { id: event.id, type: event.type, data, metadata, stream: event.streamId, revision, position };
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
