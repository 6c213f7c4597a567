// What the commands of `tollkeeper` have in common: their options, what they work on, an example in each help.

import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { Option, type Command } from 'commander';
import { assertDataFolder, enginesOf, type Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import type { Server } from './remote.js';

export type Common = { readonly data?: string; readonly json?: boolean };

/** For what only reads: engines that are closed whatever happens, those of a folder beside the server that may work on it. */
export async function withEngines(options: Common, run: (engines: Engines) => Promise<void>): Promise<void> {
  await closed(enginesOf(options), run);
}

/** Where a command that writes does it. */
export type Target = {
  /** For what it reads; for writing only in `local`. */
  readonly engines: Engines;
  /** The server has the folder: `remote` asks it over HTTP. Otherwise `local` does it by itself, and both answer alike. */
  run<Outcome>(forms: Forms<Outcome>): Promise<Outcome>;
};

export type Forms<Outcome> = {
  local(engines: Engines): Promise<Outcome>;
  remote(server: Server): Promise<Outcome>;
};

/** For what writes. Without a server the folder is locked, so that none starts before the command has ended. */
export async function withTarget(options: Common, run: (target: Target) => Promise<void>): Promise<void> {
  const { data } = options;
  if (data === undefined) {
    await closed(enginesOf(options, 'write'), (engines) => run({ engines, run: ({ local }) => local(engines) }));
    return;
  }
  assertDataFolder(data);
  const { holderOf } = await import('@tollkeeper/operations');
  const holder = holderOf(data);
  if (holder === undefined) await withLock(data, options, run);
  else if (holder.url === null) throw stillBusy(data, holder);
  else {
    const { Server: ServerAt } = await import('./remote.js');
    const server = new ServerAt(holder.url, process.env['OPERATOR_TOKEN'] || undefined);
    await closed(enginesOf(options), (engines) => run({ engines, run: ({ remote }) => remote(server) }));
  }
}

async function withLock(data: string, options: Common, run: (target: Target) => Promise<void>): Promise<void> {
  const { FolderInUse, lockDataFolder } = await import('@tollkeeper/operations');
  const lock = (() => {
    try {
      return lockDataFolder(data, { program: 'command line' });
    } catch (error) {
      if (error instanceof FolderInUse) throw new CommandError(error.message, EXIT.engine);
      throw error;
    }
  })();
  try {
    await closed(enginesOf(options, 'write'), (engines) => run({ engines, run: ({ local }) => local(engines) }));
  } finally {
    lock.release();
  }
}

function stillBusy(data: string, { program, pid }: { readonly program: string; readonly pid: number | null }): CommandError {
  const who = `the ${program} with process id ${pid ?? 'unknown'}`;
  return new CommandError(`${data} is in use by ${who}, which has no HTTP API yet; try again in a moment`, EXIT.engine);
}

async function closed(engines: Engines, run: (engines: Engines) => Promise<void>): Promise<void> {
  try {
    await run(engines);
  } finally {
    await engines.close();
  }
}

/** For a look only, whatever the command could write. */
export function lookingAt(engines: Engines): Target {
  return {
    engines,
    run: () => {
      throw new Error('A look writes nothing');
    },
  };
}

/**
 * A person's yes on the terminal, before something that is not undone.
 * @throws CommandError where nobody can be asked.
 */
export async function confirmed(
  what: string,
  { yes, json }: { readonly yes?: boolean | undefined; readonly json?: boolean | undefined },
): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY || json) throw new CommandError(`${what}; give --yes to do it without being asked`);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`${what}. Go on? Type yes: `);
  asking.close();
  return answer.trim() === 'yes';
}

export function exampleText(example: string): string {
  return `\nExample:\n  ${example}`;
}

/** Commands that are named alike. */
export function group(
  program: Command,
  name: string,
  about: { readonly description: string; readonly example: string },
): Command {
  return program.command(name).description(about.description).addHelpText('after', exampleText(about.example)).exitOverride();
}

export function common(command: Command, example: string): Command {
  return command
    .option('--data <folder>', 'folder that npm start works on, instead of engines in the environment')
    .option('--json', 'print JSON')
    .addHelpText('after', exampleText(example))
    .showHelpAfterError('Run with --help to see what there is.')
    .exitOverride();
}

/** @throws CommandError of a period that ends before it begins. */
export function assertPeriod({
  fromMs,
  toMs,
}: {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}): void {
  if (fromMs === undefined || toMs === undefined || fromMs < toMs) return;
  throw new CommandError('--to is not after --from; it is the instant before which the period ends');
}

/** @throws CommandError where a workbook would go to a terminal. */
export function assertNoTerminal(format: string, out: string | undefined): void {
  if (format !== 'xlsx' || out !== undefined || !process.stdout.isTTY) return;
  throw new CommandError('a workbook is no text for a terminal; name a file with --out');
}

export function by(): Option {
  return new Option('--by <who>', 'who asks for it, for the record').default(userInfo().username);
}
