// The commands of `tollkeeper` that keep a ledger going: dead letters, rerating, import, erasing, doctor; what they do is loaded
// when called.

import { Option, type Command } from 'commander';
import { CDR_FORMATS } from '@tollkeeper/rating';
import { instant, month, tenant } from './arguments.js';
import { by, common, group, lookingAt, withEngines, withTarget } from './command-parts.js';

export function addOperations(program: Command): void {
  addDeadLetters(program);
  addImport(program);
  addRerate(program);
  addErase(program);
  addDoctor(program);
}

function addDeadLetters(program: Command): void {
  const letters = group(program, 'dead-letters', {
    description: 'CDRs that could not be recorded: list them, look into them, send them again, discard them.',
    example: 'tollkeeper dead-letters list --data data',
  });
  const commands = () => import('./dead-letters.js');
  const filtered = (command: Command): Command =>
    command
      .option('--code <code>', 'of this rejection only')
      .option('--tenant <name>', 'of this key only, which is the tenant where one was known')
      .option('--id <letter>', 'this letter only: topic/partition/offset of the original');
  common(
    filtered(letters.command('list').description('What is put aside, and why.'))
      .option('--discarded', 'those that were discarded, by whom and why, instead of the open ones')
      .action((options) => withEngines(options, async (engines) => (await commands()).listLetters(options, engines))),
    'tollkeeper dead-letters list --code no-rate',
  );
  common(
    letters
      .command('show <letter>')
      .description('Reason, headers and body of one, as it came; a body that is no text in hexadecimal.')
      .action((id: string, options) =>
        withEngines(options, async (engines) => (await commands()).showLetter(id, options, engines)),
      ),
    'tollkeeper dead-letters show telephony.cdr.v1/3/17',
  );
  common(
    filtered(
      letters
        .command('retry')
        .description('Sends the same bytes again; a CDR that is recorded by now is recorded once all the same.'),
    ).action((options) => withTarget(options, async (target) => (await commands()).retryLetters(options, target))),
    'tollkeeper dead-letters retry --code no-rate',
  );
  common(
    filtered(letters.command('discard').description('Strikes letters off the list for good reason; they stay on the topic.'))
      .requiredOption('--reason <text>', 'why, for the record')
      .addOption(by())
      .action((options) => withTarget(options, async (target) => (await commands()).discardLetters(options, target))),
    'tollkeeper dead-letters discard --id telephony.cdr.v1/3/17 --reason "test call"',
  );
}

function addImport(program: Command): void {
  const command = program
    .command('import <files...>')
    .description(
      'Sends call-detail records of files, packed or not, as a switch would; - reads standard input. What broke off goes on where it was.',
    )
    .option('--source <name>', 'the configured source that they come from', 'default')
    .addOption(new Option('--format <name>', "by default the source's, else told by each record's shape").choices(CDR_FORMATS))
    .option(
      '--sources <file>',
      'the file of the switches; by default SOURCES_FILE, or that of the last server on the folder; not beside a server, which has its own',
    )
    .option('--check', 'read and judge every record, and send nothing')
    .option('--restart', 'send from the beginning, whatever was sent before')
    .action(async (files: readonly string[], options) => {
      const { importFiles } = await import('./import.js');
      if (options.check) await withEngines(options, (engines) => importFiles(files, options, lookingAt(engines)));
      else await withTarget(options, (target) => importFiles(files, options, target));
    });
  common(command, 'tollkeeper import Master.csv.gz --source pbx-lyon --check');
}

function addRerate(program: Command): void {
  const command = program
    .command('rerate')
    .description('Rates the calls of a period again, and replaces the debits whose amount is another: reversal and new debit.')
    .requiredOption('--from <instant>', 'calls answered from then on', instant)
    .requiredOption('--to <instant>', 'and before then', instant)
    .option('--tenant <name>', 'of this tenant only', tenant)
    .option('--deck <version>', 'by this version (or file, for a look) instead of the one active at each answer')
    .option('--dry-run', 'show the differences and write nothing')
    .option('--yes', 'write without asking')
    .addOption(by())
    .action(async ({ from: fromMs, to: toMs, ...options }) => {
      const { rerate } = await import('./rerate.js');
      const asked = { ...options, fromMs, toMs };
      if (options.dryRun) await withEngines(options, (engines) => rerate(asked, lookingAt(engines)));
      else await withTarget(options, (target) => rerate(asked, target));
    });
  common(command, 'tollkeeper rerate --from 2026-11-01 --to 2026-12-01 --tenant acme --dry-run');
}

function addErase(program: Command): void {
  const command = program
    .command('erase')
    .description(
      'Forgets the persons of calls before a month: the keys that seal them are destroyed, the sums stay and can be verified.',
    )
    .addOption(new Option('--tenant <name>', 'whose calls').argParser(tenant).makeOptionMandatory())
    .addOption(new Option('--before <month>', 'calls answered before it, UTC').argParser(month).makeOptionMandatory())
    .option('--yes', 'erase without asking')
    .addOption(by())
    .action((options) => withTarget(options, async (target) => (await import('./erase.js')).eraseTenant(options, target)));
  common(command, 'tollkeeper erase --tenant acme --before 2026-04');
}

function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'Looks at engines, topics, clocks, settings and read models; tells what is wrong and what to do. Changes nothing.',
    )
    .action(async (options) => (await import('./doctor.js')).doctor(options));
  common(command, 'tollkeeper doctor --data data');
}
