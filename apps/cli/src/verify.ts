// `tollkeeper verify`: options in; out a table of what was checked and what differs, then the first differences with what to do.

import { join } from 'node:path';
import {
  CHECK_NAMES,
  CheckpointFaulty,
  verifyLedger,
  type CheckLine,
  type CheckName,
  type LedgerVerification,
} from '@tollkeeper/audit';
import { httpGateway, simulatorJournal, stripePayments, type PaymentList } from '@tollkeeper/payment-gateway';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson, Progress, tableOf } from './output.js';

export type VerifyOptions = {
  readonly tenant?: string;
  /** Names of lines, with commas; a dash stands for a blank. */
  readonly only?: string;
  readonly checkpoint?: string;
  readonly saveCheckpoint?: string;
  readonly data?: string;
  readonly json?: boolean;
};

const STRIPE_TIMEOUT_MS = 30_000;

export async function verify(options: VerifyOptions, engines: Engines): Promise<void> {
  const { tenant, checkpoint, saveCheckpoint } = options;
  const only = options.only === undefined ? undefined : checksIn(options.only);
  const parts = {
    store: await engines.eventStore(),
    charges: await orNotAtHand(async () => ({ decks: await engines.decks(), ring: await engines.keyRing() })),
    readStore: await orNotAtHand(() => engines.readStore()),
    gateway: await orNotAtHand(async () => gatewayOf(options)),
  };
  const progress = new Progress('events checked');
  const verification = await verifyLedger(parts, { tenant, only, checkpoint, saveCheckpoint, nowMs: Date.now() }, (events) =>
    progress.add(events),
  ).catch(asCommandError);
  progress.end();
  if (options.json) printJson(verification);
  else console.log(textOf(verification));
  const differ = verification.checks.reduce((sum, line) => sum + line.differ, 0);
  const unsaved = verification.checkpointSaved === false ? '; the checkpoint was not saved' : '';
  if (differ > 0 || unsaved !== '') throw new CommandError(`${differ} differ${unsaved}`, EXIT.found);
}

function checksIn(names: string): readonly CheckName[] {
  return names.split(',').map((name) => {
    const known = CHECK_NAMES.find((check) => check === name.trim().replaceAll('-', ' '));
    if (known !== undefined) return known;
    const all = CHECK_NAMES.map((check) => check.replaceAll(' ', '-')).join(', ');
    throw new CommandError(`--only does not know ${name}; there are ${all}`);
  });
}

/** What is not there is told in its line, and the rest is checked all the same. */
async function orNotAtHand<Part>(open: () => Promise<Part>): Promise<Part | { readonly notChecked: string }> {
  try {
    return await open();
  } catch (error) {
    return { notChecked: (error as Error).message };
  }
}

/** Where the payments program takes them; in a folder, the simulator that stands there. */
function gatewayOf({ data }: VerifyOptions): PaymentList {
  if (data !== undefined) return simulatorJournal(join(data, 'payments.ndjson'));
  const { PAYMENT_GATEWAY, PAYMENT_GATEWAY_URL, STRIPE_SECRET_KEY, STRIPE_API_URL } = process.env;
  if (PAYMENT_GATEWAY === 'stripe' && STRIPE_SECRET_KEY) {
    const apiUrl = STRIPE_API_URL ? { apiUrl: STRIPE_API_URL } : {};
    return stripePayments({ secretKey: STRIPE_SECRET_KEY, timeoutMs: STRIPE_TIMEOUT_MS, ...apiUrl });
  }
  if (PAYMENT_GATEWAY !== 'stripe' && PAYMENT_GATEWAY_URL) return httpGateway({ url: PAYMENT_GATEWAY_URL });
  throw new CommandError('set PAYMENT_GATEWAY_URL, or PAYMENT_GATEWAY=stripe and STRIPE_SECRET_KEY, as for the payments program');
}

function asCommandError(error: unknown): never {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  if (error instanceof CheckpointFaulty || isMissing) throw new CommandError((error as Error).message);
  throw error;
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
