// Explanation's first question: a CDR id in, which calls have it and where the last event of each stands. The read model answers from its
// index; what it has not followed yet, or all of it where there is no read store, is read from the streams.

import type { EventStore } from '@tollkeeper/event-store';
import { decode, STREAM_PREFIX, streamOf, tenantOf, type PlacedEvent } from '@tollkeeper/ledger';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';

export type CallQuery = { readonly cdrId: string; readonly tenant?: string | undefined; readonly source?: string | undefined };

export type FoundCall = { readonly tenant: string; readonly source: string; readonly revision: number };

export type FindingParts = {
  readonly eventStore: EventStore;
  /** Undefined where there is none. */
  readonly readStore?: Pick<ReadStore<Tables>, 'db' | 'checkpoint'> | undefined;
  /** Told of events that were read to find the call. */
  readonly onRead?: ((events: number) => void) | undefined;
};

const READ_MODEL = 'calls';

/** One for each tenant and source that has such a CDR, in their order. */
export async function findCalls(parts: FindingParts, query: CallQuery): Promise<readonly FoundCall[]> {
  const found = new Map<string, FoundCall>();
  const keep = (call: FoundCall): void => void found.set(JSON.stringify([call.tenant, call.source]), call);
  const followed = parts.readStore && (await parts.readStore.checkpoint(READ_MODEL));
  if (parts.readStore !== undefined && followed !== undefined) (await inReadModel(parts.readStore, query)).forEach(keep);
  for await (const call of inStreams(parts, query, followed)) keep(call);
  return [...found.values()].toSorted((left, right) => compare(left.tenant, right.tenant) || compare(left.source, right.source));
}

async function inReadModel(
  { db }: Pick<ReadStore<Tables>, 'db'>,
  { cdrId, tenant, source }: CallQuery,
): Promise<readonly FoundCall[]> {
  let query = db.selectFrom('call').select(['tenant', 'source', 'revision']).where('cdr_id', '=', cdrId);
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  if (source !== undefined) query = query.where('source', '=', source);
  return query.execute();
}

/** @param after what the read model has followed; undefined for all. */
async function* inStreams(
  { eventStore, onRead }: FindingParts,
  { cdrId, tenant, source }: CallQuery,
  after: bigint | undefined,
): AsyncIterable<FoundCall> {
  const isOneStream = tenant !== undefined && after === undefined;
  const pages = isOneStream
    ? eventStore.readStream(streamOf(tenant))
    : eventStore.readAll({ streamPrefix: STREAM_PREFIX, ...(after === undefined ? {} : { after }) });
  for await (const page of pages) {
    for (const stored of page) {
      const cdr = cdrOf(stored);
      if (cdr?.id !== cdrId || (source !== undefined && cdr.source !== source)) continue;
      const found = tenantOf(stored.stream);
      if (tenant === undefined || tenant === found) yield { tenant: found, source: cdr.source, revision: stored.revision };
    }
    onRead?.(page.length);
  }
}

function cdrOf(stored: PlacedEvent): { readonly id: string; readonly source: string } | undefined {
  const { type, data } = decode(stored);
  return type === 'CallDebited.v1' || type === 'CallNotBillable.v1' || type === 'CallReversed.v1' ? data.cdr : undefined;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
