// Explanation's first question: a CDR id in, which calls have it and where the last event of each stands out. The read model answers from
// its index; what it has not followed yet, the streams of tenants that it has set aside, or all of it where there is no read store, is read
// from the streams.

import type { EventStore, RecordedEvent } from '@tollkeeper/event-store';
import { decode, STREAM_PREFIX, streamOf, tenantOf, type PlacedEvent } from '@tollkeeper/ledger';
import { callKeyOf } from '@tollkeeper/projections';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';

export type CallQuery = {
  readonly cdrId: string;
  readonly tenant?: string | undefined;
  readonly source?: string | undefined;
  /** The instant that the call counts at: its answer, or its setup when it was never answered. */
  readonly answeredAtMs?: number | undefined;
};

export type FoundCall = {
  readonly tenant: string;
  readonly source: string;
  readonly answeredAt: string;
  readonly revision: number;
};

export type FindingParts = {
  readonly eventStore: EventStore;
  /** Undefined where there is none. */
  readonly readStore?: Pick<ReadStore<Tables>, 'db' | 'checkpoint'> | undefined;
  /** Told of events that were read to find the call. */
  readonly onRead?: ((events: number) => void) | undefined;
};

type Pages = AsyncIterable<readonly RecordedEvent[]>;

const READ_MODEL = 'calls';

/** One for each call that has such a CDR, by tenant, source and answer: a switch may use an id again after a while. */
export async function findCalls(parts: FindingParts, query: CallQuery): Promise<readonly FoundCall[]> {
  const { eventStore, readStore, onRead } = parts;
  const found = new Map<string, FoundCall>();
  const keep = (call: FoundCall): void => {
    const key = callKeyOf(call.tenant, { source: call.source, id: query.cdrId }, call.answeredAt);
    if (call.revision >= (found.get(key)?.revision ?? 0)) found.set(key, call);
  };
  const followed = readStore && (await readStore.checkpoint(READ_MODEL));
  if (readStore !== undefined && followed !== undefined) {
    // Asked before the rows: a tenant that comes back in between has them all.
    const setAside = await setAsideIn(readStore, query);
    (await inReadModel(readStore, query)).forEach(keep);
    for (const { tenant, revision } of setAside) {
      const pages = eventStore.readStream(streamOf(tenant), { fromRevision: revision });
      for await (const call of callsIn(pages, query, onRead)) keep(call);
    }
  }
  for await (const call of callsIn(streamsAfter(eventStore, query, followed), query, onRead)) keep(call);
  return [...found.values()].toSorted(
    (left, right) =>
      compare(left.tenant, right.tenant) || compare(left.source, right.source) || compare(left.answeredAt, right.answeredAt),
  );
}

async function inReadModel(
  { db }: Pick<ReadStore<Tables>, 'db'>,
  { cdrId, tenant, source, answeredAtMs }: CallQuery,
): Promise<readonly FoundCall[]> {
  let query = db
    .selectFrom('call')
    .select(['tenant', 'source', 'answered_at as answeredAt', 'revision'])
    .where('cdr_id', '=', cdrId);
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  if (source !== undefined) query = query.where('source', '=', source);
  const calls = await query.execute();
  return calls.filter(({ answeredAt }) => isAnswered(answeredAt, answeredAtMs));
}

/** Tenants whose events the read model has passed over, each from a revision on. */
async function setAsideIn(
  { db }: Pick<ReadStore<Tables>, 'db'>,
  { tenant }: CallQuery,
): Promise<readonly { readonly tenant: string; readonly revision: number }[]> {
  const query = db.selectFrom('set_aside').select(['tenant', 'revision']).where('model', '=', READ_MODEL);
  return (tenant === undefined ? query : query.where('tenant', '=', tenant)).execute();
}

/** @param after what the read model has followed; undefined for all. */
function streamsAfter(eventStore: EventStore, { tenant }: CallQuery, after: bigint | undefined): Pages {
  if (after !== undefined) return eventStore.readAll({ streamPrefix: STREAM_PREFIX, after });
  return tenant === undefined ? eventStore.readAll({ streamPrefix: STREAM_PREFIX }) : eventStore.readStream(streamOf(tenant));
}

async function* callsIn(pages: Pages, query: CallQuery, onRead: FindingParts['onRead']): AsyncIterable<FoundCall> {
  for await (const page of pages) {
    for (const stored of page) {
      const call = callOf(stored, query);
      if (call !== undefined) yield call;
    }
    onRead?.(page.length);
  }
}

function callOf(stored: PlacedEvent, { cdrId, tenant, source, answeredAtMs }: CallQuery): FoundCall | undefined {
  const { type, data } = decode(stored);
  if (type !== 'CallDebited.v1' && type !== 'CallNotBillable.v1' && type !== 'CallReversed.v1') return undefined;
  const { cdr, effectiveAt: answeredAt } = data;
  if (cdr.id !== cdrId || (source !== undefined && cdr.source !== source)) return undefined;
  if (!isAnswered(answeredAt, answeredAtMs)) return undefined;
  const of = tenantOf(stored.stream);
  if (tenant !== undefined && tenant !== of) return undefined;
  return { tenant: of, source: cdr.source, answeredAt, revision: stored.revision };
}

function isAnswered(at: string, wantedMs: number | undefined): boolean {
  return wantedMs === undefined || Date.parse(at) === wantedMs;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
