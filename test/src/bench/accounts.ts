// Bench, accounts in memory and as snapshots, each task in a process of its own: a long account is made, kept and loaded; idle
// ones are cached; many callers change one at once. What is made up: the ids of a long account's past calls are put into its
// memory of calls directly, not folded from as many events. All else is what a program does.

import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileSnapshots, openEventStore, StreamWriter, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { accountFromSnapshot, ledgerDecider, snapshotOf, streamOf, tenantOf, type Account } from '@tollkeeper/ledger';
import { openEmbedded } from './embedded-engines.js';
import { ratingModule, startModules } from './embedded-rating.js';
import { FIRST_CDR_REVISION } from './filling.js';
import { answerApart } from './processes.js';
import { monotonicMs } from './stopwatch.js';
import { workload, type CdrMessage, type Workload } from './workload.js';

export type AccountsTask = {
  readonly what: 'keep' | 'load' | 'idle' | 'callers';
  readonly folder: string;
  readonly nowMs: number;
  /** Past calls that the long account knows; idle tenants; changes of one account. */
  readonly count: number;
};

export type KeptResult = {
  readonly firstMs: number;
  readonly firstMiB: number;
  readonly againMs: number;
  readonly againMiB: number;
  readonly bytesPerCall: number;
  readonly lookUpsPerSecond: number;
};
export type LoadedResult = {
  readonly snapshotMs: number;
  readonly accountMs: number;
  readonly accountCpuMs: number;
  readonly tail: number;
};
export type IdleResult = { readonly kibPerTenant: number };
export type CallersResult = { readonly onePerSecond: number; readonly hundredPerSecond: number; readonly hundredWorstMs: number };

const DAYS = 34;
const MS_PER_DAY = 86_400_000;
const MIB = 1_048_576;
/** A snapshot follows every 10,000 events, so this is the longest tail that a load has to read. */
const TAIL = 9_999;
const CALLS_PER_SETTLE = 500;
const LOOK_UPS = 100_000;
const CALLS_PER_IDLE_TENANT = 5;
const CALLERS = 100;
const NAME = 'long';
const STREAM = streamOf(`${NAME}-0`);

await answerApart(async (task: AccountsTask): Promise<KeptResult | LoadedResult | IdleResult | CallersResult> => {
  mkdirSync(task.folder, { recursive: true });
  switch (task.what) {
    case 'keep':
      return await keep(task);
    case 'load':
      return await load(task);
    case 'idle':
      return await idle(task);
    case 'callers':
      return await callers(task);
  }
});

/** Rates the tail into SQLite, and keeps a snapshot of the account before it, which knows the past calls besides. */
async function keep({ folder, nowMs, count }: AccountsTask): Promise<KeptResult> {
  const engines = await rated(folder, workload(NAME, 'hot', nowMs), TAIL, nowMs);
  let account = ledgerDecider.initialState(STREAM);
  for (const event of await first(engines.eventStore, FIRST_CDR_REVISION)) account = ledgerDecider.evolve(account, event);
  await engines.close();
  learn(account, 0, count, (call) => nowMs - DAYS * MS_PER_DAY * (1 - call / count));
  const kept = snapshotFiles(folder);
  const save = async (): Promise<{ readonly ms: number; readonly mib: number }> => {
    const before = filesIn(folder);
    const fromMs = monotonicMs();
    await kept.save(STREAM, account);
    const ms = monotonicMs() - fromMs;
    const written = [...filesIn(folder)].filter(([inode]) => !before.has(inode));
    return { ms, mib: written.reduce((sum, [, bytes]) => sum + bytes, 0) / MIB };
  };
  const firstTime = await save();
  learn(account, count, TAIL + 1, () => nowMs);
  const again = await save();
  return {
    firstMs: firstTime.ms,
    firstMiB: firstTime.mib,
    againMs: again.ms,
    againMiB: again.mib,
    bytesPerCall: account.knownCalls.byteLength / account.knownCalls.size,
    lookUpsPerSecond: lookUpsPerSecond(account),
  };
}

function keyOf(call: number): string {
  return `bench\u0000${(call * 2_654_435_761).toString(16)}-${call}\u00000`;
}

function learn(account: Account, from: number, calls: number, recordedAtMs: (call: number) => number): void {
  for (let call = from; call < from + calls; call += 1) {
    account.knownCalls.remember(keyOf(call), { fingerprint: '', revision: call }, recordedAtMs(call));
    if (call % CALLS_PER_SETTLE === 0) account.knownCalls.settle();
  }
  account.knownCalls.settle();
}

/** Of calls that the account does not know, as nearly all are when they come. */
function lookUpsPerSecond({ knownCalls }: Account): number {
  const fromMs = monotonicMs();
  let found = 0;
  for (let call = 0; call < LOOK_UPS; call += 1) found += knownCalls.suspects(`new ${call}`).length;
  if (found > 0) throw new Error(`${found} of ${LOOK_UPS} calls are taken for known ones`);
  return (LOOK_UPS * 1000) / (monotonicMs() - fromMs);
}

