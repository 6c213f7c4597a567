// After the sending: rows that are long settled → gone, so that the tables keep what is asked about and no more.

import type { ReadStore } from '@tollkeeper/read-store';
import type { Tables } from './tables.js';

/** Notices stay so long for whoever asks whether a mail was sent. Far above the age up to which a notice is sent at all. */
const NOTICE_RETENTION_MS = 90 * 86_400_000;
/** Above the schedule's last retry; what waits for an endpoint that was disabled meanwhile is dropped after it. */
const DELIVERY_RETENTION_MS = 7 * 86_400_000;

export async function forgetOld(store: ReadStore<Tables>, nowMs: number): Promise<void> {
  const before = (ageMs: number): string => new Date(nowMs - ageMs).toISOString();
  await store.write(async (tx) => {
    await tx.deleteFrom('notice').where('raised_at', '<', before(NOTICE_RETENTION_MS)).execute();
    await tx.deleteFrom('webhook_delivery').where('created_at', '<', before(DELIVERY_RETENTION_MS)).execute();
  });
}
