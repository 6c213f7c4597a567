// Debit step, for what was put aside and is older than the intake window by the time it is tried again: the account has forgotten
// the ids of that age, so the tenant's stream itself is read for them. CDRs in, what the stream says of each out.

import type { EventStore } from '@tollkeeper/event-store';
import { decode, mentionedCall, streamOf, type CdrFacts } from '@tollkeeper/ledger';

export type Proof = {
  /** The stream was read through this revision. */
  readonly throughRevision: number;
  /** Fingerprint of the CDR that stands in the stream, undefined where there is none. */
  fingerprintOf(cdr: Pick<CdrFacts, 'source' | 'id'>): string | undefined;
};

/** One pass over the stream for all of them; memory grows with the CDRs asked for, not with the stream. */
export async function readProof(
  store: EventStore,
  tenant: string,
  cdrs: readonly Pick<CdrFacts, 'source' | 'id'>[],
): Promise<Proof> {
  const wanted = new Set(cdrs.map(keyOf));
  const found = new Map<string, string>();
  let throughRevision = -1;
  for await (const page of store.readStream(streamOf(tenant))) {
    for (const stored of page) {
      throughRevision = stored.revision;
      const cdr = mentionedCall(decode(stored));
      if (cdr !== undefined && wanted.has(keyOf(cdr))) found.set(keyOf(cdr), cdr.fingerprint);
    }
  }
  return { throughRevision, fingerprintOf: (cdr) => found.get(keyOf(cdr)) };
}

function keyOf({ source, id }: Pick<CdrFacts, 'source' | 'id'>): string {
  return `${source}\u0000${id}`;
}