/** In a process that has done nothing before, as after a start: the snapshot alone, then snapshot and tail by the writer. */
async function load({ folder, count }: AccountsTask): Promise<LoadedResult> {
  const eventStore = openEventStore(`sqlite:${join(folder, 'events.sqlite')}`);
  await eventStore.ping();
  const fromMs = monotonicMs();
  await snapshotFiles(folder).load(STREAM);
  const loadedMs = monotonicMs();
  const snapshots = snapshotFiles(folder);
  const onSnapshotFault = ({ error }: { readonly error: unknown }): never => {
    throw error;
  };
  const writer = new StreamWriter({ store: eventStore, decider: ledgerDecider, maxCachedStreams: 1, snapshots, onSnapshotFault });
  const beginCpu = process.cpuUsage();
  const beginMs = monotonicMs();
  const { revision, size } = await writer.query(STREAM, ({ revision: last, knownCalls }) => ({
    revision: last,
    size: knownCalls.size,
  }));
  const accountMs = monotonicMs() - beginMs;
  const { user, system } = process.cpuUsage(beginCpu);
  const expected = count + TAIL + 1 + TAIL;
  if (size !== expected) throw new Error(`the account knows ${size} calls, not ${expected}`);
  await eventStore.close();
  const accountCpuMs = (user + system) / 1000;
  return { snapshotMs: loadedMs - fromMs, accountMs, accountCpuMs, tail: revision + 1 - FIRST_CDR_REVISION };
}

/** What a writer holds for tenants with an account, credit and a few calls, when all of them are cached. */
async function idle({ folder, nowMs, count }: AccountsTask): Promise<IdleResult> {
  const few = workloadOfFew(count, nowMs);
  const { eventStore, close } = await rated(folder, few, count * CALLS_PER_IDLE_TENANT, nowMs);
  const writer = new StreamWriter({ store: eventStore, decider: ledgerDecider, maxCachedStreams: count });
  const read = (tenant: string): Promise<number> => writer.query(streamOf(tenant), ({ knownCalls }) => knownCalls.size);
  const before = held();
  for (const tenant of few.tenants) {
    const calls = await read(tenant);
    if (calls !== CALLS_PER_IDLE_TENANT) throw new Error(`${tenant} has ${calls} calls, not ${CALLS_PER_IDLE_TENANT}`);
  }
  const kibPerTenant = (held() - before) / count / 1024;
  await writer.close();
  await close();
  return { kibPerTenant };
}

function held(): number {
  for (let time = 0; time < 3; time += 1) global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** As many calls of each tenant. */
function workloadOfFew(count: number, nowMs: number): Workload {
  const source = workload('idle', 'hot', nowMs);
  const tenants = Array.from({ length: count }, (_, at) => `idle-${at}`);
  const given = (message: CdrMessage, at: number): CdrMessage => {
    const tenant = tenants[at % count] as string;
    return { ...message, key: tenant, value: JSON.stringify({ ...JSON.parse(message.value), tenant }) };
  };
  return {
    tenants,
    messages: (from, messages) => source.messages(from, messages).map((message, at) => given(message, from + at)),
  };
}

/** Changes of one account on SQLite, each flushed before its caller is told: by one caller after the other, then by a hundred. */
async function callers({ folder, nowMs, count }: AccountsTask): Promise<CallersResult> {
  const { eventStore, close } = await openEmbedded(folder, true, workload(NAME, 'hot', nowMs), 0, nowMs);
  const writer = new StreamWriter({ store: eventStore, decider: ledgerDecider, maxCachedStreams: 1 });
  let threshold = 0n;
  let worstMs = 0;
  const change = async (): Promise<void> => {
    const fromMs = monotonicMs();
    await writer.execute(STREAM, [{ kind: 'set-alert-threshold', nowMs, thresholdMicros: (threshold += 10_000n) }]);
    worstMs = Math.max(worstMs, monotonicMs() - fromMs);
  };
  const perSecond = async (lanes: number, changes: number): Promise<number> => {
    const fromMs = monotonicMs();
    const lane = async (): Promise<void> => {
      for (let done = 0; done < changes / lanes; done += 1) await change();
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return (changes * 1000) / (monotonicMs() - fromMs);
  };
  await perSecond(1, count / 10);
  const onePerSecond = await perSecond(1, count / 10);
  worstMs = 0;
  const hundredPerSecond = await perSecond(CALLERS, count);
  await writer.close();
  await close();
  return { onePerSecond, hundredPerSecond, hundredWorstMs: worstMs };
}

async function rated(folder: string, calls: Workload, count: number, nowMs: number): ReturnType<typeof openEmbedded> {
  const engines = await openEmbedded(folder, true, calls, count, nowMs);
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  let messages = 0;
  const onMessages = (more: number): void => ((messages += more) === count ? resolve() : undefined);
  const application = await startModules([ratingModule(engines, onMessages, reject)]);
  await done;
  await application.close();
  return engines;
}

async function first(store: EventStore, count: number): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of store.readStream(STREAM, { maxCount: count })) events.push(...page);
  return events;
}

function snapshotFiles(folder: string) {
  return fileSnapshots(join(folder, 'snapshots'), snapshotOf, (stream, kept) => accountFromSnapshot(tenantOf(stream), kept));
}

/** Bytes by inode: a file that is written anew has another. */
function filesIn(folder: string): ReadonlyMap<number, number> {
  const files = new Map<number, number>();
  const snapshots = join(folder, 'snapshots');
  mkdirSync(snapshots, { recursive: true });
  for (const name of readdirSync(snapshots, { recursive: true, encoding: 'utf8' })) {
    const stat = statSync(join(snapshots, name));
    if (stat.isFile()) files.set(stat.ino, stat.size);
  }
  return files;
}
