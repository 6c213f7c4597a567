// `npm start`: the whole path in one process on embedded engines, with a demo on an empty folder, then the API on 127.0.0.1.

import 'reflect-metadata';
import { FolderInUse } from '@tollkeeper/operations';
import { createLogger, runUntilSignal } from '@tollkeeper/program';
import { parseCommandLine } from './command-line.js';
import { openDataFolder } from './data-folder.js';
import { startStandalone } from './standalone.js';

const EXIT_FOLDER_IN_USE = 3;

const options = parseCommandLine(process.argv.slice(2));
const logger = createLogger('tollkeeper', { level: process.env['LOG_LEVEL'] || 'warn' });

try {
  const folder = openDataFolder(options.data);
  await runUntilSignal((signal) => startStandalone(options, folder, logger, signal), logger);
} catch (error) {
  if (!(error instanceof FolderInUse)) throw error;
  console.error(`tollkeeper: ${error.message}`);
  process.exitCode = EXIT_FOLDER_IN_USE;
}
