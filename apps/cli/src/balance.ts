// `tollkeeper balance`: what a tenant had, by the time of its calls and by what the ledger knew.

import { balanceAsOf, StretchesDiffer, stretchesIn, type BalanceAsOf, type BalanceQuery } from '@tollkeeper/audit';
import { decimalOf, microsOf } from '@tollkeeper/money';
import { assertTables } from '@tollkeeper/read-models';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson, Progress } from './output.js';
import { noAccount } from './statement.js';

export type BalanceOptions = {
  readonly tenant: string;
  readonly asOfMs?: number;
  readonly knownAtMs?: number;
  readonly json?: boolean;
};

export async function balance({ json, ...options }: BalanceOptions, engines: Engines): Promise<void> {
  const store = await engines.eventStore();
  const progress = new Progress(`events of ${options.tenant} read`);
  const found = await inStretches(engines, (stretches) =>
    balanceAsOf(store, { ...options, ...stretches, onEvents: (count) => progress.add(count) }),
  );
  progress.end();
  if (found === undefined) throw noAccount(options.tenant);
  if (json) printJson(found);
  else console.log(textOf(found));
}

type Stretches = Pick<BalanceQuery, 'stretches'>;

/** The read model only saves time: without it, or where it is wrong, the stream tells by itself. */
async function inStretches(
  engines: Engines,
  ask: (stretches: Stretches) => Promise<BalanceAsOf | undefined>,
): Promise<BalanceAsOf | undefined> {
  let stretches: Stretches = {};
  try {
    const readStore = await engines.readStore();
    await assertTables(readStore);
    stretches = { stretches: stretchesIn(readStore) };
  } catch (error) {
    process.stderr.write(`without read models the whole stream is read: ${(error as Error).message}\n`);
  }
  try {
    return await ask(stretches);
  } catch (error) {
    if (error instanceof StretchesDiffer) throw new CommandError(`${error.message}: tollkeeper rebuild stretches`, EXIT.found);
    throw error;
  }
}

function textOf(found: BalanceAsOf): string {
  const { tenant, currency, asOf, knownAt, restsOn, recordedLater, consistsOf, events, balance: is } = found;
  const by = asOf === null ? 'by all calls and credit' : `as of ${asOf}, by the time of calls and credit`;
  const lines = [`${tenant}: ${is} ${currency} ${by}, as the ledger ${knownAt === null ? 'knows now' : `knew at ${knownAt}`}`];
  const parts = Object.entries(consistsOf).filter(([, amount]) => amount !== '0');
  const width = Math.max(0, ...parts.map(([, amount]) => amount.length));
  for (const [part, amount] of parts) lines.push(`  ${part.padEnd(11)} ${amount.padStart(width)}`);
  const after = restsOn === null ? 'nothing was recorded by then' : `up to revision ${restsOn.revision}, hash ${restsOn.hash}`;
  lines.push(`${events} events that moved it, ${after}`);
  const { calls, rerated, amount } = recordedLater;
  if (calls > 0) lines.push(`${counted(calls, 'call')} that took place before, recorded after ${asOf}`);
  if (rerated > 0) lines.push(`${counted(rerated, 'debit')} replaced after it`);
  if (amount !== '0') {
    const before = decimalOf(microsOf(is) - microsOf(amount));
    lines.push(`all that was recorded after it moves the balance by ${amount}; without that it is ${before}`);
  }
  return lines.join('\n');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
