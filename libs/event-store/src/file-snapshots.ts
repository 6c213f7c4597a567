// Snapshots of long streams as files in a folder: disposable, whole or not used, and written in proportion to what changed.
//
// A stream has a folder of its own with one file `head`, written anew each time, and one file for each large part that will
// never change, named by its digest and written once. What if we die while saving? The head before still stands with all
// it names: parts come before the head that names them, and go after the head that no longer does.

import { createHash, hash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Snapshots } from './decider.js';

export type SnapshotPart = {
  readonly bytes: Uint8Array;
  /** It has its buffer to itself, and neither will ever change: known again by the buffer, it is not even read when saved again. */
  readonly isFinal: boolean;
};

/** What a state is kept as. Parts come back in the same order, each in a buffer of its own that may be kept and changed. */
export type Snapshot = { readonly head: Uint8Array; readonly parts: readonly SnapshotPart[] };

/** A smaller part stands in the head's file, so that a quiet stream is one file and not dozens. */
const LEAST_BYTES_OF_A_FILE = 64 * 1024;
const HEAD = 'head';
/** One save at a time for a stream, so one name for what is being written. */
const UNFINISHED = 'unfinished';
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;

/** Of a head file, behind its digest and length; then come the head and the parts without a file, one after the other. */
type Contents = {
  readonly headBytes: number;
  readonly parts: readonly { readonly bytes: number; readonly isFinal: boolean; readonly file?: string }[];
};

/**
 * `encode` and `decode` turn a state into a snapshot and back; `decode` answers undefined for a snapshot of another version.
 * Heads are not flushed: one that a power failure takes costs a longer read. No two programs may share the folder.
 */
export function fileSnapshots<State extends { readonly revision: number }>(
  folder: string,
  encode: (state: State) => Snapshot,
  decode: (stream: string, snapshot: Snapshot) => State | undefined,
): Snapshots<State> {
  // Stream names may hold what file names may not, and differ only in case.
  const folderOf = (stream: string) => join(folder, hash('sha256', stream, 'hex').slice(0, 32));
  const known: KnownFiles = new WeakMap();
  return {
    async load(stream) {
      const snapshot = await readSnapshot(folderOf(stream), known);
      const state = snapshot && decode(stream, snapshot);
      return state && { state, revision: state.revision };
    },
    save: (stream, state) => writeSnapshot(folderOf(stream), encode(state), known),
  };
}

/** Buffers whose bytes this process has itself written to, or found undamaged in, the file of this name. */
type KnownFiles = WeakMap<ArrayBufferLike, string>;

async function readSnapshot(folder: string, known: KnownFiles): Promise<Snapshot | undefined> {
  const file = await readWhole(join(folder, HEAD));
  if (file === undefined) return undefined;
  const body = file.subarray(DIGEST_BYTES);
  if (file.length < DIGEST_BYTES + LENGTH_BYTES || digestOf(body) !== hexOf(file.subarray(0, DIGEST_BYTES)))
    throw new Error(`The snapshot in ${folder} is damaged`);
  let at = LENGTH_BYTES;
  const next = (bytes: number): Uint8Array => body.slice(at, (at += bytes));
  const contentsBytes = new DataView(body.buffer, body.byteOffset).getUint32(0);
  const { headBytes, parts } = JSON.parse(Buffer.from(next(contentsBytes)).toString()) as Contents;
  const head = next(headBytes);
  // What stands in this file is taken out of it first, since that goes by the order.
  const kept = parts.map(({ bytes, isFinal, file: name }) => ({
    isFinal,
    name,
    bytes: name === undefined ? next(bytes) : undefined,
  }));
  return {
    head,
    parts: await Promise.all(
      kept.map(async ({ isFinal, name = '', bytes }) => ({ isFinal, bytes: bytes ?? (await readPart(folder, name, known)) })),
    ),
  };
}

async function readPart(folder: string, name: string, known: KnownFiles): Promise<Uint8Array> {
  const bytes = await readWhole(join(folder, name));
  if (bytes === undefined || digestOf(bytes) !== name)
    throw new Error(`Part ${name} of the snapshot in ${folder} is ${bytes === undefined ? 'missing' : 'damaged'}`);
  known.set(bytes.buffer, name);
  return bytes;
}

async function writeSnapshot(folder: string, { head, parts }: Snapshot, known: KnownFiles): Promise<void> {
  await mkdir(folder, { recursive: true });
  const present = new Set(await readdir(folder));
  const kept: Contents['parts'][number][] = [];
  const inHead = [head];
  for (const { bytes, isFinal } of parts) {
    const isInHead = !isFinal || bytes.length < LEAST_BYTES_OF_A_FILE;
    if (isInHead) inHead.push(bytes);
    const place = isInHead ? {} : { file: await writePart(folder, bytes, present, known) };
    kept.push({ bytes: bytes.length, isFinal, ...place });
  }
  const contents = Buffer.from(JSON.stringify({ headBytes: head.length, parts: kept } satisfies Contents));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(contents.length);
  const body = [length, contents, ...inHead];
  const digest = body.reduce((sum, bytes) => sum.update(bytes), createHash('sha256')).digest();
  await writeWhole(folder, HEAD, [digest, ...body], false);
  const named = new Set([HEAD, ...kept.map(({ file }) => file)]);
  for (const name of present) if (!named.has(name)) await rm(join(folder, name), { force: true });
}

/** A file of that name which this process has not seen to be whole is not trusted: it is written again. */
async function writePart(folder: string, bytes: Uint8Array, present: ReadonlySet<string>, known: KnownFiles): Promise<string> {
  const before = known.get(bytes.buffer);
  if (before !== undefined && present.has(before)) return before;
  const name = digestOf(bytes);
  // Relied on for weeks, and written seldom.
  await writeWhole(folder, name, [bytes], true);
  known.set(bytes.buffer, name);
  return name;
}

/** In one read into a buffer of its own: `readFile` takes half a megabyte at a time. Undefined when there is no such file. */
async function readWhole(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

async function writeWhole(folder: string, name: string, pieces: readonly Uint8Array[], isFlushed: boolean): Promise<void> {
  const path = join(folder, UNFINISHED);
  const file = await open(path, 'w');
  try {
    for (const bytes of pieces) for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
    if (isFlushed) await file.datasync();
  } finally {
    await file.close();
  }
  await rename(path, join(folder, name));
}

function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
