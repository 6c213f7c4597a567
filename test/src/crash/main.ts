// Crash test: options come in; programs and engines are killed under load, an independent oracle judges what is left, and the
// last line says what was lost and what was doubled. Exits 1 when anything does not fit.

import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Clients } from './clients.js';
import { startEngines, type Engines } from './engines.js';
import { Kills } from './kills.js';
import { planLoad, type Load, type LoadOptions } from './load.js';
import { audit, type Verdict } from './oracle.js';
import type { PublisherTask } from './publisher.js';
import { randomOf } from './random.js';
import { observe, type Places } from './read-back.js';
import { setStage, type Stage } from './stage.js';
import type { Supervised } from './supervisor.js';

const HELP = `Crash test: kills programs and engines under load, then checks that nothing was lost and nothing doubled.

  npm run crash -- [--kills N] [--cdrs N] [--seed S] [--keep]

  --kills N   how many kills (default 20): programs at random instants and at failpoints, and engines
  --cdrs N    how many distinct CDRs (default 6000)
  --seed S    repeats a plan; the instants of kills still differ from run to run
  --keep      keeps the folder with the engines' data and the programs' logs

Engines: Kafka and PostgreSQL are started with SERVICES_DIR/kafka.sh and postgres.sh (default ../shared/services), or taken from
KAFKA_BROKERS and DATABASE_URL and then not killed. KURRENTDB_URL names an event store for this test alone, with
KURRENTDB_KILL_COMMAND and KURRENTDB_START_COMMAND to kill it; without it the programs share a file of SQLite.
`;

/** A kill, what the pause before it takes, and what its failpoint waits for. */
const MS_PER_KILL = 3_500;
const READY_WITHIN_MS = 60_000;
const SETTLED_WITHIN_MS = 120_000;
/** Longer than any back-off or session time-out: what has not changed since does not change any more. */
const QUIET_MS = 40_000;
const SETTLED = 'settled';
/** Beyond what everything above may take: something hangs. */
const WATCHDOG_MS_PER_KILL = 20_000;
const WATCHDOG_MS = 420_000;
const MAX_FINDINGS_SHOWN = 40;

const startedAt = Date.now();
const options = readOptions();
if (options === undefined) process.stdout.write(HELP);
else process.exit(await crash(options));

type Options = { readonly kills: number; readonly cdrs: number; readonly seed: number; readonly keep: boolean };

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '20' },
      cdrs: { type: 'string', default: '6000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const number = (name: 'kills' | 'cdrs' | 'seed'): number => {
    if (/^\d{1,9}$/.test(values[name])) return Number(values[name]);
    process.stderr.write(`--${name} takes a whole number, not ${values[name]}. See --help.\n`);
    return process.exit(2);
  };
  return { kills: number('kills'), cdrs: number('cdrs'), seed: number('seed'), keep: values.keep };
}

function note(text: string): void {
  process.stderr.write(`[${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s] ${text}\n`);
}

