// Bench, calls in progress: switches that ask the API over HTTP before each call → how many a second, and how long each waits until
// its hold is written.

import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import type { RatedAhead } from '@tollkeeper/charge';
import { StreamWriter } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf } from '@tollkeeper/ledger';
import { isDeckRejection, isRatingRejection, parseDeck, rateAhead } from '@tollkeeper/rating';
import { openReadStore } from '@tollkeeper/read-store';
import type { Program } from '../stage/programs.js';
import { openAccounts } from './filling.js';
import { ratingFiles, type Ground } from './ground.js';
import { memoryOf } from './processes.js';
import { progress } from './progress.js';
import type { Figure } from './report.js';
import { WARM_UP_SHARE } from './sizes.js';
import { monotonicMs } from './stopwatch.js';
import { CURRENCY, deckCsv } from './workload.js';

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
    const alone = await byTheLedger(ground);
    const many = await acrossTenants(ground, asked);
    const hot = await onOneAccount(ground, asked);
    const conflicts = await conflictsOf(api);
    const where = `hold acknowledged by ${ground.eventStoreName}, over HTTP`;
    return [
      {
        id: 'authorise ledger',
        what: `authorisations of ${TENANTS} tenants, hold acknowledged by ${ground.eventStoreName}, without HTTP`,
        value: alone.perSecond,
        unit: 'calls/s',
        aim: { least: 2_000 },
      },
      {
        id: 'authorise ledger p99',
        what: `the same, ${AT_ONCE} at once`,
        value: alone.p99Ms,
        unit: 'ms',
        aim: { below: 15 },
        remark: `p50 ${alone.p50Ms.toFixed(1)} ms`,
      },
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

async function acrossTenants(ground: Ground, asked: Asking): Promise<Waited> {
  const tenants = await openedTenants(ground, 'auth');
  const { authorisations: count } = ground.sizes;
  progress(`${count} authorisations of ${TENANTS} tenants over HTTP`);
  return inLanes(count, (at) => {
    const tenant = tenants[at % TENANTS];
    return asked.timed(201, '/v1/authorizations', { tenant, sessionId: `s-${at}`, called: CALLED });
  });
}

/** The same decision and append as the API makes, with a call that is rated already. */
async function byTheLedger(ground: Ground): Promise<Waited> {
  const tenants = await openedTenants(ground, 'alone');
  const { authorisations: count } = ground.sizes;
  progress(`${count} authorisations of ${TENANTS} tenants by the ledger alone`);
  const writer = new StreamWriter({ store: ground.eventStore, decider: ledgerDecider, maxCachedStreams: TENANTS });
  const rated = ratedCall();
  const waited = await inLanes(count, async (at) => {
    const startMs = monotonicMs();
    const nowMs = Date.now();
    const [result] = await writer.execute(streamOf(tenants[at % TENANTS] as string), [
      {
        kind: 'authorise',
        nowMs,
        sessionId: `s-${at}`,
        fingerprint: `f-${at}`,
        parties: SEALED,
        traits: { direction: 'outbound', users: [], destinationCountry: 'DE', supported: true },
        presumedAnswerMs: nowMs,
        requestedSeconds: null,
        rated,
      },
    ]);
    if (result?.kind !== 'recorded') throw new Error(`an authorisation was not recorded: ${JSON.stringify(result)}`);
    return monotonicMs() - startMs;
  });
  await writer.close();
  return waited;
}

/** As long as sealed numbers are. */
const SEALED = `v1.2026-11.${'x'.repeat(150)}`;

function ratedCall(): RatedAhead {
  const deck = parseDeck(deckCsv(), { currency: CURRENCY });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  const call = { plan: 'default', currency: CURRENCY, category: 'outbound', calledNumber: CALLED, answerTimeMs: Date.now() };
  const rated = rateAhead(call, deck);
  if (isRatingRejection(rated)) throw new Error(rated.reason);
  return rated;
}

async function openedTenants({ run, eventStore, nowMs }: Ground, name: string): Promise<readonly string[]> {
  const tenants = Array.from({ length: TENANTS }, (_, at) => `${run}${name}-${at}`);
  await openAccounts(eventStore, tenants, nowMs);
  return tenants;
}

async function inLanes(count: number, ask: (at: number) => Promise<number>): Promise<Waited> {
  const waitedMs = new Float64Array(count);
  let next = 0;
  let measuredFromMs = 0;
  const measuredFrom = Math.floor(count * WARM_UP_SHARE);
  const lane = async (): Promise<void> => {
    while (next < count) {
      const at = next++;
      if (at === measuredFrom) measuredFromMs = monotonicMs();
      waitedMs[at] = await ask(at);
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
