// The command line `tollkeeper`, for tests: the commands as functions over engines.
export { enginesOf, type Engines } from './engines.js';
export { runCommandLine } from './command-line.js';
