// HTTP's question before work on an account that need not be readable: has the tenant a stream at all? A problem goes out where not.

import { lastEvent, type EventStore } from '@tollkeeper/event-store';
import { streamOf } from '@tollkeeper/ledger';
import { refusedByLedger } from './problem.js';

/** An account that cannot be folded is one all the same. @throws ProblemError when there is none. */
export async function assertKnown(store: EventStore, tenant: string): Promise<void> {
  if ((await lastEvent(store, streamOf(tenant))) !== undefined) return;
  throw refusedByLedger({ code: 'account-not-open', reason: `tenant ${tenant} has no account; open one first` });
}
