// Bench, E2: rating on the embedded engines, each run in a process of its own → its figures, beside their baseline.

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { costsOf, profiling, type Costs } from './costs.js';
import type { EmbeddedResult, EmbeddedTask } from './embedded.js';
import { runApart } from './processes.js';
import { progress } from './progress.js';
import type { Figure } from './report.js';
import type { Sizes } from './sizes.js';
import { ratePerSecond } from './stopwatch.js';

export type EmbeddedGround = { readonly folder: string; readonly eventFile: string; readonly nowMs: number };

const LEAST_CDRS_PER_SECOND = 15_000;
const TENANTS: Readonly<Record<'hot' | 'many', string>> = { hot: 'one hot tenant', many: '1,000 tenants' };

export async function measureEmbedded(ground: EmbeddedGround, { embedded: count }: Sizes): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const shape of ['hot', 'many'] as const) {
    const bare = await run(ground, 'baseline', shape, count);
    figures.push({
      id: `B3e ${shape}`,
      what: `SQLite alone: consume and append, ${TENANTS[shape]}`,
      value: ratePerSecond(bare.span),
      unit: 'events/s',
    });
    const { span, peakRssMiB } = await run(ground, 'rating', shape, count);
    figures.push({
      id: `E2 ${shape}`,
      what: `SQLite bus to debits in SQLite, rating only, ${TENANTS[shape]}`,
      value: ratePerSecond(span),
      unit: 'CDR/s',
      baseline: `B3e ${shape}`,
      aim: { least: LEAST_CDRS_PER_SECOND },
      remark: `${peakRssMiB} MiB at most`,
    });
  }
  const { span, peakRssMiB } = await run(ground, 'whole', 'many', count);
  figures.push({
    id: 'E2 whole',
    what: `the same to the balance event published, read models kept, ${TENANTS.many}`,
    value: ratePerSecond(span),
    unit: 'CDR/s',
    baseline: 'B3e many',
    remark: `${peakRssMiB} MiB at most`,
  });
  return figures;
}

export async function costsOfEmbedded(ground: EmbeddedGround, { profiled }: Sizes): Promise<Readonly<Record<string, Costs>>> {
  const costs: Record<string, Costs> = {};
  for (const mode of ['rating', 'whole'] as const) {
    const folder = mkdtempSync(join(ground.folder, 'profile-'));
    const { span } = await run(ground, mode, 'many', profiled, profiling(folder));
    costs[mode === 'rating' ? 'E2 many' : 'E2 whole'] = costsOf(folder, span);
  }
  return costs;
}

async function run(
  { folder, eventFile, nowMs }: EmbeddedGround,
  mode: EmbeddedTask['mode'],
  shape: 'hot' | 'many',
  count: number,
  env: Readonly<Record<string, string>> = {},
): Promise<EmbeddedResult> {
  progress(`E2, ${mode}: ${count} CDRs of ${TENANTS[shape]}`);
  const own = mkdtempSync(join(folder, 'embedded-'));
  const task: EmbeddedTask = { mode, folder: own, count, workload: { name: 'embedded', shape, nowMs }, eventFile };
  return await runApart<EmbeddedResult>('embedded.js', task, env);
}
