// Bench, verify: how much comes in; how fast a ledger is proven, the chain alone and line by line, goes out as figures.

import { join } from 'node:path';
import { CHECK_NAMES, type CheckName } from '@tollkeeper/audit';
import { runApart } from './processes.js';
import { progress } from './progress.js';
import type { Figure } from './report.js';
import type { Sizes } from './sizes.js';
import type { VerifiedResult, VerifyingTask } from './verifying.js';

const LEAST_EVENTS_PER_S = 50_000;

const MEASURED: readonly { readonly id: string; readonly what: string; readonly only: readonly CheckName[] }[] = [
  { id: 'V1', what: 'verify: the hash chain', only: ['hash chain'] },
  {
    id: 'V2',
    what: 'verify: the chain and all that follows from the events alone',
    only: ['hash chain', 'balances', 'trial balance', 'months', 'recharges', 'payments'],
  },
  { id: 'V3', what: 'verify: every debit rated again', only: ['charges'] },
  { id: 'V4', what: 'verify: the read models beside a replay', only: ['projections'] },
  { id: 'V5', what: 'verify: everything, in one thread', only: CHECK_NAMES },
];

export async function measureVerifying(folder: string, nowMs: number, { embedded }: Sizes): Promise<readonly Figure[]> {
  const own = join(folder, 'verified');
  const run = (what: VerifyingTask['what']): Promise<VerifiedResult> => {
    const task: VerifyingTask = { folder: own, nowMs, what };
    return runApart<VerifiedResult>('verifying.js', task);
  };
  progress(`verify: a ledger of ${embedded} calls is made`);
  await run({ fill: embedded });
  const figures: Figure[] = [];
  for (const { id, what, only } of MEASURED) {
    progress(`${what}: ${embedded}`);
    const { events, ms, cpuMs, peakRssMiB } = await run({ only });
    const remark = `${((cpuMs * 1000) / events).toFixed(1)} µs of CPU an event, ${peakRssMiB} MiB at most`;
    const aim = id === 'V1' ? { aim: { least: LEAST_EVENTS_PER_S } } : {};
    figures.push({ id, what, value: (events * 1000) / ms, unit: 'events/s', remark, ...aim });
  }
  return figures;
}
