// Explanation's past: where the last event of a call stands in, every event of it out, the oldest first, each read by its place. A debit
// says which one it replaces, and the reversal of that one stands right before it.

import type { EventStore, RecordedEvent } from '@tollkeeper/event-store';
import { decode, streamOf, type CallDebited, type LedgerEventOf } from '@tollkeeper/ledger';
import type { FoundCall } from './find-call.js';

export type RecordedCall = {
  readonly stored: RecordedEvent;
  readonly event: LedgerEventOf<'CallDebited.v1'> | LedgerEventOf<'CallNotBillable.v1'>;
};

export type CallHistory = {
  /** What stands for the call now. */
  readonly call: RecordedCall;
  /** Balance after the event before. */
  readonly balanceBefore: string;
  readonly events: readonly RecordedEvent[];
};

/** @throws Error when the event is not there, or is none of a call: the read model is then another store's. */
export async function callHistory(store: EventStore, { tenant, revision }: FoundCall): Promise<CallHistory> {
  const stream = streamOf(tenant);
  const [before, last, next] = await threeFrom(store, stream, revision);
  if (last === undefined)
    throw new Error(`${stream} has no revision ${revision}; the read model follows another store, rebuild it`);
  // A reversal and the debit that replaces it stand in one append; the read model may have been left between them.
  if (last.type === 'CallReversed.v1' && next !== undefined) return historyOf(store, next, last);
  return historyOf(store, last, before);
}

async function historyOf(store: EventStore, stored: RecordedEvent, before: RecordedEvent | undefined): Promise<CallHistory> {
  const event = decode(stored);
  if (event.type !== 'CallDebited.v1' && event.type !== 'CallNotBillable.v1') {
    throw new Error(
      `${stored.stream} revision ${stored.revision} is no call but ${event.type}; the read model is wrong, rebuild it`,
    );
  }
  const events = [stored];
  let debit: CallDebited | undefined = event.type === 'CallDebited.v1' ? event.data : undefined;
  while (debit !== undefined && debit.replaces !== null) {
    const [first] = events;
    const reversal = await oneAt(store, stored.stream, (first?.revision ?? 0) - 1);
    const replaced = await oneAt(store, stored.stream, debit.replaces);
    events.unshift(...[replaced, reversal].filter((found) => found !== undefined));
    const earlier = replaced && decode(replaced);
    debit = earlier?.type === 'CallDebited.v1' ? earlier.data : undefined;
  }
  return { call: { stored, event }, balanceBefore: balanceOf(before), events };
}

/** Every event of the ledger's says the balance after it; before the first there was none. */
function balanceOf(before: RecordedEvent | undefined): string {
  return before === undefined ? '0' : String(before.data['balance']);
}

type Three = readonly [before: RecordedEvent | undefined, at: RecordedEvent | undefined, next: RecordedEvent | undefined];

async function threeFrom(store: EventStore, stream: string, revision: number): Promise<Three> {
  const fromRevision = Math.max(0, revision - 1);
  const read: RecordedEvent[] = [];
  for await (const page of store.readStream(stream, { fromRevision, maxCount: 3 })) read.push(...page);
  const at = (wanted: number): RecordedEvent | undefined => read.find((stored) => stored.revision === wanted);
  return [at(revision - 1), at(revision), at(revision + 1)];
}

async function oneAt(store: EventStore, stream: string, revision: number): Promise<RecordedEvent | undefined> {
  for await (const [stored] of store.readStream(stream, { fromRevision: revision, maxCount: 1 })) return stored;
  return undefined;
}
