// Bench, overview: a number of calls comes in; what the server takes to answer the pages of a tenant that has them goes out as figures.
//
// The read models are written by the bench, the account by the server itself: what its calls cost to keep and to load is measured by
// A1 to A3.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { dataFilesIn } from '@tollkeeper/operations';
import { callKeyOf, type CallRow } from '@tollkeeper/projections';
import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, type KeyRing } from '@tollkeeper/sealing';
import { availablePort } from '@tollkeeper/testing';
import { spawnProgram } from '../stage/programs.js';
import { progress } from './progress.js';
import type { Figure } from './report.js';
import { monotonicMs } from './stopwatch.js';

const TENANT = 'overview';
const PATH = `/v1/tenants/${TENANT}`;
const DAYS = 90;
const MS_PER_DAY = 86_400_000;
const ROWS_PER_WRITE = 10_000;
const WARM_UPS = 10;
const MEASURED = 100;
const SLOW_ONES = 10;
const BELOW_MS = 100;

/** As the console asks for them, all at once. */
const OVERVIEW = ['credit', 'balance', 'balance/history?days=90'];

export async function measureOverview(parent: string, nowMs: number, calls: number): Promise<readonly Figure[]> {
  progress(`overview: ${calls} calls are written`);
  const folder = join(parent, 'overview');
  mkdirSync(folder);
  await fill(folder, nowMs, calls);
  const port = await availablePort();
  const args = ['--empty', '--data', folder, '--port', String(port)];
  const logFile = join(parent, 'overview.log');
  const server = spawnProgram('standalone', { env: { ...process.env } as Record<string, string>, args, port, logFile });
  try {
    await server.waitReady();
    await open(server.url);
    progress('overview: pages are asked for');
    return await figures(server.url, calls);
  } finally {
    await server.kill('SIGTERM');
  }
}

async function figures(url: string, calls: number): Promise<readonly Figure[]> {
  const ask = async (path: string): Promise<{ readonly next: string | null }> => {
    const response = await fetch(`${url}${PATH}/${path}`);
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
    return (await response.json()) as { readonly next: string | null };
  };
  const together = await timed(MEASURED, () => Promise.all(OVERVIEW.map(ask)));
  const page = await timed(MEASURED, () => ask('calls?limit=50'));
  let cursor = '';
  const further = await timed(MEASURED, async () => {
    const { next } = await ask(`calls?limit=50${cursor}`);
    cursor = `&cursor=${next}`;
  });
  const named = await timed(MEASURED, () => ask('calls?search=overview-7'));
  const none = await timed(SLOW_ONES, () => ask('calls?unauthorised=true'));
  const searched = await timed(SLOW_ONES, () => ask('calls?search=nobody-of-this-name'));
  const of = `a tenant with ${calls.toLocaleString('en')} calls`;
  return [
    figure('O1', `overview of ${of}: credit, balance and 90 days at once`, together, BELOW_MS),
    figure('O2', 'its newest 50 calls', page, BELOW_MS),
    figure('O2 on', 'the pages after, one by one', further, BELOW_MS),
    figure('O3', 'a call by its id', named, BELOW_MS),
    figure('O4', 'a filter that no call passes, all looked at that one request may', none),
    figure('O5', 'a search that finds nobody, 20,000 calls opened', searched),
  ];
}

function figure(id: string, what: string, times: readonly number[], belowMs?: number): Figure {
  const worst = times.at(-1) ?? Number.NaN;
  const aim = belowMs === undefined ? {} : { aim: { below: belowMs } };
  const value = times[Math.ceil(times.length * 0.99) - 1] ?? worst;
  const median = times[Math.floor(times.length / 2)] ?? worst;
  return {
    id,
    what,
    value,
    unit: 'ms',
    ...aim,
    remark: `99 % of ${times.length}; the median ${median.toFixed(1)}, the slowest ${worst.toFixed(1)}`,
  };
}

/** In order of length. */
async function timed(count: number, act: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let n = -Math.min(WARM_UPS, count); n < count; n += 1) {
    const fromMs = monotonicMs();
    await act();
    if (n >= 0) times.push(monotonicMs() - fromMs);
  }
  return times.toSorted((one, other) => one - other);
}

