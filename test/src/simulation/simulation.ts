// Simulation: a seed comes in; the product's workers run on engines in memory through crashes, faults and conflicts that the seed
// decides, then in peace until all is done; the crash test's oracle judges what is left.

import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { inMemoryEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, STREAM_PREFIX, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import type { Message } from '@tollkeeper/message-bus';
import { microsOf } from '@tollkeeper/money';
import { compileIntake, isDeckRejection, parseDeck, parseSources, type Deck, type Intake } from '@tollkeeper/rating';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import type { KeyRing } from '@tollkeeper/sealing';
import { planLoad, type Load } from '../crash/load.js';
import type { Observed, SeenMessage, SeenRow, StoredEvent } from '../crash/observed.js';
import { audit, type Verdict } from '../crash/oracle.js';
import { randomOf, type Random } from '../crash/random.js';
import { rateDeckCsv } from '../crash/reference-price.js';
import { SOURCES } from '../crash/switches.js';
import { authorise, NOW_MS, purchase } from './commands.js';
import { SimulatedLog } from './engines.js';
import { SimulatedGateway } from './gateway.js';
import { customers, payments, publishers, rating, readModels, TOPICS, type World } from './programs.js';
import { Scheduler, type SimulatedProcess } from './scheduler.js';
import { withoutRealPauses } from './virtual-time.js';

/** Calls that are let through for each CDR of the load, about as many as it takes to bring all of it through the troubles. */
const STEPS_PER_CDR = 40;
const TROUBLES = { crash: 0.004, fault: 0.06 };
const PEACE = { crash: 0, fault: 0 };
const STEPS_OF_PEACE = 400_000;
const AUTHORISED_SHARE = 0.4;

export type Simulated = Verdict & { readonly crashes: number; readonly faults: number; readonly setAside: readonly string[] };

export async function simulate(seed: number, steps: number): Promise<Simulated> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-simulation-'));
  const readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'read-models.sqlite')}`);
  await readStore.migrate(MIGRATIONS);
  const random = randomOf(seed);
  const scheduler = new Scheduler(random);
  const putTimersBack = withoutRealPauses(() => scheduler.pause());
  try {
    return await simulateOn(readStore, scheduler, random, seed, steps);
  } finally {
    scheduler.end();
    putTimersBack();
    await readStore.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function simulateOn(
  readStore: ReadStore<Tables>,
  scheduler: Scheduler,
  random: Random,
  seed: number,
  steps: number,
): Promise<Simulated> {
  const load = planLoad({ seed, cdrs: Math.ceil(steps / STEPS_PER_CDR), nowMs: NOW_MS, prefix: '' });
  const setAside: string[] = [];
  let nowMs = NOW_MS;
  const world: World = {
    store: inMemoryEventStore(),
    log: new SimulatedLog(),
    readStore,
    gateway: new SimulatedGateway(random),
    ring: standInRing(),
    ...settings(),
    nowMs: () => (nowMs += 3),
    onSetAside: (what) => setAside.push(what),
  };
  await openAccounts(load, world);
  const unpublished = [...load.messages];
  const unbought = load.purchases.map(({ tenant, purchaseId, amount }) => ({ tenant, command: purchase(purchaseId, amount) }));
  unbought.push(...sessionsOf(load, random));
  scheduler.start('rating-1', (process) => rating(process, world));
  scheduler.start('rating-2', (process) => rating(process, world));
  scheduler.start('read-models', (process) => readModels(process, world));
  scheduler.start('publishers', (process) => publishers(process, world));
  scheduler.start('payments-1', (process) => payments(process, world));
  scheduler.start('payments-2', (process) => payments(process, world));
  scheduler.start('customers', (process) => customers(process, world, unbought));
  scheduler.start('switches', (process) => switches(process, world, unpublished));
  await scheduler.run(TROUBLES, (taken) => taken >= steps);
  const everything = async (): Promise<Verdict> => audit(load, await observed(world));
  const isDone = async (taken: number): Promise<boolean> => {
    if (taken > STEPS_OF_PEACE) return true;
    if (unpublished.length > 0 || unbought.length > 0 || !world.log.hasAllCommitted('rating', TOPICS.cdrs)) return false;
    return taken % 1000 === 0 && (await everything()).findings.length === 0;
  };
  await scheduler.run(PEACE, isDone);
  return { ...(await everything()), crashes: scheduler.crashes, faults: scheduler.faults, setAside: [...setAside] };
}

/** A few at a time, and now and then the same ones again, as after a lost acknowledgement. */
async function switches(process: SimulatedProcess, { log }: World, unpublished: Load['messages'][number][]): Promise<void> {
  for (let count = 1; ; count = (count % 7) + 1) {
    const fate = await process.call('lost-after');
    const next = unpublished.slice(0, count);
    log.append(TOPICS.cdrs, next);
    if (fate === 'done') unpublished.splice(0, next.length);
  }
}

function settings(): { readonly intake: Intake; readonly deck: Deck } {
  const parsed = parseSources(structuredClone(SOURCES));
  const compiled = 'sources' in parsed ? compileIntake(parsed.sources) : parsed;
  const deck = parseDeck(rateDeckCsv(), { currency: 'EUR' });
  if (!('intake' in compiled) || isDeckRejection(deck)) throw new Error('the settings of the simulation cannot be read');
  return { intake: compiled.intake, deck };
}

/** The sealing has its own tests; here a digest stands for the sealed text, the same one for the same content. */
function standInRing(): KeyRing {
  return {
    prepare: async () => undefined,
    seal: (tenant, month, businessKey, parties) =>
      hash('sha256', JSON.stringify([tenant, month, businessKey, parties]), 'base64url'),
    pseudonym: (tenant, identity) => `${tenant} ${identity}`,
    unseal: async () => 'erased',
    destroy: async () => 0,
  };
}

/** Some calls are authorised, extended and terminated, in any order with their CDRs. */
function sessionsOf(load: Load, random: Random): { tenant: string; command: LedgerCommand }[] {
  const commands = [...new Set(load.messages)].flatMap(({ fate }) => {
    if (fate.kind !== 'debit' || fate.source !== 'sbc' || !random.chance(AUTHORISED_SHARE)) return [];
    const { tenant, cdrId: sessionId } = fate;
    const { currency = 'EUR' } = load.tenants.find((planned) => planned.tenant === tenant) ?? {};
    const session = [authorise(sessionId, currency), authorise(sessionId, currency)];
    const extended = { kind: 'extend-reservation', nowMs: NOW_MS, sessionId, usedSeconds: 60, requestedSeconds: null } as const;
    const ended = { kind: 'terminate-reservation', nowMs: NOW_MS, sessionId, usedSeconds: 90 } as const;
    const all: LedgerCommand[] = [...session, extended, ended];
    return all.slice(0, random.between(1, all.length)).map((command) => ({ tenant, command }));
  });
  return [...random.shuffled(commands)];
}

async function openAccounts({ tenants }: Load, { store, nowMs }: World): Promise<void> {
  const writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 1 });
  for (const { tenant, currency, firstPurchase, alertThreshold, autoRecharge } of tenants) {
    const commands: LedgerCommand[] = [{ kind: 'open-account', nowMs: nowMs(), currency, plan: 'default', intakeWindowDays: 35 }];
    if (firstPurchase !== null) commands.push(purchase('first', firstPurchase));
    if (alertThreshold !== null)
      commands.push({ kind: 'set-alert-threshold', nowMs: nowMs(), thresholdMicros: microsOf(alertThreshold) });
    if (autoRecharge !== null) {
      const policy = { triggerMicros: microsOf(autoRecharge.trigger), amountMicros: microsOf(autoRecharge.amount) };
      commands.push({ kind: 'set-auto-recharge', nowMs: nowMs(), policy });
    }
    await writer.execute(streamOf(tenant), commands);
  }
}

async function observed({ store, log, readStore, gateway }: World): Promise<Observed> {
  const seen = (topic: string): readonly SeenMessage[] => log.all(topic).map(asSeen);
  const rowsOf = (table: keyof Tables & string): Promise<readonly SeenRow[]> =>
    readStore.db.selectFrom(table).selectAll().execute();
  return {
    events: await allEvents(store),
    rows: {
      balance: await rowsOf('balance'),
      low_balance: await rowsOf('low_balance'),
      low_balance_alert: await rowsOf('low_balance_alert'),
      auto_recharge: await rowsOf('auto_recharge'),
      dead_letter: await rowsOf('dead_letter'),
      set_aside: await rowsOf('set_aside'),
    },
    cdrs: seen(TOPICS.cdrs),
    deadLetters: seen(TOPICS.deadLetters),
    balanceEvents: seen(TOPICS.balanceEvents),
    alerts: seen(TOPICS.alerts),
    rechargeCommands: seen(TOPICS.rechargeCommands),
    payments: gateway.payments(),
  };
}

async function allEvents(store: EventStore): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of store.readAll({ streamPrefix: STREAM_PREFIX }))
    events.push(...(page as unknown as readonly StoredEvent[]));
  return events;
}

function asSeen({ topic, partition, offset, key, value, headers }: Message): SeenMessage {
  return {
    place: `${topic}/${partition}/${offset}`,
    key: key?.toString('utf8') ?? null,
    value: value?.toString('utf8') ?? '',
    headers,
  };
}
