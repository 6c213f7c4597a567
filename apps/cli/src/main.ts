// The command line `tollkeeper`.

import { runCommandLine } from './command-line.js';

process.exitCode = await runCommandLine(process.argv.slice(2));
// A pipe takes what was printed at its reader's pace, and an exit would cut off what it has not taken yet.
await Promise.all([process.stdout, process.stderr].map((out) => new Promise((taken) => out.write('', taken))));
// A client may keep a socket; everything that was asked has been printed and closed.
process.exit();
