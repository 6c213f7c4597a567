// `tollkeeper statement`: a tenant's account as a person reads it, printed as it is read, so that a stream of any length fits.

import { statementOf, type Statement, type StatementEntry } from '@tollkeeper/audit';
import type { KeyRing } from '@tollkeeper/sealing';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { Progress } from './output.js';
import { toStdout } from './text-out.js';

export type StatementOptions = {
  readonly tenant: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly json?: boolean;
};

/** Columns whose widths cannot wait for the last row; a longer text moves its own row only. */
const WIDTHS = { time: 19, what: 22, money: 14 } as const;

export async function statement({ json, ...options }: StatementOptions, engines: Engines): Promise<void> {
  const store = await engines.eventStore();
  const ring = await ringIfAny(engines);
  const found = await statementOf(store, { ...options, ...(ring === undefined ? {} : { ring }) });
  if (found === undefined) throw noAccount(options.tenant);
  await (json ? printAsJson(found) : printAsText(found));
}

export function noAccount(tenant: string): CommandError {
  return new CommandError(`tenant ${tenant} has no account`, EXIT.found);
}

/** Without keys there is a statement all the same, with its numbers sealed. */
async function ringIfAny(engines: Engines): Promise<KeyRing | undefined> {
  try {
    return await engines.keyRing();
  } catch (error) {
    process.stderr.write(`called numbers stay sealed: ${(error as Error).message}\n`);
    return undefined;
  }
}

async function printAsText(found: Statement): Promise<void> {
  const { tenant, currency, from, to, opening, pages } = found;
  const write = toStdout();
  const period = `${from === null ? 'from its beginning' : `from ${from}`}${to === null ? '' : ` until ${to}`}`;
  await write(`Statement of ${tenant} in ${currency}, ${period}. Times are UTC, when the ledger recorded it.\n\n`);
  await write(line('time', 'what', 'amount', 'balance', 'details'));
  await write(line('', 'opening balance', '', opening, ''));
  const progress = progressBeside(found);
  for await (const page of pages) {
    await write(page.map(textOf).join(''));
    progress?.add(page.length);
  }
  progress?.end();
  const { closing, entries, calls, movements } = found.totals();
  await write(line('', 'closing balance', '', closing, `${entries} entries, ${calls} calls`));
  const moved = Object.entries(movements).filter(([, amount]) => amount !== '0');
  for (const [part, amount] of moved) await write(line('', part, amount, '', ''));
}

function textOf({ recordedAt, what, amount, balance, call, detail }: StatementEntry): string {
  const time = recordedAt.slice(0, 19).replace('T', ' ');
  if (call === null) return line(time, what, amount === '0' ? '' : amount, balance, detail);
  const number = call.called ?? (call.number === 'open' ? 'no number' : `number ${call.number}`);
  return line(time, what, amount, balance, `${number}, ${detail}, answered ${call.answeredAt}`);
}

function line(time: string, what: string, amount: string, balance: string, detail: string): string {
  const { time: timeWidth, what: whatWidth, money } = WIDTHS;
  const cells = [time.padEnd(timeWidth), what.padEnd(whatWidth), amount.padStart(money), balance.padStart(money), detail];
  return `${cells.join('  ').trimEnd()}\n`;
}

/** One object, written piece by piece, an entry a line. */
async function printAsJson(found: Statement): Promise<void> {
  const { tenant, currency, from, to, opening, pages } = found;
  const write = toStdout();
  const head = JSON.stringify({ tenant, currency, from, to, opening });
  await write(`${head.slice(0, -1)},"entries":[`);
  const progress = progressBeside(found);
  let separator = '\n';
  for await (const page of pages) {
    for (const entry of page) {
      await write(separator + JSON.stringify(entry));
      separator = ',\n';
    }
    progress?.add(page.length);
  }
  progress?.end();
  await write(`\n],"totals":${JSON.stringify(found.totals())}}\n`);
}

/** On a terminal the entries themselves show how far it is. */
function progressBeside({ tenant }: Statement): Progress | undefined {
  return process.stdout.isTTY ? undefined : new Progress(`entries of ${tenant}`);
}
