// What `tollkeeper` understands: arguments in, the command run, its exit code out. Commands are loaded when they are called.

import { Command, CommanderError, Option } from 'commander';
import { addAccountCommands } from './account-command-line.js';
import { amount, currency, instant, number, seconds } from './arguments.js';
import { by, common, withEngines } from './command-parts.js';
import { EXIT, exitCodeOf } from './exit.js';
import { addReportCommands } from './report-command-line.js';

const NOTHING_FOUND = 0;

export async function runCommandLine(args: readonly string[]): Promise<number> {
  const program = new Command('tollkeeper')
    .description('Rate decks, prices, dead letters, rerating, proof, licences and accounts for the prepaid-credit ledger.')
    .addHelpText(
      'after',
      `
Engines are found by KURRENTDB_URL, KAFKA_BROKERS and DATABASE_URL, or in the folder of npm start with --data FOLDER.
Exit codes: 0, 1 something was found (faults, differences), 2 asked wrongly, 3 an engine does not answer.`,
    )
    .showHelpAfterError('Run with --help to see what there is.')
    .exitOverride();
  addPrice(program);
  addDeck(program);
  addDeadLetters(program);
  addRerate(program);
  addVerify(program);
  addAccountCommands(program);
  addReportCommands(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return NOTHING_FOUND;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? NOTHING_FOUND : EXIT.usage;
    console.error(`tollkeeper: ${(error as Error).message}`);
    return exitCodeOf(error);
  }
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
  const deck = program
    .command('deck')
    .description('Rate decks: check files, import them as versions, activate versions.')
    .exitOverride();
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
        withEngines(options, async (engines) => (await commands()).importFile(file, options, engines)),
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
        withEngines(options, async (engines) => (await commands()).activate(hash, options, engines)),
      ),
    'tollkeeper deck activate 3f9a0c22 --at 2027-01-01T00:00:00Z',
  );
}

function addDeadLetters(program: Command): void {
  const letters = program
    .command('dead-letters')
    .description('CDRs that could not be recorded: list them, send them again.')
    .exitOverride();
  const filtered = (command: Command): Command =>
    command
      .option('--code <code>', 'of this rejection only')
      .option('--tenant <name>', 'of this key only, which is the tenant where one was known')
      .option('--id <letter>', 'this letter only: topic/partition/offset of the original');
  common(
    filtered(letters.command('list').description('What is put aside, and why.')).action((options) =>
      withEngines(options, async (engines) => (await import('./dead-letters.js')).listLetters(options, engines)),
    ),
    'tollkeeper dead-letters list --code no-rate',
  );
  common(
    filtered(
      letters
        .command('retry')
        .description('Sends the same bytes again; a CDR that is recorded by now is recorded once all the same.'),
    ).action((options) =>
      withEngines(options, async (engines) => (await import('./dead-letters.js')).retryLetters(options, engines)),
    ),
    'tollkeeper dead-letters retry --code no-rate',
  );
}

function addRerate(program: Command): void {
  const command = program
    .command('rerate')
    .description('Rates the calls of a period again, and replaces the debits whose amount is another: reversal and new debit.')
    .requiredOption('--from <instant>', 'calls answered from then on', instant)
    .requiredOption('--to <instant>', 'and before then', instant)
    .option('--tenant <name>', 'of this tenant only')
    .option('--deck <version>', 'by this version (or file, for a look) instead of the one active at each answer')
    .option('--dry-run', 'show the differences and write nothing')
    .option('--yes', 'write without asking')
    .addOption(by())
    .action(({ from: fromMs, to: toMs, ...options }) =>
      withEngines(options, async (engines) => (await import('./rerate.js')).rerate({ ...options, fromMs, toMs }, engines)),
    );
  common(command, 'tollkeeper rerate --from 2026-11-01 --to 2026-12-01 --tenant acme --dry-run');
}

function addVerify(program: Command): void {
  const verify = program.command('verify').description('Proof that what stands in the ledger is right.').exitOverride();
  const command = verify
    .command('charges')
    .description('Rates every debit again from its stored facts and its deck version, and tells how many differ.')
    .option('--from <instant>', 'calls answered from then on', instant)
    .option('--to <instant>', 'and before then', instant)
    .option('--tenant <name>', 'of this tenant only')
    .action(({ from: fromMs, to: toMs, ...options }) =>
      withEngines(options, async (engines) => {
        const period = { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
        await (await import('./verify-charges.js')).verifyCharges({ ...options, ...period }, engines);
      }),
    );
  common(command, 'tollkeeper verify charges --from 2026-11-01 --to 2026-12-01');
}
