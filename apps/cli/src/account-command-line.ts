// The commands of `tollkeeper` that work on one tenant's account: their arguments and options; what they do is loaded when called.

import { Argument, Option, type Command } from 'commander';
import { DIAL_OUT_POLICIES, type DialOutPolicy } from '@tollkeeper/ledger';
import { LANGUAGES } from '@tollkeeper/people';
import {
  address,
  amount,
  country,
  instant,
  key,
  licence,
  orNone,
  positiveAmount,
  tenant,
  user,
  wholeNumber,
} from './arguments.js';
import { by, common, group, withEngines, withTarget } from './command-parts.js';

const FROM = 'for calls answered from then on; by default from now on';

export function addAccountCommands(program: Command): void {
  addLicences(program);
  addPolicy(program);
  addTerms(program);
  addMoney(program);
  addRecipients(program);
  addAutoRecharge(program);
}

function ofTenant(): Option {
  return new Option('--tenant <name>', 'whose account').argParser(tenant).makeOptionMandatory();
}

function addLicences(program: Command): void {
  const licences = group(program, 'licences', {
    description: 'Who holds what.',
    example: 'tollkeeper licences list --tenant acme',
  });
  const commands = () => import('./licences.js');
  common(
    licences
      .command('import <file>')
      .description('Assigns licences by a CSV file: user,country,licences (separated by | or ;),from. One fault, and nothing is.')
      .addOption(ofTenant())
      .option('--dry-run', 'read and judge the file, and write nothing')
      .option('--skip-faulty', 'use the rows without a fault')
      .action((file: string, options) =>
        withTarget(options, async (target) => (await commands()).importLicences(file, options, target)),
      ),
    'tollkeeper licences import users.csv --tenant acme --dry-run',
  );
  common(
    licences
      .command('assign')
      .addArgument(new Argument('<user>', 'user id or principal name, as CDRs carry it').argParser(user))
      .description('Assigns all that a user holds from an instant on; without a licence, nothing any more.')
      .addOption(ofTenant())
      .addOption(new Option('--country <code>', 'of the licences').argParser(country).makeOptionMandatory())
      .option('--licence <name>', 'as often as there are licences', licence)
      .option('--from <instant>', FROM, instant)
      .action((name: string, options) =>
        withTarget(options, async (target) => (await commands()).assignOne(name, options, target)),
      ),
    'tollkeeper licences assign anna@contoso.com --tenant acme --country FR --licence communications-credits',
  );
  common(
    licences
      .command('list')
      .description('The users of a tenant, what they hold now and later, and their own dial-out policies.')
      .addOption(ofTenant())
      .action((options) => withEngines(options, async (engines) => (await commands()).list(options, engines))),
    'tollkeeper licences list --tenant acme',
  );
}

function addPolicy(program: Command): void {
  const policy = group(program, 'policy', {
    description: 'What may be dialled; emergency numbers always.',
    example: 'tollkeeper policy set zone-a --tenant acme',
  });
  common(
    policy
      .command('set')
      .addArgument(new Argument('<policy>').choices(DIAL_OUT_POLICIES))
      .description('Sets the dial-out policy of a tenant, or of one user.')
      .addOption(ofTenant())
      .option('--user <name>', "this user's own; by default that of all who have none", user)
      .option('--from <instant>', FROM, instant)
      .action((value: DialOutPolicy, options) =>
        withTarget(options, async (target) => (await import('./account-settings.js')).setPolicy(value, options, target)),
      ),
    'tollkeeper policy set zone-a --tenant acme',
  );
}

