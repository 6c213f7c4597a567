// `tollkeeper verify`: options in; out a table of what was checked and what differs, then the first differences with what to do.

import { CHECK_NAMES, type CheckLine, type CheckName, type LedgerVerification } from '@tollkeeper/audit';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson, Progress, tableOf } from './output.js';
import { verifyInThreads } from './verify-threads.js';

export type VerifyOptions = {
  readonly tenant?: string;
  /** Names of lines, with commas; a dash stands for a blank. */
  readonly only?: string;
  readonly checkpoint?: string;
  readonly saveCheckpoint?: string;
  readonly data?: string;
  readonly json?: boolean;
};

export async function verify(options: VerifyOptions, engines: Engines): Promise<void> {
  const { tenant, checkpoint, saveCheckpoint } = options;
  const only = options.only === undefined ? undefined : checksIn(options.only);
  if (saveCheckpoint !== undefined && only?.includes('hash chain') === false)
    throw new CommandError('--save-checkpoint keeps what the hash chain has proven: name hash-chain in --only too');
  const progress = new Progress('events checked');
  const task = { tenant, only, checkpoint, saveCheckpoint, data: options.data };
  const verification = await verifyInThreads(task, engines, (events) => progress.add(events));
  progress.end();
  const differ = verification.checks.reduce((sum, line) => sum + line.differ, 0);
  // A checkpoint or a read model may tell that its events are gone.
  if (tenant !== undefined && verification.events === 0 && differ === 0) throw noEvents(tenant);
  if (options.json) printJson(verification);
  else console.log(textOf(verification));
  const why = verification.events === 0 ? 'there is no event' : 'the history differs';
  const unsaved = verification.checkpointSaved === false ? `; the checkpoint was not saved, since ${why}` : '';
  if (differ > 0 || unsaved !== '') throw new CommandError(`${differ} differ${unsaved}`, EXIT.found);
}

/** Nothing was proven. */
export function noEvents(tenant: string): CommandError {
  return new CommandError(`account-not-open: the ledger has no event of tenant ${tenant}; see how it is spelt`, EXIT.found);
}

function checksIn(names: string): readonly CheckName[] {
  return names.split(',').map((name) => {
    const known = CHECK_NAMES.find((check) => check === name.trim().replaceAll('-', ' '));
    if (known !== undefined) return known;
    const all = CHECK_NAMES.map((check) => check.replaceAll(' ', '-')).join(', ');
    throw new CommandError(`--only does not know ${name}; there are ${all}`);
  });
}

function textOf({ events, checks, differences, trialBalance, checkpointSaved }: LedgerVerification): string {
  const lines = [`${events} events`, '', tableOf(['check', 'checked', 'differ', ''], checks.map(rowOf))];
  if (trialBalance.length > 0) {
    const rows = trialBalance.map(({ currency, account, debit, credit }) => [account, currency, debit, credit]);
    lines.push('', tableOf(['account', '', 'debit', 'credit'], rows));
  }
  for (const { name, remarks } of checks) for (const remark of remarks) lines.push('', `${name}: ${remark}`);
  for (const { check, stream, revision, found, advice } of differences) {
    const place = [stream ?? 'everywhere', revision === null ? '' : `revision ${revision}`].filter(Boolean).join(' ');
    lines.push('', `${check}, ${place}: ${found}`, `  ${advice}`);
  }
  for (const { name, differ } of checks) {
    const listed = differences.filter(({ check }) => check === name).length;
    if (differ > listed) lines.push('', `${name}: and ${differ - listed} more`);
  }
  if (checkpointSaved === true)
    lines.push('', 'The checkpoint is saved. Keep it where whoever can write the event store cannot.');
  return lines.join('\n');
}

function rowOf({ name, checked, differ, notChecked }: CheckLine): readonly (string | number)[] {
  return notChecked === undefined ? [name, checked, differ, ''] : [name, '', '', `not checked: ${notChecked}`];
}
