// Bench, the programs on real engines: which parts come in; baselines, E1, latency, memory and rebuild go out as figures.

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { measureAuthorising } from './authorising.js';
import type { BaselineResult, BaselineTask } from './baseline.js';
import type { Part } from './command-line.js';
import { costsOf, profiling, type Costs } from './costs.js';
import { drain, type Drained } from './drain.js';
import type { Filled, Ground } from './ground.js';
import { idleMemory } from './idle-memory.js';
import { measureLatency } from './latency.js';
import { runApart } from './processes.js';
import { progress } from './progress.js';
import { measureRebuild, positionsOf } from './rebuild.js';
import type { Figure } from './report.js';
import { ratePerSecond } from './stopwatch.js';
import type { Shape } from './workload.js';

const SHAPES = ['hot', 'many'] as const;
const TENANTS: Readonly<Record<Shape, string>> = { hot: 'one hot tenant', many: '1,000 tenants', crowd: '10,000 tenants' };
const LEAST_RATIO: Readonly<Record<(typeof SHAPES)[number], number>> = { hot: 0.7, many: 0.6 };
const MOST_LATENCY_MS = 250;
const MOST_RSS_MIB = 300;
const MOST_RSS_OF_CROWD_MIB = 512;
/** The ids of a million calls take up to 24 bytes each; more growth than that and some noise is a leak. */
const MOST_GROWTH_MIB = 40;
const LEAST_REBUILT_PER_SECOND = 50_000;

export async function measurePrograms(ground: Ground, parts: ReadonlySet<Part>, eventFile: string): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  let calls = 0;
  if (['B1', 'B2', 'B3', 'E1'].some((part) => parts.has(part as Part))) {
    for (const shape of SHAPES) {
      const filled = await ground.fill(shape, ground.sizes[shape]);
      figures.push(...(await baselines(ground, filled, parts, eventFile)));
      if (!parts.has('E1')) continue;
      progress(`E1: ${filled.count} CDRs of ${TENANTS[shape]}`);
      figures.push(...endToEnd(ground, shape, await drain(ground, filled)));
      calls += filled.count;
    }
  }
  if (parts.has('B4') || parts.has('rebuild')) figures.push(...(await readingAll(ground, parts, calls, eventFile)));
  if (parts.has('latency')) figures.push(...(await latencies(ground)));
  if (parts.has('crowd')) figures.push(...(await memoryOfCrowd(ground)));
  if (parts.has('authorise')) figures.push(...(await measureAuthorising(ground)));
  if (parts.has('memory')) figures.push(...(await idleMemory(ground)));
  return figures;
}

/** Ten thousand accounts in the cache of one rating program, each with calls of its own. */
async function memoryOfCrowd(ground: Ground): Promise<readonly Figure[]> {
  const filled = await ground.fill('crowd', ground.sizes.many);
  progress(`${filled.count} CDRs of ${TENANTS.crowd}`);
  const { peakRssMiB } = await drain(ground, filled);
  const what = `rating's memory at most, ${filled.count} CDRs of ${TENANTS.crowd}`;
  return [{ id: 'RSS rating crowd', what, value: peakRssMiB, unit: 'MiB', aim: { below: MOST_RSS_OF_CROWD_MIB } }];
}

/** Rating and the rebuild again, fewer CDRs of them, with V8's profiler. */
export async function costsOfPrograms(ground: Ground): Promise<Readonly<Record<string, Costs>>> {
  const costs: Record<string, Costs> = {};
  const count = ground.sizes.profiled;
  for (const shape of SHAPES) {
    const filled = await ground.fill(shape, count);
    progress(`E1, profiled: ${count} CDRs of ${TENANTS[shape]}`);
    const folder = mkdtempSync(join(ground.folder, 'profile-'));
    const { span } = await drain(ground, filled, profiling(folder));
    costs[`E1 ${shape}`] = costsOf(folder, span);
  }
  progress('rebuild, profiled');
  const folder = mkdtempSync(join(ground.folder, 'profile-'));
  const { span } = await measureRebuild(ground, await positionsOf(ground), profiling(folder));
  costs['rebuild'] = costsOf(folder, span);
  return costs;
}

async function baselines(
  ground: Ground,
  filled: Filled,
  parts: ReadonlySet<Part>,
  eventFile: string,
): Promise<readonly Figure[]> {
  const { shape } = filled;
  const count = Math.min(filled.count, ground.sizes.baseline);
  const events = ground.eventStoreName;
  const measured: readonly (readonly [BaselineTask['name'], string])[] = [
    ['B1', `consume CDRs with kafkajs, do nothing, ${TENANTS[shape]}`],
    ['B2', `append prebuilt events to ${events}, ${TENANTS[shape]}`],
    ['B3', `both in one program, nothing rated, ${TENANTS[shape]}`],
    ['B3a', `the same by our adapter of ${events}, ${TENANTS[shape]}`],
  ];
  const figures: Figure[] = [];
  for (const [name, what] of measured) {
    if (!parts.has(name === 'B3a' ? 'B3' : name)) continue;
    progress(`${name}: ${count} of ${TENANTS[shape]}`);
    const span = await baseline(ground, eventFile, name, { filled, count, streamPrefix: `${ground.run}${name}` });
    figures.push({ id: `${name} ${shape}`, what, value: ratePerSecond(span), unit: 'events/s' });
  }
  return figures;
}