function addTerms(program: Command): void {
  const terms = group(program, 'terms', { description: "An account's terms.", example: 'tollkeeper terms show --tenant acme' });
  const commands = () => import('./account-settings.js');
  common(
    terms
      .command('show')
      .description('The terms as they stand.')
      .addOption(ofTenant())
      .action((options) => withEngines(options, async (engines) => (await commands()).showTerms(options, engines))),
    'tollkeeper terms show --tenant acme',
  );
  common(
    terms
      .command('set')
      .description('Sets the terms that are named and leaves the others; none forgets one that may be unknown.')
      .addOption(ofTenant())
      .option('--country <code>', 'of the organisation', orNone(country))
      .option('--billing-country <code>', 'of the billing address', orNone(country))
      .option('--enterprise-agreement <number>', 'that purchases may name', orNone(String))
      .addOption(
        new Option('--licensing <how>', 'whether users need a licence to draw on the balance').choices(['required', 'off']),
      )
      .option('--lot-term-months <number>', 'after which new credit expires', wholeNumber)
      .option('--lot-warning-days <number>', 'before the expiry of credit', wholeNumber)
      .option('--quota-seconds <number>', 'most that one grant gives', wholeNumber)
      .option('--settle-timeout-seconds <number>', 'how long a hold waits for its CDR', wholeNumber)
      .option('--burst-limit <amount>', 'spending within a clock hour that alarms', orNone(amount))
      .action((options) => withTarget(options, async (target) => (await commands()).setTerms(options, target))),
    'tollkeeper terms set --tenant acme --country FR --licensing required',
  );
}

function addMoney(program: Command): void {
  const reasoned = (command: Command): Command =>
    command
      .addOption(ofTenant())
      .requiredOption('--reason <text>', 'why, for the record')
      .option('--id <key>', 'of your own: the same again changes nothing; by default a new one', key)
      .addOption(by());
  const commands = () => import('./adjust.js');
  common(
    reasoned(program.command('adjust').description('Gives or takes credit outside of purchases and calls.'))
      .option('--credit <amount>', 'to give', positiveAmount)
      .option('--debit <amount>', 'to take', positiveAmount)
      .action((options) => withTarget(options, async (target) => (await commands()).adjust(options, target))),
    'tollkeeper adjust --tenant acme --credit 5.00 --reason "outage of 3 March" --id ticket-4711',
  );
  common(
    reasoned(
      program
        .command('refund')
        .argument('<purchase>', 'id of the purchase, or of the automatic recharge')
        .description('Takes back what a purchase credited, all or a part; the money itself is given back where it was paid.'),
    )
      .addOption(new Option('--amount <amount>', 'to take back').argParser(positiveAmount).makeOptionMandatory())
      .option('--dispute', 'it was lost in a dispute')
      .action((purchase: string, options) =>
        withTarget(options, async (target) => (await commands()).refund(purchase, options, target)),
      ),
    'tollkeeper refund inv-2026-03 --tenant acme --amount 20 --reason "cancelled" --id ticket-4712',
  );
}

function addRecipients(program: Command): void {
  const recipients = group(program, 'recipients', {
    description: 'Who is written to.',
    example: 'tollkeeper recipients set billing@contoso.com --tenant acme',
  });
  common(
    recipients
      .command('set')
      .addArgument(new Argument('[addresses...]', 'none: no mails').argParser(address))
      .description('Sets who is written to of recharges, failures and a balance of zero, in place of those before.')
      .addOption(ofTenant())
      .addOption(new Option('--language <code>', 'of the mails').choices(LANGUAGES).default('en'))
      .action((addresses: readonly string[] | undefined, options) =>
        withTarget(options, async (target) =>
          (await import('./account-settings.js')).setRecipients(addresses ?? [], options, target),
        ),
      ),
    'tollkeeper recipients set billing@contoso.com --tenant acme --language fr',
  );
}

function addAutoRecharge(program: Command): void {
  const recharge = group(program, 'auto-recharge', {
    description: 'Recharges by policy.',
    example: 'tollkeeper auto-recharge resume --tenant acme',
  });
  common(
    recharge
      .command('resume')
      .description('Ends the suspension that failed payments brought, and any wait after one.')
      .addOption(ofTenant())
      .addOption(by())
      .action((options) =>
        withTarget(options, async (target) => (await import('./account-settings.js')).resume(options, target)),
      ),
    'tollkeeper auto-recharge resume --tenant acme',
  );
}
