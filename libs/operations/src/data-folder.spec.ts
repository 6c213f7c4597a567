// The folder's lock between processes, and the word of who has it.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FolderInUse, holderOf, lockDataFolder, sourcesFileOf } from './data-folder.js';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'data-folder-'))));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Holds the folder until it is killed. */
async function holder() {
  const module = new URL('./data-folder.js', import.meta.url).href;
  const script = `const { lockDataFolder } = await import(${JSON.stringify(module)});
    const lock = lockDataFolder(${JSON.stringify(folder)}, { program: 'server', sourcesFile: '/etc/sources.json' });
    lock.listensOn('http://127.0.0.1:3000');
    console.log('held');
    setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    pid: child.pid,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

test('a folder is held by one process, which says who and where it is, until it ends in whatever way', async () => {
  expect(holderOf(folder)).toBeUndefined();
  const server = await holder();
  const url = 'http://127.0.0.1:3000';
  expect(holderOf(folder)).toEqual({ pid: server.pid, program: 'server', url, sourcesFile: '/etc/sources.json' });
  expect(() => lockDataFolder(folder, { program: 'import' })).toThrow(FolderInUse);
  expect(() => lockDataFolder(folder, { program: 'import' })).toThrow(`server with process id ${server.pid}`);
  await server.kill();
  expect(holderOf(folder)).toBeUndefined();
  expect(sourcesFileOf(folder)).toBe('/etc/sources.json');
});

test('a program without an address can hold it too, and leaves word of the switches', async () => {
  const server = await holder();
  await server.kill();
  const lock = lockDataFolder(folder, { program: 'tollkeeper import' });
  lock.release();
  const again = lockDataFolder(folder, { program: 'server' });
  expect(sourcesFileOf(folder)).toBe('/etc/sources.json');
  again.release();
});

test('the process id that a server of before wrote is still told', async () => {
  const server = await holder();
  rmSync(join(folder, 'server.json'));
  writeFileSync(join(folder, 'server.pid'), '4711\n');
  expect(holderOf(folder)).toMatchObject({ pid: 4711, url: null });
  await server.kill();
});
