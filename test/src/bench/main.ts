// `npm run bench`: measures the path on this machine and prints a table. It exits 0 whatever the figures are, and 1 when it
// could not measure or when a CDR was not debited exactly once.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCommandLine, type BenchOptions } from './command-line.js';
import { measureAccounts } from './measure-accounts.js';
import { measureAsOf } from './measure-as-of.js';
import { costsOfEmbedded, measureEmbedded } from './measure-embedded.js';
import { costsOfPrograms, measurePrograms } from './measure-programs.js';
import { measureRating } from './measure-rating.js';
import { measureReport } from './measure-report.js';
import { measureVerifying } from './measure-verifying.js';
import { measureOverview } from './overview.js';
import { describeMachine, type Addresses } from './machine.js';
import { openGround } from './ground.js';
import { judge, textOf, type Figure, type Report } from './report.js';
import type { Costs } from './costs.js';
import { sampleEvent } from './sample-event.js';
import { FULL, QUICK, type Sizes } from './sizes.js';

const options = parseCommandLine(process.argv.slice(2));
const addresses: Addresses = {
  brokers: process.env['KAFKA_BROKERS'] || undefined,
  databaseUrl: process.env['DATABASE_URL'] || undefined,
  kurrentDbUrl: process.env['KURRENTDB_URL'] || undefined,
};

try {
  const report = await measure(options, options.quick ? QUICK : FULL);
  console.log(textOf(report));
  if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(report, null, 2)}\n`);
  process.exit(0);
} catch (error) {
  console.error('bench: could not measure:', error);
  process.exit(1);
}

async function measure({ quick, parts }: BenchOptions, sizes: Sizes): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-bench-'));
  const figures: Figure[] = [];
  const costs: Record<string, Costs> = {};
  const skipped: string[] = [];
  const nowMs = Date.now();
  const eventFile = join(folder, 'event.json');
  const { brokers, databaseUrl, kurrentDbUrl } = addresses;
  try {
    writeFileSync(eventFile, JSON.stringify(await sampleEvent(folder, nowMs)));
    if (brokers === undefined || databaseUrl === undefined) {
      skipped.push(
        'everything but E2, rating, accounts, as-of, report, verify and overview, since KAFKA_BROKERS or DATABASE_URL is not set',
      );
    } else {
      const ground = await openGround({ brokers, databaseUrl, kurrentDbUrl }, sizes, folder);
      try {
        figures.push(...(await measurePrograms(ground, parts, eventFile)));
        if (parts.has('costs')) Object.assign(costs, await costsOfPrograms(ground));
      } finally {
        await ground.close();
      }
    }
    const embedded = { folder, eventFile, nowMs };
    if (parts.has('rating')) figures.push(...(await measureRating(sizes)));
    if (parts.has('E2')) figures.push(...(await measureEmbedded(embedded, sizes)));
    if (parts.has('accounts')) figures.push(...(await measureAccounts(folder, nowMs, sizes)));
    if (parts.has('as-of')) figures.push(...(await measureAsOf(folder, sizes)));
    if (parts.has('report')) figures.push(...(await measureReport(folder, sizes)));
    if (parts.has('verify')) figures.push(...(await measureVerifying(folder, nowMs, sizes)));
    if (parts.has('overview')) figures.push(...(await measureOverview(folder, nowMs, sizes.overviewCalls)));
    if (parts.has('costs')) Object.assign(costs, await costsOfEmbedded(embedded, sizes));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const machine = await describeMachine(addresses);
  return { date: new Date().toISOString(), form: quick ? 'quick' : 'full', machine, figures: judge(figures), costs, skipped };
}
