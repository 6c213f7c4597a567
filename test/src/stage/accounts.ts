// Tests across processes: tenants come in; their accounts stand in the event store, as the API would have opened them.

import { StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand } from '@tollkeeper/ledger';

export type AccountSettings = {
  readonly currency?: string;
  /** Whole units of the currency. */
  readonly credit?: number;
  readonly alertThreshold?: number;
  readonly autoRecharge?: { readonly trigger: number; readonly amount: number; readonly maxPerHour?: number };
};

const MICROS = 1_000_000;
const TENANTS_AT_ONCE = 64;

/** For tests with many tenants; a story of one tenant opens its account over HTTP. */
export async function openAccounts(store: EventStore, tenants: readonly string[], settings: AccountSettings = {}): Promise<void> {
  const writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: TENANTS_AT_ONCE });
  const commands = openingOf(settings, Date.now());
  for (let at = 0; at < tenants.length; at += TENANTS_AT_ONCE) {
    const chunk = tenants.slice(at, at + TENANTS_AT_ONCE);
    const answers = await Promise.all(chunk.map((tenant) => writer.execute(streamOf(tenant), commands)));
    for (const result of answers.flat()) {
      if (result.kind === 'refused') throw new Error(`an account was not opened: ${JSON.stringify(result.refusal)}`);
    }
  }
  await writer.close();
}

function openingOf({ currency = 'EUR', credit, alertThreshold, autoRecharge }: AccountSettings, nowMs: number): LedgerCommand[] {
  const micros = (amount: number): bigint => BigInt(Math.round(amount * MICROS));
  const commands: LedgerCommand[] = [{ kind: 'open-account', nowMs, currency, plan: 'default', intakeWindowDays: 35 }];
  if (credit !== undefined) {
    const origin = { kind: 'invoice', reference: 'opening' } as const;
    commands.push({ kind: 'purchase-credit', nowMs, purchaseId: 'opening', amountMicros: micros(credit), origin });
  }
  if (alertThreshold !== undefined)
    commands.push({ kind: 'set-alert-threshold', nowMs, thresholdMicros: micros(alertThreshold) });
  if (autoRecharge !== undefined) {
    const { trigger, amount, maxPerHour } = autoRecharge;
    const maxPerHourMicros = maxPerHour === undefined ? null : micros(maxPerHour);
    const policy = { triggerMicros: micros(trigger), amountMicros: micros(amount), maxPerHourMicros };
    commands.push({ kind: 'set-auto-recharge', nowMs, policy });
  }
  return commands;
}
