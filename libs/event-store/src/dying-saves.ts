// For tests of file snapshots, a program of its own: a folder comes in; what can be loaded after dying at each single step of a
// save goes out, one JSON line a step. A write that we die at has written the half.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { fileSnapshots, type Snapshot } from './file-snapshots.js';

export type Toy = { readonly revision: number; readonly parts: Snapshot['parts'] };
export type AfterDeath = { readonly step: string; readonly revision: number | string; readonly repaired: number | undefined };

export function toySnapshots(folder: string) {
  return fileSnapshots<Toy>(
    folder,
    ({ revision, parts }) => ({ head: Buffer.from(String(revision)), parts }),
    (_, { head, parts }) => ({ revision: Number(Buffer.from(head).toString()), parts }),
  );
}

const LARGE = 100_000;
const STREAM = 'tally-1';
const partOf = (n: number, isFinal: boolean) => ({ bytes: new Uint8Array(LARGE).fill(n), isFinal });

/** Steps left to live; once it is used up nothing reaches the disk any more, as when the process were gone. */
let life = Infinity;
let lastStep = '';

async function step(name: string, half?: () => Promise<unknown>): Promise<void> {
  life -= 1;
  if (life > 0) return;
  if (life === 0) {
    lastStep = name;
    await half?.();
  }
  throw new Error('dead');
}

function makeMortal(): void {
  const { open, rename, rm, mkdir } = fs.promises;
  const mortal: Pick<typeof fs.promises, 'open' | 'rename' | 'rm' | 'mkdir'> = {
    async open(path, flags, mode) {
      if (flags === undefined) return open(path, flags, mode);
      await step('before open');
      const file = await open(path, flags, mode);
      const write = file.write.bind(file) as (bytes: Uint8Array, offset: number, length?: number) => Promise<unknown>;
      const mortalWrite = async (bytes: Uint8Array, offset: number): Promise<unknown> => {
        await step('write', () => write(bytes, offset, Math.floor(bytes.length / 2)));
        return write(bytes, offset);
      };
      return Object.assign(file, { write: mortalWrite });
    },
    async rename(from, to) {
      await step('before rename');
      return rename(from, to);
    },
    async rm(path, options) {
      await step('before rm');
      return rm(path, options);
    },
    mkdir: (async (path: string, options: { recursive: true }) => {
      await step('before mkdir');
      return mkdir(path, options);
    }) as typeof mkdir,
  };
  Object.assign(fs.promises, mortal);
  syncBuiltinESMExports();
}

async function dieAt(steps: number, folder: string): Promise<AfterDeath | undefined> {
  const [oldest, middle] = [partOf(1, true), partOf(2, true)];
  const own = toySnapshots(folder);
  await own.save(STREAM, { revision: 1, parts: [oldest, middle, partOf(3, false)] });
  const next: Toy = { revision: 2, parts: [middle, partOf(3, true), partOf(4, false)] };
  life = steps;
  const isDone = await own.save(STREAM, next).then(
    () => true,
    () => false,
  );
  life = Infinity;
  if (isDone) return undefined;
  const revision = await toySnapshots(folder)
    .load(STREAM)
    .then((loaded) => loaded?.revision ?? 'nothing', String);
  const successor = toySnapshots(folder);
  await successor.save(STREAM, { ...next, revision: 3 });
  const [streamFolder = ''] = fs.readdirSync(folder);
  const files = fs.readdirSync(join(folder, streamFolder)).length;
  const repaired = (await toySnapshots(folder).load(STREAM))?.revision;
  return { step: lastStep, revision, repaired: files === 3 ? repaired : undefined };
}

const [, program, root] = process.argv;
if (program === new URL(import.meta.url).pathname && root !== undefined) {
  makeMortal();
  for (let steps = 1; ; steps += 1) {
    const after = await dieAt(steps, join(root, String(steps)));
    if (after === undefined) break;
    console.log(JSON.stringify(after));
  }
}
