// The commands of `tollkeeper` that tell about calls: the usage report of a tenant, and one call explained.

import { InvalidArgumentError, Option, type Command } from 'commander';
import { country, instant, tenant } from './arguments.js';
import { common, withEngines } from './command-parts.js';
import type { Month } from './report.js';

const MONTH = /^(20\d\d)-(0[1-9]|1[0-2])$/;

export function addReportCommands(program: Command): void {
  addReport(program);
  addExplain(program);
}

function addReport(program: Command): void {
  const command = program
    .command('report')
    .description("The usage report: a tenant's debited calls of a period, in the 20 columns of Microsoft's PSTN export.")
    .addOption(new Option('--tenant <name>', 'whose calls').argParser(tenant).makeOptionMandatory())
    .option('--from <instant>', 'calls answered from then on', instant)
    .option('--to <instant>', 'and before then', instant)
    .addOption(new Option('--month <month>', 'or all of a calendar month, UTC').argParser(month).conflicts(['from', 'to']))
    .addOption(new Option('--format <format>', 'of the file; by default csv').choices(['csv', 'xlsx']))
    .option('--out <file>', 'written when whole; by default stdout, and xlsx not to a terminal')
    .option(
      '--country <code>',
      "of the organisation, by whose law outside numbers are masked; by default of the account's terms",
      country,
    )
    .action(({ from: fromMs, to: toMs, ...options }) =>
      withEngines(options, async (engines) => (await import('./report.js')).report({ ...options, fromMs, toMs }, engines)),
    );
  common(command, 'tollkeeper report --tenant acme --month 2026-03 --format xlsx --out calls-2026-03.xlsx');
}

function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .argument('<cdr>', 'CDR id, as the switch gave it')
    .description(
      'One call from raw bytes to money: its fields, the tariff, the sum redone, who paid, and what the ledger holds of it.',
    )
    .option('--tenant <name>', 'whose call, where several have the id', tenant)
    .option('--source <name>', 'the switch it came from, where several gave the id')
    .option('--answered <instant>', 'when it was answered, where its switch has used the id again', instant)
    .action((cdrId: string, options) =>
      withEngines(options, async (engines) => (await import('./explain.js')).explain(cdrId, options, engines)),
    );
  common(command, 'tollkeeper explain 441b76e3-4a8f-4a13-ab3e-0140a30e8180 --tenant acme');
}

function month(text: string): Month {
  const [, year, number] = MONTH.exec(text) ?? [];
  if (year === undefined) throw new InvalidArgumentError('expected a month such as 2026-03.');
  return { fromMs: Date.UTC(Number(year), Number(number) - 1), toMs: Date.UTC(Number(year), Number(number)) };
}