async function open(url: string): Promise<void> {
  const write = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}${PATH}${path}`, {
      method: path === '' ? 'PUT' : 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  await write('', { currency: 'EUR' });
  const invoice = { amount: '100000', method: 'invoice', reference: 'bench' };
  const { revision } = (await (await write('/purchases', invoice, { 'idempotency-key': 'bench' })).json()) as {
    revision: number;
  };
  const seen = await fetch(`${url}${PATH}/balance?minRevision=${revision}`);
  if (!seen.ok) throw new Error(`the account was not opened: ${await seen.text()}`);
}

async function fill(folder: string, nowMs: number, calls: number): Promise<void> {
  const { readModels, keys } = dataFilesIn(folder);
  const readStore = await openReadStore<Tables>(`sqlite:${readModels}`);
  const keyStore = await openKeyStore(`sqlite:${keys}`);
  try {
    await readStore.migrate(MIGRATIONS);
    const ring = openKeyRing(keyStore);
    for (let from = 0; from < calls; from += ROWS_PER_WRITE) {
      const rows = Array.from({ length: Math.min(ROWS_PER_WRITE, calls - from) }, (_, n) => from + n);
      await ring.prepare(rows.map((n) => ({ tenant: TENANT, month: monthOf(atOf(n, nowMs, calls)) })));
      const written = rows.map((n) => callRow(n, atOf(n, nowMs, calls), ring));
      await readStore.write((tx) => readStore.upsert(tx, 'call', ['call_key'], written));
    }
    await fillDays(readStore, nowMs);
  } finally {
    await Promise.all([readStore.close(), keyStore.close()]);
  }
}

async function fillDays(readStore: ReadStore<Tables>, nowMs: number): Promise<void> {
  const days = Array.from({ length: DAYS }, (_, n) => isoOf(nowMs - n * MS_PER_DAY).slice(0, 10));
  const ofTenant = days.map((day) => ({ day_key: `${TENANT} ${day}`, tenant: TENANT, day }));
  const balances = ofTenant.map((day) => ({ ...day, balance: '90', available: '80.5', lowest_available: '7', revision: 1 }));
  const usage = ofTenant.map((day) => ({ ...day, debited: '12.3456', calls: 11_111, pool_seconds: 0 }));
  await readStore.write(async (tx) => {
    await readStore.upsert(tx, 'balance_day', ['day_key'], balances);
    await readStore.upsert(tx, 'usage_day', ['day_key'], usage);
  });
}

/** The oldest first, as they are recorded. */
function atOf(n: number, nowMs: number, calls: number): number {
  return nowMs - Math.floor(((calls - n) * DAYS * MS_PER_DAY) / calls);
}

function callRow(n: number, atMs: number, ring: KeyRing): CallRow {
  const [source, cdr_id] = ['pbx', `overview-${n}`];
  const number = String(10_000_000 + ((n * 7_919) % 89_999_999));
  const parties = {
    called: `+49151${number}`,
    calling: `+33140${number.slice(2)}`,
    userDisplayName: null,
    userId: null,
    userPrincipalName: `user-${n % 5_000}@contoso.com`,
  };
  return {
    call_key: callKeyOf(TENANT, { source, id: cdr_id }, isoOf(atMs)),
    tenant: TENANT,
    source,
    cdr_id,
    format: 'canonical-json',
    call_id: `${n}-1a2b3c@192.0.2.76`,
    conference_id: null,
    answered_at: isoOf(atMs),
    setup_at: isoOf(atMs - 3_000),
    end_at: isoOf(atMs + 61_200),
    usage_ms: 61_200,
    billable: 1,
    category: n % 10 === 0 ? 'international' : 'outbound',
    prefix: '49151',
    destination: 'Germany - Mobile',
    currency: 'EUR',
    amount: '0.0427',
    connect_charge: '0',
    coverage: 'credit',
    pool_ms: 0,
    unauthorised: null,
    report:
      '{"callType":null,"capability":null,"destinationName":null,"direction":"outbound","numberType":null,"userLocation":null}',
    parties: ring.seal(TENANT, monthOf(atMs), `${source}\u0000${cdr_id}`, parties),
    generation: 0,
    revision: n,
    recorded_at: isoOf(atMs + 62_000),
  };
}

function monthOf(atMs: number): string {
  return isoOf(atMs).slice(0, 'YYYY-MM'.length);
}

function isoOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
