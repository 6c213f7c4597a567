// Audit, balance as of an instant: a tenant's stream in; what its calls and credit come to by the time they took place, as far as the
// ledger knew at another instant, out.
//
// balance(T, K) = Σ of what each event moved, over those recorded until K that count until T. A reversal counts when its debit did, so
// that both fall on the same side. Stretches of a thousand events are added or left out whole where the instant does not divide them.

import { lastEvent, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { decode, streamOf } from '@tollkeeper/ledger';
import { decimalOf } from '@tollkeeper/money';
import type { StretchRow } from '@tollkeeper/projections';
import { balanceAfter, currencyIn, eventAt, firstRevisionAt, instantOf, recordedAtOf, type Instant } from './as-of-revision.js';
import { AsOfSums, type AsOfResult } from './as-of-sums.js';

export type BalanceQuery = {
  readonly tenant: string;
  /** By when calls took place and credit came; by default whatever is known. */
  readonly asOfMs?: number;
  /** By what the ledger had recorded then; by default now. */
  readonly knownAtMs?: number;
  /** Pages in order of `first_revision`; without them, or where they have gaps, the stream itself is read. */
  readonly stretches?: (tenant: string) => AsyncIterable<readonly StretchRow[]>;
  /** How many more events were read. */
  readonly onEvents?: (count: number) => void;
};

export type BalanceAsOf = AsOfResult & {
  readonly tenant: string;
  readonly currency: string;
  readonly asOf: Instant | null;
  readonly knownAt: Instant | null;
  /** The last event that was known; null when none was. */
  readonly restsOn: { readonly revision: number; readonly hash: string; readonly recordedAt: Instant } | null;
  /** How it was found: events read one by one, and stretches taken whole. */
  readonly read: { readonly events: number; readonly stretches: number };
};

/** The rows of the read model do not come to what the stream says. */
export class StretchesDiffer extends Error {}

/** Undefined when the tenant has no account. @throws StretchesDiffer */
export async function balanceAsOf(store: EventStore, query: BalanceQuery): Promise<BalanceAsOf | undefined> {
  const { tenant, asOfMs, knownAtMs } = query;
  const stream = streamOf(tenant);
  const [last, currency] = [await lastEvent(store, stream), await currencyIn(store, stream)];
  if (last === undefined || currency === undefined) return undefined;
  const [asOf, knownAt] = [asOfMs, knownAtMs].map((atMs) => (atMs === undefined ? undefined : instantOf(atMs)));
  const end =
    knownAt === undefined ? last.revision + 1 : await firstRevisionAt(store, last, (recordedAt) => recordedAt > knownAt);
  const resting = end > last.revision ? last : await eventAt(store, stream, end - 1);
  const about = { tenant, currency, asOf: asOf ?? null, knownAt: knownAt ?? null };
  const sums = new AsOfSums(asOf);
  if (end === 0 || resting === undefined) return { ...about, ...sums.result, restsOn: null, read: { events: 0, stretches: 0 } };
  const read = await addAll(store, { stream, end, sums, query });
  if (decimalOf(sums.movedMicros) !== balanceAfter(resting)) throw differs(resting, sums, read.stretches);
  const restsOn = { revision: resting.revision, hash: String(resting.metadata['hash'] ?? ''), recordedAt: recordedAtOf(resting) };
  return { ...about, ...sums.result, restsOn, read };
}

type Task = { readonly stream: string; readonly end: number; readonly sums: AsOfSums; readonly query: BalanceQuery };

/** Every revision before `end` once: by its stretch, or by itself. */
async function addAll(store: EventStore, { stream, end, sums, query }: Task): Promise<BalanceAsOf['read']> {
  const { tenant, stretches, onEvents } = query;
  let [events, taken, next, since] = [0, 0, 0, ''];
  // Neighbours that have to be read are read in one go.
  const readUntil = async (until: number): Promise<void> => {
    if (until <= next) return;
    for await (const page of store.readStream(stream, { fromRevision: next, maxCount: until - next })) {
      for (const stored of page) sums.add(decode(stored));
      events += page.length;
      onEvents?.(page.length);
    }
    next = until;
  };
  const fits = (row: StretchRow): boolean => row.last_revision < end;
  for await (const page of stretches?.(tenant) ?? []) {
    for (const row of page) {
      // The instant before the stretch is known only where its predecessor's row stands right before it.
      if (fits(row) && sums.addStretch(row, since)) {
        await readUntil(row.first_revision);
        next = row.last_revision + 1;
        taken += 1;
      }
      since = row.last_recorded_at;
    }
  }
  await readUntil(end);
  return { events, stretches: taken };
}

function differs({ stream, revision }: RecordedEvent, sums: AsOfSums, stretches: number): Error {
  const said = `the movements of ${stream} up to revision ${revision} come to ${decimalOf(sums.movedMicros)}, which is not its balance there`;
  if (stretches === 0) return new Error(`${said}; tollkeeper verify tells where it departs`);
  return new StretchesDiffer(`${said}; the read model stretches may have to be rebuilt`);
}
