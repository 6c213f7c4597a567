// What the commands of `tollkeeper` have in common: their options, their engines, an example in each help.

import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { enginesOf, type Engines } from './engines.js';

export type Common = { readonly data?: string; readonly json?: boolean };

/** Runs with engines that are closed whatever happens. */
export async function withEngines(options: Common, run: (engines: Engines) => Promise<void>): Promise<void> {
  const engines = enginesOf(options);
  try {
    await run(engines);
  } finally {
    await engines.close();
  }
}

export function common(command: Command, example: string): Command {
  return command
    .option('--data <folder>', 'folder that npm start works on, instead of engines in the environment')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${example}`)
    .showHelpAfterError('Run with --help to see what there is.')
    .exitOverride();
}

export function by(): Option {
  return new Option('--by <who>', 'who asks for it, for the record').default(userInfo().username);
}
