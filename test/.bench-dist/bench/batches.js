// Bench, what rating does with a batch and the baselines must do too: messages come in; appends by tenant go out.
import { EVENTS_PER_APPEND, MAX_APPEND_BYTES, TENANTS_AT_ONCE } from './sizes.js';
export function eventsPerAppend(event) {
    const bytes = Buffer.byteLength(JSON.stringify(event.data)) + Buffer.byteLength(JSON.stringify(event.metadata));
    return Math.min(EVENTS_PER_APPEND, Math.floor(MAX_APPEND_BYTES / bytes));
}
export function byTenant(keys, perAppend) {
    const counts = new Map();
    for (const key of keys)
        counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts].map(([tenant, count]) => ({ tenant, appends: cut(count, perAppend) }));
}
function cut(count, most) {
    const parts = Array.from({ length: Math.floor(count / most) }, () => most);
    return count % most === 0 ? parts : [...parts, count % most];
}
/** Tenants side by side, the appends of each one after the other. */
export async function appendAll(batches, append) {
    const waiting = batches.values();
    const lane = async () => {
        for (const { tenant, appends } of waiting)
            for (const count of appends)
                await append(tenant, count);
    };
    await Promise.all(Array.from({ length: TENANTS_AT_ONCE }, lane));
}