async function crash({ kills: wanted, cdrs, seed, keep }: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-crash-'));
  // PostgreSQL runs as a user of its own, and must come to its folder in this one.
  chmodSync(folder, 0o755);
  note(`seed ${seed}; ${cdrs} CDRs, ${wanted} kills; folder ${folder}`);
  const watchdog = new AbortController();
  const timer = setTimeout(() => watchdog.abort(), WATCHDOG_MS + wanted * WATCHDOG_MS_PER_KILL);
  const engines = await startEngines(folder, process.env);
  note(`engines: ${engines.eventStoreUrl}; can be killed: ${engines.killable.map(({ name }) => name).join(', ') || 'none'}`);
  const running: Supervised[] = [];
  let isGood = false;
  try {
    const load: LoadOptions = { seed, cdrs, nowMs: startedAt, prefix: `crash-${startedAt.toString(36)}-` };
    const work = runOn(engines, folder, load, wanted, running, watchdog.signal);
    const hung = new Promise<never>((_, reject) =>
      watchdog.signal.addEventListener('abort', () => reject(new Error('the watchdog ended a run that hung'))),
    );
    const { verdict, counts } = await Promise.race([work, hung]);
    isGood = report(verdict, counts);
  } catch (error) {
    note(`failed: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    clearTimeout(timer);
    watchdog.abort();
    await Promise.all(running.map((one) => one.stop()));
    await engines.stop().catch((error: unknown) => note(`stopping the engines: ${String(error)}`));
    if (keep || !isGood) note(`logs and data: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
  return isGood ? 0 : 1;
}

type Outcome = { readonly verdict: Verdict; readonly counts: ReadonlyMap<string, number> };

async function runOn(
  engines: Engines,
  folder: string,
  loadOptions: LoadOptions,
  wanted: number,
  running: Supervised[],
  signal: AbortSignal,
): Promise<Outcome> {
  const load = planLoad(loadOptions);
  const stage = await setStage(engines, folder, loadOptions.prefix, {
    onFailpoint: (instance, failpoint) => kills.onFailpoint(instance, failpoint),
    onEnd: ({ id }, { code, signal: by }, tail) => note(`${id} ended by itself with ${code ?? by}\n${tail}`),
  });
  const { supervised, places } = stage;
  const kills = new Kills(supervised, engines.killable, randomOf(loadOptions.seed), note);
  running.push(...supervised);
  await startPrograms(stage, kills);
  const clients = new Clients(stage.apiUrl, places.simulatorUrl, signal);
  await clients.openAll(load);
  note(`${load.tenants.length} accounts are open`);
  const durationMs = wanted * MS_PER_KILL;
  const publisher = publish({ load: loadOptions, brokers: places.brokers, topic: places.topics.cdrs, durationMs });
  const buying = clients.buyAll(load.purchases, durationMs);
  await Promise.race([kills.run(wanted), publisher.failed]);
  note('the kills are over; publishing what was held back');
  await Promise.all([publisher.finish(), buying]);
  note('everything is published and bought');
  return { verdict: await settle(load, stage, places), counts: kills.counts };
}

async function startPrograms({ supervised }: Stage, kills: Kills): Promise<void> {
  kills.armAll();
  for (const one of supervised) one.start();
  await Promise.all(supervised.map((one) => one.waitReady(READY_WITHIN_MS)));
  note('all programs are ready');
}

function publish(task: PublisherTask): { finish(): Promise<void>; readonly failed: Promise<never> } {
  const file = new URL('publisher.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [file, JSON.stringify(task)], { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const succeeded = ended.then((code) => {
    if (code !== 0) throw new Error(`the publisher ended with ${code}`);
    return undefined;
  });
  return {
    failed: succeeded.then(() => new Promise<never>(() => undefined)),
    finish() {
      child.stdin.end('go\n');
      return succeeded;
    },
  };
}

/** Until nothing is missing any more, or for long enough; then everything is stopped and judged once more. */
async function settle(load: Load, { supervised }: Stage, places: Places): Promise<Verdict> {
  const until = Date.now() + SETTLED_WITHIN_MS;
  let before = '';
  for (let quietSince = Date.now(); Date.now() < until && Date.now() - quietSince < QUIET_MS; await delay(2_000)) {
    const state = await observe(places).then((observed) => stateOf(audit(load, observed)), String);
    if (state === SETTLED) break;
    if (state !== before) quietSince = Date.now();
    if (state !== before) note(`not settled: ${state}`);
    before = state;
  }
  // A simulator that has ended cannot be asked, so it stays.
  const programs = supervised.filter(({ instance }) => instance.program !== 'simulator');
  const exits = await Promise.all(programs.map((one) => one.stop()));
  for (const [at, exit] of exits.entries())
    if (exit?.code !== 0) note(`${programs[at]?.instance.id} stopped with ${exit?.code ?? exit?.signal}`);
  return audit(load, await observe(places));
}

function stateOf({ findings }: Verdict): string {
  return findings.length === 0 ? SETTLED : `${findings.length} findings, the first: ${findings[0]?.kind}: ${findings[0]?.what}`;
}

/** True when nothing was found. The last line is read by people and by scripts. */
function report({ findings, lost, double, distinctCdrs, redeliveries }: Verdict, counts: ReadonlyMap<string, number>): boolean {
  for (const { kind, what } of findings.slice(0, MAX_FINDINGS_SHOWN)) process.stdout.write(`${kind}: ${what}\n`);
  if (findings.length > MAX_FINDINGS_SHOWN) process.stdout.write(`and ${findings.length - MAX_FINDINGS_SHOWN} more\n`);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const each = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  const others = findings.length - lost - double;
  const more = others === 0 ? '' : `, ${others} other findings`;
  const load = `${distinctCdrs} distinct CDRs, ${redeliveries} redeliveries`;
  process.stdout.write(`crash: ${lost} lost, ${double} double${more} — ${load}, ${total} kills (${each})\n`);
  return findings.length === 0;
}
