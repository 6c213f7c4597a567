// Bench, what rating does with a batch and the baselines must do too: messages come in; appends by tenant go out.

import type { Prebuilt } from './bare-store.js';
import { EVENTS_PER_APPEND, MAX_APPEND_BYTES, TENANTS_AT_ONCE } from './sizes.js';

/** One tenant's part of a batch, and how many events each of its appends holds. */
export type TenantBatch = { readonly tenant: string; readonly appends: readonly number[] };

export function eventsPerAppend(event: Prebuilt): number {
  const bytes = Buffer.byteLength(JSON.stringify(event.data)) + Buffer.byteLength(JSON.stringify(event.metadata));
  return Math.min(EVENTS_PER_APPEND, Math.floor(MAX_APPEND_BYTES / bytes));
}

export function byTenant(keys: Iterable<string>, perAppend: number): readonly TenantBatch[] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].map(([tenant, count]) => ({ tenant, appends: cut(count, perAppend) }));
}

function cut(count: number, most: number): readonly number[] {
  const parts = Array.from({ length: Math.floor(count / most) }, () => most);
  return count % most === 0 ? parts : [...parts, count % most];
}

/** Tenants side by side, the appends of each one after the other. */
export async function appendAll(
  batches: readonly TenantBatch[],
  append: (tenant: string, count: number) => Promise<void>,
): Promise<void> {
  const waiting = batches.values();
  const lane = async (): Promise<void> => {
    for (const { tenant, appends } of waiting) for (const count of appends) await append(tenant, count);
  };
  await Promise.all(Array.from({ length: TENANTS_AT_ONCE }, lane));
}
