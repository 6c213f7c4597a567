// Audit, a place in a stream by time: a tenant's stream and an instant in; the revision where it was crossed out. `recordedAt` never
// falls along a stream, so that two dozen reads of one event each find it among ten million.

import type { EventStore, RecordedEvent } from '@tollkeeper/event-store';

/** ISO 8601 in UTC with milliseconds, as all instants of the ledger: their order is that of the texts. */
export type Instant = string;

export function instantOf(instantMs: number): Instant {
  return new Date(instantMs).toISOString();
}

export async function eventAt(store: EventStore, stream: string, revision: number): Promise<RecordedEvent | undefined> {
  for await (const [event] of store.readStream(stream, { fromRevision: revision, maxCount: 1 })) return event;
  return undefined;
}

export function recordedAtOf({ data, stream, revision }: RecordedEvent): Instant {
  const { recordedAt } = data;
  if (typeof recordedAt === 'string') return recordedAt;
  throw new Error(`${stream} revision ${revision} does not say when it was recorded`);
}

/**
 * Of the first event that was recorded so late; one more than the last revision where there is none.
 * @param isReached false for all instants before some instant, true for all from it on.
 */
export async function firstRevisionAt(
  store: EventStore,
  last: RecordedEvent,
  isReached: (recordedAt: Instant) => boolean,
): Promise<number> {
  if (!isReached(recordedAtOf(last))) return last.revision + 1;
  let [low, high] = [0, last.revision];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const event = await eventAt(store, last.stream, middle);
    if (event === undefined) throw new Error(`${last.stream} has a revision ${last.revision}, but none ${middle}`);
    if (isReached(recordedAtOf(event))) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The currency of the account, which its first event names; undefined when the tenant has none. */
export async function currencyIn(store: EventStore, stream: string): Promise<string | undefined> {
  const currency = (await eventAt(store, stream, 0))?.data['currency'];
  return typeof currency === 'string' ? currency : undefined;
}

/** The balance after the event. */
export function balanceAfter({ data, stream, revision }: RecordedEvent): string {
  const { balance } = data;
  if (typeof balance === 'string') return balance;
  throw new Error(`${stream} revision ${revision} does not say the balance after it`);
}
