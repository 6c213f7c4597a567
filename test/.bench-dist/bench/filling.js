// Bench, before anything is measured: a workload comes in; its accounts stand in the event store and its CDRs on the bus.
import { StreamWriter } from '@tollkeeper/event-store';
import { DEFAULT_INTAKE_WINDOW_DAYS, ledgerDecider, streamOf } from '@tollkeeper/ledger';
import { microsOf } from '@tollkeeper/money';
import { CURRENCY } from './workload.js';
const MESSAGES_PER_PUBLISH = 5_000;
/** More than all calls of a run cost, so that no recharge is asked for. */
const START_CREDIT = '1000000';
/** An account begins with its opening and its credit; the first CDR stands behind them. */
export const FIRST_CDR_REVISION = 2;
export async function openAccounts(store, tenants, nowMs) {
    const writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 1 });
    const amountMicros = microsOf(START_CREDIT);
    const commands = (tenant) => [
        { kind: 'open-account', nowMs, currency: CURRENCY, plan: 'default', intakeWindowDays: DEFAULT_INTAKE_WINDOW_DAYS },
        {
            kind: 'purchase-credit',
            nowMs,
            purchaseId: `start-${tenant}`,
            amountMicros,
            origin: { kind: 'invoice', reference: 'bench' },
        },
    ];
    await Promise.all(tenants.map((tenant) => writer.execute(streamOf(tenant), commands(tenant))));
}
export async function publishAll(bus, topic, load, count) {
    for (let from = 0; from < count; from += MESSAGES_PER_PUBLISH) {
        await bus.publish(topic, load.messages(from, Math.min(MESSAGES_PER_PUBLISH, count - from)));
    }
}
