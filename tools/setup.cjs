// Runs before `npm start` and `npm test`: installs what the lock names, compiles, and builds the console's page, each when it is out of date.
'use strict';
const { existsSync, readdirSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { spawnSync } = require('node:child_process');

const root = join(__dirname, '..');
const lock = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');

function run(what, command, args) {
  const outcome = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (outcome.status === 0) return;
  const reason = outcome.error ? outcome.error.message : `it ended with ${outcome.status ?? outcome.signal}`;
  console.error(`setup: ${what} failed: ${reason}. Mend what it says above and run the command again.`);
  process.exit(1);
}

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  console.error('setup: installing packages (about half a minute)');
  // `npm ci` refuses a lock without every platform's optional packages; an install that does not save accepts it.
  run('the installation', 'npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
}
if (process.argv.includes('--clean')) require('./clean.cjs');
console.error('setup: compiling');
run('the compilation', 'node', [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b']);

const consoleFolder = join(root, 'apps', 'console');
const page = join(consoleFolder, 'dist', 'index.html');
const pageSources = ['src', 'public', 'index.html', 'package.json', 'vite.config.ts'];
if (!existsSync(page) || statSync(page).mtimeMs < newestOf(consoleFolder, pageSources)) {
  console.error('setup: building the console');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  run('the build of the console', 'node', [vite, 'build', consoleFolder, '--logLevel', 'warn']);
}

/** A folder's own time tells of files that were taken away. */
function newestOf(folder, names) {
  return Math.max(...names.map((name) => newestBelow(join(folder, name))));
}

function newestBelow(path) {
  const stats = statSync(path);
  return stats.isDirectory() ? Math.max(stats.mtimeMs, newestOf(path, readdirSync(path))) : stats.mtimeMs;
}
