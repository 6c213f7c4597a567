// Bench, accounts: how much comes in; what a long account costs to keep and to load, what an idle one holds, and what many callers
// of one account wait, go out as figures.

import { join } from 'node:path';
import type { AccountsTask, CallersResult, IdleResult, KeptResult, LoadedResult } from './accounts.js';
import { runApart } from './processes.js';
import { progress } from './progress.js';
import type { Figure } from './report.js';
import type { Sizes } from './sizes.js';

const LOADED_BELOW_MS = 1_000;
const BYTES_PER_CALL_BELOW = 24;
/** Events that ten thousand calls leave in the store take as much. */
const KEPT_AGAIN_BELOW_MIB = 24;

export async function measureAccounts(folder: string, nowMs: number, sizes: Sizes): Promise<readonly Figure[]> {
  const run = <Result>(what: AccountsTask['what'], own: string, count: number): Promise<Result> => {
    progress(`accounts, ${what}: ${count}`);
    const task: AccountsTask = { what, folder: join(folder, own), nowMs, count };
    return runApart<Result>('accounts.js', task, { NODE_OPTIONS: '--expose-gc' });
  };
  const kept = await run<KeptResult>('keep', 'long', sizes.knownCalls);
  const loaded = await run<LoadedResult>('load', 'long', sizes.knownCalls);
  const idle = await run<IdleResult>('idle', 'idle', sizes.idleTenants);
  const callers = await run<CallersResult>('callers', 'callers', sizes.changes);
  return [...ofLong(kept, loaded, sizes.knownCalls), ...ofMany(idle, callers, sizes.idleTenants)];
}

function ofLong(kept: KeptResult, loaded: LoadedResult, calls: number): readonly Figure[] {
  const account = `an account that knows ${calls.toLocaleString('en')} calls`;
  return [
    {
      id: 'A1',
      what: `${account}: loaded, snapshot and ${loaded.tail.toLocaleString('en')} events of SQLite`,
      value: loaded.accountMs,
      unit: 'ms',
      aim: { below: LOADED_BELOW_MS },
      remark: `${loaded.accountCpuMs.toFixed(0)} ms of CPU; the snapshot alone ${loaded.snapshotMs.toFixed(0)} ms; ids made up, not folded; files in the disk cache`,
    },
    {
      id: 'A2 first',
      what: 'its first snapshot',
      value: kept.firstMs,
      unit: 'ms',
      remark: `${kept.firstMiB.toFixed(0)} MiB written`,
    },
    { id: 'A2', what: 'the next one, 10,000 calls later', value: kept.againMs, unit: 'ms' },
    { id: 'A2 size', what: 'what that one writes', value: kept.againMiB, unit: 'MiB', aim: { below: KEPT_AGAIN_BELOW_MIB } },
    { id: 'A3', what: 'what a known call takes', value: kept.bytesPerCall, unit: 'bytes', aim: { below: BYTES_PER_CALL_BELOW } },
    { id: 'A3 find', what: 'looking for a call that is not known', value: kept.lookUpsPerSecond, unit: 'calls/s' },
  ];
}

function ofMany({ kibPerTenant }: IdleResult, callers: CallersResult, tenants: number): readonly Figure[] {
  const what = `what an idle tenant holds, account, credit and 5 calls, ${tenants.toLocaleString('en')} cached`;
  return [
    { id: 'A4', what, value: kibPerTenant, unit: 'KiB' },
    { id: 'A5 one', what: 'changes of one account in SQLite, one caller', value: callers.onePerSecond, unit: 'calls/s' },
    {
      id: 'A5',
      what: 'the same, a hundred callers at once',
      value: callers.hundredPerSecond,
      unit: 'calls/s',
      baseline: 'A5 one',
      remark: `who waited longest waited ${callers.hundredWorstMs.toFixed(0)} ms`,
    },
  ];
}