async function baseline(
  ground: Ground,
  eventFile: string,
  name: BaselineTask['name'],
  { filled, count, streamPrefix }: { readonly filled: Filled | undefined; readonly count: number; readonly streamPrefix: string },
): Promise<BaselineResult['span']> {
  const { brokers, eventStoreUrl, startPosition, nowMs } = ground;
  const task: BaselineTask = {
    name,
    brokers,
    eventStoreUrl,
    topic: filled?.topic ?? '',
    group: `${filled?.topic}-${name}`,
    streamPrefix,
    after: String(startPosition),
    count,
    workload: { name: filled?.name ?? '', shape: filled?.shape ?? 'hot', nowMs },
    eventFile,
  };
  return (await runApart<BaselineResult>('baseline.js', task)).span;
}

function endToEnd(
  ground: Ground,
  shape: (typeof SHAPES)[number],
  { span, peakRssMiB, rssMiBByTenth, cpuMicros }: Drained,
): readonly Figure[] {
  const cpu = `CPU a CDR: program ${cpuMicros.program.toFixed(0)} µs, machine ${cpuMicros.machine.toFixed(0)} µs`;
  const growth = (rssMiBByTenth.at(-1) ?? 0) - (rssMiBByTenth[2] ?? 0);
  return [
    {
      id: `E1 ${shape}`,
      what: `Kafka to debits acknowledged by ${ground.eventStoreName}, ${TENANTS[shape]}`,
      value: ratePerSecond(span),
      unit: 'CDR/s',
      baseline: `B3 ${shape}`,
      aim: { least: LEAST_RATIO[shape] },
      aimIsRatio: true,
      remark: cpu,
    },
    {
      id: `RSS rating ${shape}`,
      what: `rating's memory at most, E1 ${shape}`,
      value: peakRssMiB,
      unit: 'MiB',
      aim: { below: MOST_RSS_MIB },
    },
    {
      id: `RSS growth ${shape}`,
      what: `its growth from the third tenth of the CDRs to the last`,
      value: growth,
      unit: 'MiB',
      aim: { below: MOST_GROWTH_MIB },
      remark: `mean of each tenth: ${rssMiBByTenth.join(' ')}`,
    },
  ];
}

async function readingAll(
  ground: Ground,
  parts: ReadonlySet<Part>,
  calls: number,
  eventFile: string,
): Promise<readonly Figure[]> {
  const positions = await positionsOf(ground);
  const figures: Figure[] = [];
  if (parts.has('B4')) {
    progress(`B4: ${positions.length} events`);
    const span = await baseline(ground, eventFile, 'B4', { filled: undefined, count: positions.length, streamPrefix: 'credit-' });
    figures.push({ id: 'B4', what: 'read $all, ledger events', value: ratePerSecond(span), unit: 'events/s' });
  }
  if (parts.has('rebuild')) {
    progress(`rebuild: ${positions.length} events`);
    const { span, peakRssMiB, calls: counted } = await measureRebuild(ground, positions);
    if (counted !== calls) throw new Error(`the rebuilt balances count ${counted} calls, ${calls} were debited`);
    const value = ratePerSecond(span);
    figures.push(
      {
        id: 'rebuild',
        what: 'read models folded anew',
        value,
        unit: 'events/s',
        baseline: 'B4',
        aim: { least: LEAST_REBUILT_PER_SECOND },
      },
      { id: 'RSS projections', what: "projections' memory at most, rebuild", value: peakRssMiB, unit: 'MiB' },
    );
  }
  return figures;
}

async function latencies(ground: Ground): Promise<readonly Figure[]> {
  const { count, p50Ms, p99Ms, maxMs, decidedP99Ms, ratingPeakRssMiB, projectionsPeakRssMiB } = await measureLatency(ground);
  const what = 'CDR published to balance event published, 2,000 CDR/s';
  const remark = `of ${count} CDRs, ${maxMs.toFixed(0)} ms at most; debit decided within ${decidedP99Ms.toFixed(0)} ms (p99); rating ${ratingPeakRssMiB} MiB, projections ${projectionsPeakRssMiB} MiB`;
  return [
    { id: 'latency p50', what, value: p50Ms, unit: 'ms' },
    { id: 'latency p99', what, value: p99Ms, unit: 'ms', aim: { below: MOST_LATENCY_MS }, remark },
  ];
}
