#!/usr/bin/env node
// The command line, whatever Node it is called with: the system's may be too old, the right one came with the installation.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 24;
const EXIT_USAGE = 2;
const main = new URL('../dist/main.js', import.meta.url);
const ownNode = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));

if (!existsSync(main)) {
  console.error('tollkeeper: not compiled yet; npm test or npm start in the project compiles it');
  process.exit(EXIT_USAGE);
}
if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) {
  await import(main.href);
} else if (existsSync(ownNode)) {
  const { status } = spawnSync(ownNode, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? 1);
} else {
  console.error(`tollkeeper: needs Node ${OLDEST_NODE} or later, this is ${process.version}; npm install brings one`);
  process.exit(EXIT_USAGE);
}
