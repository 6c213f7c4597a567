// The commands of `tollkeeper` that read the ledger: their options; what they do is loaded when called.

import type { ExportFormat } from '@tollkeeper/audit';
import { Option, type Command } from 'commander';
import { instant, tenant, wholeNumber } from './arguments.js';
import { assertPeriod, common, withEngines } from './command-parts.js';

/** All that there are, and no other, by their type alone: the package is loaded when it is used. */
const FORMATS: Readonly<Record<ExportFormat, true>> = { ndjson: true, csv: true, xlsx: true, hledger: true, beancount: true };
const SINCE = 'recorded from then on';
const BEFORE = 'and before then';

type Period = { readonly from?: number; readonly to?: number };

export function addAuditCommands(program: Command): void {
  addStatement(program);
  addReplay(program);
  addBalance(program);
  addExport(program);
}

function ofTenant(): Option {
  return new Option('--tenant <name>', 'whose account').argParser(tenant).makeOptionMandatory();
}

function periodOf({ from, to }: Period): { readonly fromMs?: number; readonly toMs?: number } {
  const period = { ...(from === undefined ? {} : { fromMs: from }), ...(to === undefined ? {} : { toMs: to }) };
  assertPeriod(period);
  return period;
}

function addStatement(program: Command): void {
  const command = program
    .command('statement')
    .description('The account as a person reads it: time, what, amount, balance after; by the time that the ledger recorded it.')
    .addOption(ofTenant())
    .option('--from <instant>', SINCE, instant)
    .option('--to <instant>', BEFORE, instant)
    .action(({ from, to, ...options }) =>
      withEngines(options, async (engines) =>
        (await import('./statement.js')).statement({ ...options, ...periodOf({ from, to }) }, engines),
      ),
    );
  common(command, 'tollkeeper statement --tenant acme --from 2026-11-01 --to 2026-12-01');
}

function addReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('The events as they are stored, and where each came from; with --json one a line.')
    .addOption(ofTenant())
    .option('--from-revision <number>', 'the first', wholeNumber)
    .option('--to-revision <number>', 'the last, included', wholeNumber)
    .action((options) => withEngines(options, async (engines) => (await import('./replay.js')).replay(options, engines)));
  common(command, 'tollkeeper replay --tenant acme --from-revision 100 --to-revision 120');
}

function addBalance(program: Command): void {
  const command = program
    .command('balance')
    .description('The balance, also as of an instant by the time of the calls, and by what the ledger knew at another.')
    .addOption(ofTenant())
    .option('--as-of <instant>', 'by calls answered and credit given until then; by default all there is', instant)
    .option('--known-at <instant>', 'by what was recorded until then; by default until now', instant)
    .action(({ asOf, knownAt, ...options }) =>
      withEngines(options, async (engines) => {
        const instants = {
          ...(asOf === undefined ? {} : { asOfMs: asOf }),
          ...(knownAt === undefined ? {} : { knownAtMs: knownAt }),
        };
        await (await import('./balance.js')).balance({ ...options, ...instants }, engines);
      }),
    );
  common(command, 'tollkeeper balance --tenant acme --as-of 2026-03-03T12:00:00Z');
}

function addExport(program: Command): void {
  const command = program
    .command('export')
    .description(
      'The postings for other accounting tools. Journals of hledger and beancount assert the balances, so that these tools check them.',
    )
    .addOption(new Option('--format <name>', 'of the file').choices(Object.keys(FORMATS)).makeOptionMandatory())
    .addOption(new Option('--tenant <name>', 'of this tenant only').argParser(tenant))
    .option('--from <instant>', `${SINCE}; journals then begin with the balances of that instant`, instant)
    .option('--to <instant>', BEFORE, instant)
    .option('--out <file>', 'written when whole; by default stdout, and xlsx not to a terminal')
    .action(({ from, to, ...options }) =>
      withEngines(options, async (engines) =>
        (await import('./export.js')).exportPostings({ ...options, ...periodOf({ from, to }) }, engines),
      ),
    );
  common(command, 'tollkeeper export --format hledger --out ledger.journal && hledger -f ledger.journal check --strict');
}
