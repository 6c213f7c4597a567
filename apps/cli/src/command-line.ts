// What `tollkeeper` understands: arguments in, the command run, its exit code out. Commands are loaded when they are called.

import { Command, CommanderError, Option } from 'commander';
import { addAccountCommands } from './account-command-line.js';
import { addAuditCommands } from './audit-command-line.js';
import { amount, currency, instant, number, seconds } from './arguments.js';
import { by, common, exampleText, group, withEngines, withTarget } from './command-parts.js';
import { EXIT, exitCodeOf } from './exit.js';
import { addOperations } from './operations-command-line.js';
import { addVerify } from './verify-command-line.js';
import { addRebuild } from './rebuild-command-line.js';
import { addReportCommands } from './report-command-line.js';

const NOTHING_FOUND = 0;

export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    await commandLine().parseAsync(args, { from: 'user' });
    return NOTHING_FOUND;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? NOTHING_FOUND : EXIT.usage;
    console.error(`tollkeeper: ${(error as Error).message}`);
    return exitCodeOf(error);
  }
}

/** Every command there is. */
export function commandLine(): Command {
  const program = new Command('tollkeeper')
    .description(
      'The prepaid-credit ledger, from a shell: rate decks and prices; accounts, their licences and terms; import of call records and dead letters; statements, balances, reports and explained calls; export and proof; rerating, rebuilding, erasing and a look at the engines.',
    )
    .addHelpText(
      'after',
      `${exampleText('tollkeeper statement --tenant acme --data data')}

Engines are found by KURRENTDB_URL, KAFKA_BROKERS and DATABASE_URL, or in the folder of npm start with --data FOLDER.
Exit codes: 0, 1 something was found (faults, differences), 2 asked wrongly, 3 an engine does not answer.`,
    )
    .showHelpAfterError('Run with --help to see what there is.')
    // A command that has others below it, such as verify, leaves what stands behind their names to them.
    .enablePositionalOptions()
    .exitOverride();
  addPrice(program);
  addDeck(program);
  addOperations(program);
  addVerify(program);
  addAccountCommands(program);
  addAuditCommands(program);
  addReportCommands(program);
  addRebuild(program);
  return program;
}

function addPrice(program: Command): void {
  const command = program
    .command('price')
    .description('What a call would cost, and how long a balance would last, with the sum to redo by hand.')
    .requiredOption('--deck <file>', 'rate deck: a CSV file, or the hash of a version')
    .option('--plan <name>', "rate plan; by default the deck's only one, or default")
    .option('--currency <code>', "currency; by default the deck's only one", currency)
    .option('--category <name>', 'category of the call', 'outbound')
    .requiredOption('--called <number>', 'called number, E.164', number)
    .option('--calling <number>', 'calling number; prices do not depend on it', number)
    .requiredOption('--answer <instant>', 'answer time, such as 2026-12-25T08:00:00Z', instant)
    .requiredOption('--usage <seconds>', 'answered duration', seconds)
    .option('--max <balance>', 'also tell how long this balance lasts', amount)
    .action((options) => withEngines(options, async (engines) => (await import('./price.js')).price(options, engines)));
  common(
    command,
    'tollkeeper price --deck rates.csv --currency EUR --called +4930123456 --answer 2026-12-25T08:00:00Z --usage 61 --max 5.00',
  );
}

function addDeck(program: Command): void {
  const deck = group(program, 'deck', {
    description: 'Rate decks: check files, import them as versions, activate versions.',
    example: 'tollkeeper deck list --data data',
  });
  const commands = () => import('./deck-commands.js');
  const ofDeck = new Option('--currency <code>', 'of rows that name none').argParser(currency);
  common(
    deck
      .command('check <file>')
      .description('Reads the file as an import would, and tells every fault with line and column.')
      .addOption(ofDeck)
      .action(async (file: string, options) => (await commands()).check(file, options)),
    'tollkeeper deck check rates.csv --currency EUR',
  );
  common(
    deck
      .command('import <file>')
      .description('Keeps the deck as a version of each of its plans; a file with a fault is refused whole.')
      .addOption(ofDeck)
      .addOption(by())
      .option('--activate <instant>', 'also activate it for calls answered from then on', instant)
      .action((file: string, options) =>
        withTarget(options, async (target) => (await commands()).importFile(file, options, target)),
      ),
    'tollkeeper deck import rates.csv --currency EUR --activate 2027-01-01T00:00:00Z',
  );
  common(
    deck
      .command('list')
      .description('The versions, who imported them, and when they are active.')
      .option('--plan <name>', 'of this plan only')
      .action((options) => withEngines(options, async (engines) => (await commands()).list(options, engines))),
    'tollkeeper deck list --plan default',
  );
  common(
    deck
      .command('show <version>')
      .description('Prints a version (or a file) as canonical CSV; its SHA-256 is the hash of the version.')
      .action((name: string, options) => withEngines(options, async (engines) => (await commands()).show(name, engines))),
    'tollkeeper deck show 3f9a0c22 | sha256sum',
  );
  common(
    deck
      .command('diff <before> <after>')
      .description('Rows added, removed and changed between two versions or files.')
      .addOption(ofDeck)
      .action((before: string, after: string, options) =>
        withEngines(options, async (engines) => (await commands()).diff(before, after, options, engines)),
      ),
    'tollkeeper deck diff 3f9a0c22 rates-2027.csv',
  );
  common(
    deck
      .command('activate <version>')
      .description('Makes a version the one that rates calls answered from an instant on.')
      .option('--plan <name>', 'where several plans have the version')
      .option('--at <instant>', 'by default ten seconds from now', instant)
      .addOption(by())
      .action((hash: string, options) =>
        withTarget(options, async (target) => (await commands()).activate(hash, options, target)),
      ),
    'tollkeeper deck activate 3f9a0c22 --at 2027-01-01T00:00:00Z',
  );
}
