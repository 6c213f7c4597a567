// The demo's own part of a start: opens its tenants, publishes its call records once per folder, waits until all is through.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { activateDeck, importDeck } from '@tollkeeper/decks';
import { DEFAULT_INTAKE_WINDOW_DAYS, STREAM_PREFIX, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { microsOf } from '@tollkeeper/money';
import { MIN_INSTANT_MS } from '@tollkeeper/rating';
import { readModelNames } from '@tollkeeper/read-models';
import { SingleBar } from 'cli-progress';
import { demoDeck, demoMessages, demoTenants, type DemoTenant } from './demo.js';
import { TOPICS, type Engines } from './engines.js';

/** What the folder remembers of the demo: the instant that its calls end at, so that a repeat has the same bytes. */
type DemoMark = { readonly endsAtMs: number; readonly published: boolean };

/** A group that never consumes: its lag is all there is. */
const NOBODY = 'nobody';
const POLL_MS = 50;

/** Does nothing in a folder that has the demo already. */
export async function publishDemo(file: string, engines: Engines): Promise<void> {
  const mark: DemoMark = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as DemoMark)
    : { endsAtMs: Date.now(), published: false };
  if (mark.published) return;
  writeFileSync(file, JSON.stringify(mark));
  await activateDemoDeck(engines, mark.endsAtMs);
  for (const tenant of demoTenants()) await openTenant(tenant, engines, mark.endsAtMs);
  // One call is one transaction of the embedded bus, so that a start that was cut short has published all of it or nothing.
  const isPublished = (await engines.bus.lag(NOBODY, [TOPICS.cdr])) > 0n;
  if (!isPublished) await engines.bus.publish(TOPICS.cdr, demoMessages(mark.endsAtMs));
  writeFileSync(file, JSON.stringify({ ...mark, published: true }));
}

/** For calls of any time: the demo's are of the last ten days. */
async function activateDemoDeck({ eventStore }: Engines, nowMs: number): Promise<void> {
  const by = 'demo';
  for (const { version } of await importDeck(eventStore, demoDeck(), { by, name: 'rates.csv', nowMs })) {
    const { plan, hash } = version;
    const activated = await activateDeck(eventStore, { plan, hash, activeFromMs: MIN_INSTANT_MS, by, nowMs });
    if ('code' in activated) throw new Error(`the demo's rate deck cannot be activated: ${activated.reason}`);
  }
}

async function openTenant(demo: DemoTenant, { writer }: Engines, nowMs: number): Promise<void> {
  const policy = { triggerMicros: microsOf(demo.autoRecharge.trigger), amountMicros: microsOf(demo.autoRecharge.amount) };
  const commands: readonly LedgerCommand[] = [
    { kind: 'open-account', nowMs, currency: demo.currency, plan: demo.plan, intakeWindowDays: DEFAULT_INTAKE_WINDOW_DAYS },
    {
      kind: 'purchase-credit',
      nowMs,
      purchaseId: `demo-${demo.tenant}`,
      amountMicros: microsOf(demo.startCredit),
      origin: { kind: 'invoice', reference: 'demo' },
    },
    { kind: 'set-alert-threshold', nowMs, thresholdMicros: microsOf(demo.alertThreshold) },
    { kind: 'set-auto-recharge', nowMs, policy },
  ];
  for (const result of await writer.execute(streamOf(demo.tenant), commands)) {
    if (result.kind === 'refused') throw new Error(`the demo's tenant ${demo.tenant} cannot be set up: ${result.refusal.reason}`);
  }
}

/** Until every call record is debited or put aside, every read model is level with the store, and every recharge has ended. */
export async function waitUntilDrained(engines: Engines, signal: AbortSignal): Promise<void> {
  const total = Number(await engines.bus.lag('rating', [TOPICS.cdr]));
  const bar = new SingleBar({
    format: 'call records {bar} {value}/{total}  {percentage} %',
    clearOnComplete: true,
    noTTYOutput: false,
  });
  if (total > 0) bar.start(total, 0);
  try {
    while (!signal.aborted) {
      const waiting = Number(await engines.bus.lag('rating', [TOPICS.cdr]));
      if (total > 0) bar.update(Math.max(0, total - waiting));
      if (waiting === 0 && (await isLevel(engines))) return;
      await delay(POLL_MS);
    }
  } finally {
    bar.stop();
  }
}

async function isLevel({ eventStore, bus, readStore }: Engines): Promise<boolean> {
  const lags = await Promise.all([
    bus.lag('payments', [TOPICS.rechargeCommand]),
    bus.lag('dead-letter-list', [TOPICS.deadLetters]),
  ]);
  if (lags.some((lag) => lag > 0n)) return false;
  const open = await readStore.db
    .selectFrom('auto_recharge')
    .select('recharge_id')
    .where('status', '=', 'open')
    .where('retry_at', 'is', null)
    .execute();
  if (open.length > 0) return false;
  const readModels = [...readModelNames(), 'notices'];
  const followers = [...readModels, 'publisher:balance', 'publisher:recharge-command'];
  const positions = await Promise.all(followers.map((name) => readStore.checkpoint(name)));
  for (const after of positions) {
    const options = { streamPrefix: STREAM_PREFIX, maxCount: 1, ...(after === undefined ? {} : { after }) };
    for await (const page of eventStore.readAll(options)) if (page.length > 0) return false;
  }
  return true;
}
