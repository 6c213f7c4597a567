// Bench, the usage report, in a process of its own: calls are made up in a read store on SQLite, then reported as CSV or as a workbook.

import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { callKeyOf } from '@tollkeeper/projections';
import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, type KeyRing } from '@tollkeeper/sealing';
import { csvOf, usageReport, xlsxOf } from '@tollkeeper/usage-report';
import { answerApart, memoryOf } from './processes.js';
import { monotonicMs } from './stopwatch.js';

export type ReportTask = { readonly what: 'fill' | 'csv' | 'xlsx'; readonly folder: string; readonly calls: number };
export type ReportResult = { readonly perSecond: number; readonly grownMiB: number; readonly cpuMs: number };

const TENANT = 'acme';
const MONTH = '2026-03';
const [FROM_MS, TO_MS] = [Date.UTC(2026, 2), Date.UTC(2026, 3)];
const ROWS_PER_WRITE = 5_000;
const REPORT = JSON.stringify({
  callType: null,
  capability: null,
  destinationName: null,
  direction: 'outbound',
  userLocation: null,
});

await answerApart(async ({ what, folder, calls }: ReportTask): Promise<ReportResult> => {
  const isNew = !existsSync(join(folder, 'keys.db'));
  const readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'read.db')}`);
  const keys = await openKeyStore(`sqlite:${join(folder, 'keys.db')}`, {});
  const ring = openKeyRing(keys);
  if (isNew) await readStore.migrate(MIGRATIONS);
  if (what === 'fill') {
    await fill(readStore, ring, calls);
    return { perSecond: 0, grownMiB: 0, cpuMs: 0 };
  }
  const parts = { readStore, ring, country: 'FR' };
  // Code is compiled and keys are asked for by the first day's calls.
  for await (const _ of usageReport(parts, { tenant: TENANT, fromMs: FROM_MS, toMs: FROM_MS + 86_400_000 }));
  const [before, beganMs, cpu] = [memoryOf(process.pid).rssMiB, monotonicMs(), process.cpuUsage()];
  const pages = usageReport(parts, { tenant: TENANT, fromMs: FROM_MS, toMs: TO_MS });
  const file = what === 'csv' ? Readable.from(csvOf(pages)) : xlsxOf(pages);
  await pipeline(file, createWriteStream(join(folder, `report.${what}`)));
  const perSecond = (calls * 1_000) / (monotonicMs() - beganMs);
  const used = process.cpuUsage(cpu);
  return { perSecond, grownMiB: memoryOf(process.pid).peakRssMiB - before, cpuMs: (used.user + used.system) / 1_000 };
});

async function fill(readStore: ReadStore<Tables>, ring: KeyRing, calls: number): Promise<void> {
  await ring.prepare([{ tenant: TENANT, month: MONTH }]);
  for (let at = 0; at < calls; at += ROWS_PER_WRITE) {
    const rows = Array.from({ length: Math.min(ROWS_PER_WRITE, calls - at) }, (_, n) => rowOf(at + n, calls, ring));
    await readStore.write((tx) => readStore.upsert(tx, 'call', ['call_key'], rows));
  }
}

/** Spread over the month; every name and number is sealed, as in operation. */
function rowOf(n: number, calls: number, ring: KeyRing): Tables['call'] {
  const atMs = FROM_MS + Math.floor((n * (TO_MS - FROM_MS)) / calls);
  const [source, id] = ['sbc', `7d1f0c52-08a5-4d0e-9b5e-${n.toString(16).padStart(12, '0')}`];
  const user = n % 500;
  const parties = {
    called: `+4915${100_000_000 + n}`,
    calling: `+3314${1_000_000 + user}`,
    userDisplayName: `Zoë Martin ${user}`,
    userId: `7d1f0c52-08a5-4d0e-9b5e-${user.toString(16).padStart(12, '0')}`,
    userPrincipalName: `zoe.martin.${user}@acme.example`,
  };
  const [answered_at, setup_at, end_at] = [atMs, atMs - 3_000, atMs + 61_200].map((ms) => new Date(ms).toISOString()) as [
    string,
    string,
    string,
  ];
  return {
    call_key: callKeyOf(TENANT, { source, id }, answered_at),
    tenant: TENANT,
    source,
    cdr_id: id,
    format: 'canonical-json',
    call_id: `${n}@192.0.2.1`,
    conference_id: null,
    answered_at,
    setup_at,
    end_at,
    usage_ms: 61_200,
    billable: 1,
    category: 'outbound',
    prefix: '4915',
    destination: 'Germany - Mobile',
    currency: 'EUR',
    amount: `0.0${1_000 + (n % 9_000)}`,
    connect_charge: '0',
    coverage: 'credit',
    pool_ms: 0,
    unauthorised: null,
    report: REPORT,
    parties: ring.seal(TENANT, MONTH, `${source}\u0000${id}`, parties),
    generation: 0,
    revision: n,
    recorded_at: end_at,
  };
}
