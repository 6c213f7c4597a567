// The command line `tollkeeper`.

import { runCommandLine } from './command-line.js';

process.exitCode = await runCommandLine(process.argv.slice(2));
// A client may keep a socket; everything that was asked has been printed and closed.
process.exit();
