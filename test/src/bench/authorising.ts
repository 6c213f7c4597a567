// Bench, calls in progress: switches that ask the API over HTTP before each call → how many a second, and how long each waits until
// its hold is written.

import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { MIGRATIONS, type Tables } from '@tollkeeper/app-projections';
import { openReadStore } from '@tollkeeper/read-store';
import type { Program } from '../stage/programs.js';
import { openAccounts } from './filling.js';
import { ratingFiles, type Ground } from './ground.js';
import { memoryOf } from './processes.js';
import { progress } from './progress.js';
import type { Figure } from './report.js';
import { WARM_UP_SHARE } from './sizes.js';
import { monotonicMs } from './stopwatch.js';

const TENANTS = 1_000;
/** Requests under way at once, as from a handful of switches. */
const AT_ONCE = 12;
const CALLS_IN_PROGRESS = 100;
const UPDATES_PER_SECOND = 200;
const CALLED = '+4930123456';

export async function measureAuthorising(ground: Ground): Promise<readonly Figure[]> {
  const { api, port } = await startApi(ground);
  const asked = new Asking(port);
  try {
    const many = await acrossTenants(ground, asked);
    const hot = await onOneAccount(ground, asked);
    const conflicts = await conflictsOf(api);
    const where = `hold acknowledged by ${ground.eventStoreName}, over HTTP`;
    return [
      {
        id: 'authorise many',
        what: `authorisations of ${TENANTS} tenants, ${where}`,
        value: many.perSecond,
        unit: 'calls/s',
        aim: { least: 2_000 },
      },
      {
        id: 'authorise many p99',
        what: `the same, ${AT_ONCE} at once`,
        value: many.p99Ms,
        unit: 'ms',
        aim: { below: 15 },
        remark: `p50 ${many.p50Ms.toFixed(1)} ms; API ${memoryOf(api.pid).peakRssMiB} MiB`,
      },
      {
        id: 'authorise hot p99',
        what: `updates on one account with ${CALLS_IN_PROGRESS} calls in progress, ${UPDATES_PER_SECOND} a second`,
        value: hot.p99Ms,
        unit: 'ms',
        aim: { below: 25 },
        remark: `p50 ${hot.p50Ms.toFixed(1)} ms; ${conflicts} retries on conflict`,
      },
    ];
  } finally {
    asked.close();
    await api.kill('SIGTERM');
  }
}

async function startApi(ground: Ground): Promise<{ readonly api: Program; readonly port: number }> {
  const cdrs = await ground.topic('authorise-cdr');
  const readModels = await ground.schema();
  const readStore = await openReadStore<Tables>(readModels);
  await readStore.migrate(MIGRATIONS);
  await readStore.close();
  const api = await ground.start('api', { DATABASE_URL: readModels, CDR_TOPIC: cdrs, ...ratingFiles(ground, cdrs) });
  await api.waitReady();
  return { api, port: api.healthPort };
}

type Waited = { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };

async function acrossTenants({ run, eventStore, sizes, nowMs }: Ground, asked: Asking): Promise<Waited> {
  const tenants = Array.from({ length: TENANTS }, (_, at) => `${run}auth-${at}`);
  await openAccounts(eventStore, tenants, nowMs);
  const count = sizes.authorisations;
  progress(`${count} authorisations of ${TENANTS} tenants`);
  const waitedMs = new Float64Array(count);
  let next = 0;
  let measuredFromMs = 0;
  const measuredFrom = Math.floor(count * WARM_UP_SHARE);
  const lane = async (): Promise<void> => {
    while (next < count) {
      const at = next++;
      if (at === measuredFrom) measuredFromMs = monotonicMs();
      const tenant = tenants[at % TENANTS];
      waitedMs[at] = await asked.timed(201, '/v1/authorizations', { tenant, sessionId: `s-${at}`, called: CALLED });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const perSecond = ((count - measuredFrom) / (monotonicMs() - measuredFromMs)) * 1000;
  return { perSecond, ...percentiles(waitedMs.slice(measuredFrom)) };
}

async function onOneAccount({ run, eventStore, sizes, nowMs }: Ground, asked: Asking): Promise<Waited> {
  const tenant = `${run}auth-hot`;
  await openAccounts(eventStore, [tenant], nowMs);
  const sessions = Array.from({ length: CALLS_IN_PROGRESS }, (_, at) => `hot-${at}`);
  await Promise.all(sessions.map((sessionId) => asked.timed(201, '/v1/authorizations', { tenant, sessionId, called: CALLED })));
  const count = Math.floor(sizes.authorisations / 10);
  progress(`${count} updates on one account`);
  const waits: Promise<number>[] = [];
  const startMs = monotonicMs();
  for (let at = 0; at < count; at += 1) {
    const lateMs = startMs + (at / UPDATES_PER_SECOND) * 1000 - monotonicMs();
    if (lateMs > 1) await delay(lateMs);
    const usedSeconds = 1 + Math.floor(at / CALLS_IN_PROGRESS);
    const path = `/v1/authorizations/${sessions[at % CALLS_IN_PROGRESS]}/update`;
    waits.push(asked.timed(200, path, { tenant, usedSeconds }));
  }
  const waitedMs = Float64Array.from(await Promise.all(waits)).slice(Math.floor(count * WARM_UP_SHARE));
  return { perSecond: UPDATES_PER_SECOND, ...percentiles(waitedMs) };
}

function percentiles(waitedMs: Float64Array): { readonly p50Ms: number; readonly p99Ms: number } {
  const sorted = waitedMs.toSorted();
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function conflictsOf({ url }: Program): Promise<string> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return /^tollkeeper_append_conflicts_total (\S+)/m.exec(metrics)?.[1] ?? '0';
}

/** A switch's connections, kept open: as light as Node has them, since they share the cores with what is measured. */
class Asking {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CALLS_IN_PROGRESS });

  constructor(private readonly port: number) {}

  /** Milliseconds from asking to the whole answer. */
  timed(status: number, path: string, body: object): Promise<number> {
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const startMs = monotonicMs();
    return new Promise((resolve, reject) => {
      const asking = request(
        { host: '127.0.0.1', port: this.port, path, method: 'POST', headers, agent: this.#agent },
        (answer) => {
          let told = '';
          answer.setEncoding('utf8').on('data', (piece: string) => (told += piece));
          answer.on('end', () => {
            if (answer.statusCode === status) resolve(monotonicMs() - startMs);
            else reject(new Error(`${path} was answered ${answer.statusCode} ${told}`));
          });
        },
      );
      asking.on('error', reject).end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
