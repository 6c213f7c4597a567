// Debits out of the ledger's streams, with their calls as rating needs them again: the facts stand in the event, the called
// number in its sealed part.

import type { EventStore } from '@tollkeeper/event-store';
import { decode, STREAM_PREFIX, streamOf, tenantOf, type CallDebited } from '@tollkeeper/ledger';
import type { RatableCall } from '@tollkeeper/rating';
import type { KeyRing } from '@tollkeeper/sealing';

export type Debit = { readonly tenant: string; readonly revision: number; readonly data: CallDebited };

/** By the answer time of the call; `toMs` is exclusive. */
export type Period = { readonly fromMs: number; readonly toMs: number };

export function isWithin({ fromMs, toMs }: Period, { data }: Debit): boolean {
  const atMs = Date.parse(data.effectiveAt);
  return atMs >= fromMs && atMs < toMs;
}

/** Every generation of every call, in order of each stream; one tenant's, or all. */
export async function* debitsOf(store: EventStore, tenant?: string): AsyncIterable<readonly Debit[]> {
  const pages = tenant === undefined ? store.readAll({ streamPrefix: STREAM_PREFIX }) : store.readStream(streamOf(tenant));
  for await (const page of pages) {
    const debits: Debit[] = [];
    for (const stored of page) {
      const event = decode(stored);
      if (event.type === 'CallDebited.v1')
        debits.push({ tenant: tenantOf(stored.stream), revision: stored.revision, data: event.data });
    }
    if (debits.length > 0) yield debits;
  }
}

export type CallAgain = {
  readonly call: RatableCall;
  /** False when the number was erased: the prefix that was matched then stands for it. */
  readonly hasNumber: boolean;
};

/** Recorded at no cost because no row priced it; an emergency call has no row either, and needs none. */
export function isGivenFree({ data }: Debit): boolean {
  const { rows, category } = data.charge as { readonly rows: readonly number[]; readonly category: string };
  return rows.length === 0 && category !== 'emergency';
}

export async function callAgain({ tenant, data }: Debit, ring: KeyRing): Promise<CallAgain> {
  const { cdr, charge, effectiveAt, parties } = data;
  const { plan, currency, category, prefix } = charge as { plan: string; currency: string; category: string; prefix: string };
  const opened = await ring.unseal(tenant, `${cdr.source}\u0000${cdr.id}`, parties);
  const number = opened === 'erased' ? undefined : (opened as { readonly called?: string | null }).called;
  const calledNumber = number ?? (prefix === '*' ? '' : `+${prefix}`);
  const emergency = category === 'emergency';
  return {
    call: { plan, currency, category, calledNumber, answerTimeMs: Date.parse(effectiveAt), usageMs: cdr.usageMs, emergency },
    hasNumber: number !== undefined && number !== null,
  };
}
