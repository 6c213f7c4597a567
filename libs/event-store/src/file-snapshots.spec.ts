// Snapshots as files: whole or reported, no more written than has changed, and never worse than before when we are killed.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { toySnapshots, type AfterDeath, type Toy } from './dying-saves.js';

const LARGE = 100_000;
const SMALL = 100;
const STREAM = 'tally/é-1';
const part = (letter: string, length: number, isFinal = true) => ({
  bytes: new Uint8Array(length).fill(letter.charCodeAt(0)),
  isFinal,
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'snapshots-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const snapshots = () => toySnapshots(root);
const folder = (): string => join(root, readdirSync(root)[0] ?? '');
const parts = (): readonly string[] => readdirSync(folder()).filter((name) => name !== 'head');
const inode = (name: string): number => statSync(join(folder(), name)).ino;

test('what was saved is loaded: parts in their order, each in a buffer of its own', async () => {
  const saved: Toy = { revision: 7, parts: [part('a', SMALL), part('b', LARGE), part('c', LARGE, false), part('d', 0)] };
  await snapshots().save(STREAM, saved);
  const loaded = await snapshots().load(STREAM);
  expect(loaded).toEqual({ revision: 7, state: saved });
  for (const { bytes } of loaded?.state.parts ?? []) expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
  expect(await snapshots().load('tally-2')).toBeUndefined();
});

test('a large final part is a file that is written once, also when it was loaded; the rest stands in the head', async () => {
  const own = snapshots();
  const [day1, day2] = [part('a', LARGE), part('b', LARGE)];
  await own.save(STREAM, { revision: 1, parts: [day1, part('x', LARGE, false)] });
  const [name = ''] = parts();
  const before = inode(name);
  await own.save(STREAM, { revision: 2, parts: [day1, day2, part('y', LARGE, false)] });
  expect(parts()).toHaveLength(2);
  expect(inode(name)).toBe(before);
  const next = snapshots();
  const loaded = (await next.load(STREAM))?.state as Toy;
  await next.save(STREAM, { ...loaded, revision: 3 });
  expect(inode(name)).toBe(before);
  expect((await snapshots().load(STREAM))?.state).toEqual({ ...loaded, revision: 3 });
});

test('a part that no snapshot names any more goes, and so does what a killed save left behind', async () => {
  const own = snapshots();
  const day2 = part('b', LARGE);
  await own.save(STREAM, { revision: 1, parts: [part('a', LARGE), day2] });
  writeFileSync(join(folder(), 'unfinished'), 'half');
  writeFileSync(join(folder(), '0'.repeat(64)), 'a part whose head was never written');
  await own.save(STREAM, { revision: 2, parts: [day2] });
  expect(parts()).toHaveLength(1);
  expect((await snapshots().load(STREAM))?.state).toEqual({ revision: 2, parts: [day2] });
});

test.each<[string, (files: { head: string; part: string }) => void]>([
  ['a part is missing', (files) => rmSync(files.part)],
  ['a part is damaged', (files) => damage(files.part, LARGE / 2)],
  ['a part is cut', (files) => truncateSync(files.part, 10)],
  ['the head is damaged at its beginning', (files) => damage(files.head, 3)],
  ['the head is damaged at its end', (files) => damage(files.head, statSync(files.head).size - 1)],
  ['the head is cut', (files) => truncateSync(files.head, 20)],
  ['the head is empty', (files) => truncateSync(files.head, 0)],
])('when %s the snapshot is reported, and the next save makes it whole', async (_, spoil) => {
  const state: Toy = { revision: 1, parts: [part('a', LARGE), part('b', SMALL, false)] };
  await snapshots().save(STREAM, state);
  spoil({ head: join(folder(), 'head'), part: join(folder(), parts()[0] ?? '') });
  await expect(snapshots().load(STREAM)).rejects.toThrow(/damaged|missing/);
  // A process that folded the stream anew has the same bytes, and must not rely on the file of that name.
  await snapshots().save(STREAM, state);
  expect((await snapshots().load(STREAM))?.state).toEqual(state);
});

test('a part whose file was deleted under a running program is written again', async () => {
  const own = snapshots();
  const state: Toy = { revision: 1, parts: [part('a', LARGE)] };
  await own.save(STREAM, state);
  rmSync(root, { recursive: true });
  await own.save(STREAM, state);
  expect((await snapshots().load(STREAM))?.state).toEqual(state);
});

function damage(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] as number) ^ 1;
  writeFileSync(path, bytes);
}

test('whichever step of saving is our last, the snapshot before or the new one is there and whole, and the next save clears up', () => {
  const program = new URL('dying-saves.js', import.meta.url).pathname;
  const { stdout } = spawnSync(process.execPath, [program, root], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const deaths = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AfterDeath);
  const whole = (revision: number) => ({ step: expect.any(String), revision, repaired: 3 });
  const renames = deaths.flatMap(({ step }, at) => (step === 'before rename' ? [at] : []));
  // A part and the head: the new one counts from the moment that its head has its name.
  expect(renames).toHaveLength(2);
  expect(deaths).toEqual(deaths.map((_, at) => whole(at <= (renames[1] as number) ? 1 : 2)));
  expect(deaths.map(({ step }) => step)).toEqual(expect.arrayContaining(['before mkdir', 'before open', 'write', 'before rm']));
});
