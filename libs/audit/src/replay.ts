// Audit, replay: a tenant's stream and a span of revisions in, its events as they are stored out, each with where it came from.

import type { EventStore, JsonObject } from '@tollkeeper/event-store';
import { decode, isLedgerEventType, mentionedCall, streamOf, type CdrOrigin } from '@tollkeeper/ledger';
import { balanceAfter, recordedAtOf, type Instant } from './as-of-revision.js';

export type ReplayOptions = {
  readonly tenant: string;
  /** Both are included; by default the whole stream. */
  readonly fromRevision?: number;
  readonly toRevision?: number;
};

/** `data` and `metadata` as the store holds them: as JSON they are the bytes that were hashed and stored. */
export type ReplayedEvent = {
  readonly stream: string;
  readonly revision: number;
  /** In the whole store. */
  readonly position: string;
  readonly id: string;
  readonly type: string;
  readonly recordedAt: Instant;
  readonly balance: string;
  readonly hash: string;
  /** Of the CDR; null for what no CDR has caused. */
  readonly origin: CdrOrigin | null;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
};

/** No pages where nothing stands in the span. */
export async function* replayOf(
  store: EventStore,
  { tenant, fromRevision = 0, toRevision = Infinity }: ReplayOptions,
): AsyncGenerator<readonly ReplayedEvent[]> {
  if (toRevision < fromRevision) return;
  const span = { fromRevision, maxCount: toRevision - fromRevision + 1 };
  for await (const page of store.readStream(streamOf(tenant), span)) {
    yield page.map((stored) => {
      const { stream, revision, position, id, type, data, metadata } = stored;
      // Also what a newer program has written is shown.
      const origin = isLedgerEventType(type) ? (mentionedCall(decode(stored))?.origin ?? null) : null;
      const place = { stream, revision, position: String(position), id, type };
      const facts = { recordedAt: recordedAtOf(stored), balance: balanceAfter(stored), hash: String(metadata['hash'] ?? '') };
      return { ...place, ...facts, origin, data, metadata };
    });
  }
}

/** `telephony.cdr.v1/0/7` as dead letters are named, a file with its record, or an HTTP request. */
export function originText(origin: CdrOrigin): string {
  switch (origin.kind) {
    case 'bus':
      return `${origin.topic}/${origin.partition}/${origin.offset}`;
    case 'file':
      return `file ${origin.name}, record ${origin.record}`;
    case 'http':
      return `HTTP request ${origin.requestId}, record ${origin.record}`;
  }
}
