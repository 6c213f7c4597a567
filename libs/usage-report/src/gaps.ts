// Usage report, before the first row: a tenant comes in; what its report would lack goes out, so that nobody takes a part for all that
// was spent.
//
// The read model has all of the tenant's calls when it has followed the ledger to the tenant's last event, and has put none of the
// tenant's events aside. One that is healthy is milliseconds behind, and is waited for; one that is not should be seen.

import { setTimeout as delay } from 'node:timers/promises';
import { lastEvent, type EventStore } from '@tollkeeper/event-store';
import { streamOf } from '@tollkeeper/ledger';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';

/** In a sentence each: `says` what is lacking; what to do about it is the caller's to say. */
export type ReportGap =
  | { readonly kind: 'no-account'; readonly says: string }
  | { readonly kind: 'behind'; readonly says: string }
  | { readonly kind: 'set-aside'; readonly says: string };

export type GapParts = {
  readonly eventStore: Pick<EventStore, 'readStream'>;
  readonly readStore: Pick<ReadStore<Tables>, 'db' | 'checkpoint'>;
};

const READ_MODEL = 'calls';
const MAX_WAIT_MS = 5_000;
const POLL_MS = 25;

/** Undefined when the report lacks nothing that stood in the ledger when it was asked for. */
export async function reportGap(parts: GapParts, tenant: string, maxWaitMs = MAX_WAIT_MS): Promise<ReportGap | undefined> {
  const last = (await lastEvent(parts.eventStore, streamOf(tenant)))?.position;
  if (last === undefined) return { kind: 'no-account', says: `Tenant ${tenant} has no account.` };
  const followed = await followedTo(parts.readStore, last, maxWaitMs);
  if (followed === undefined) {
    return { kind: 'behind', says: `The read model "${READ_MODEL}" has not begun: no call of ${tenant} is in it.` };
  }
  if (followed < last) {
    const says = `The read model "${READ_MODEL}" stands at position ${followed}, and the last event of ${tenant} at ${last}.`;
    return { kind: 'behind', says };
  }
  const aside = await parts.readStore.db
    .selectFrom('set_aside')
    .select('revision')
    .where('model', '=', READ_MODEL)
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  if (aside === undefined) return undefined;
  const says = `The calls of ${tenant} from revision ${aside.revision} on are not in the read model "${READ_MODEL}".`;
  return { kind: 'set-aside', says };
}

async function followedTo(store: GapParts['readStore'], position: bigint, maxWaitMs: number): Promise<bigint | undefined> {
  const deadlineMs = performance.now() + maxWaitMs;
  for (;;) {
    const followed = await store.checkpoint(READ_MODEL);
    if ((followed !== undefined && followed >= position) || performance.now() >= deadlineMs) return followed;
    await delay(POLL_MS);
  }
}
