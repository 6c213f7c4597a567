// What `npm start -- …` takes.

import { Command, InvalidArgumentError } from 'commander';

export type StandaloneOptions = {
  readonly data: string;
  readonly port: number;
  /** No demo: the folder holds what comes in over HTTP. */
  readonly empty: boolean;
  /** Ends once everything has gone through. */
  readonly once: boolean;
  readonly rebuild: boolean;
};

const DEFAULT_FOLDER = 'data';
const DEFAULT_PORT = 3000;

/** Ends the process after --help and on unknown options, having said so. */
export function parseCommandLine(args: readonly string[]): StandaloneOptions {
  const command = new Command('npm start --')
    .description(
      'Runs all of Tollkeeper in one process on one folder: rating, projections, payments and the HTTP API on 127.0.0.1.',
    )
    .option('--data <folder>', 'folder that holds everything', DEFAULT_FOLDER)
    .option('--port <number>', 'port of the HTTP API; 0 takes a free one', portOf, DEFAULT_PORT)
    .option('--empty', 'start without the demo tenants and their call records', false)
    .option('--once', 'exit when everything has gone through', false)
    .option('--rebuild', 'build the read models anew from the event store; nothing is sent again', false)
    .addHelpText(
      'after',
      `
Examples:
  npm start                             the demo in ./data, then the API on http://127.0.0.1:${DEFAULT_PORT}
  npm start -- --data /tmp/t --once     the demo in another folder, then exit
  npm start -- --empty --port 8080      an empty ledger to use over HTTP

A second start goes on with what the folder holds. One server at a time works on a folder.`,
    )
    .showHelpAfterError('Run with --help to see what there is.')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE));
  return command.parse(args, { from: 'user' }).opts<StandaloneOptions>();
}

const EXIT_USAGE = 2;

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('expected 0 to 65535.');
  return port;
}
