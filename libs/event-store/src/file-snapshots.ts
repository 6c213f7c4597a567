// Snapshots of long streams as files in a folder: disposable, written whole or not at all, ignored when they cannot be read.

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Snapshots } from './decider.js';

/**
 * `encode` and `decode` turn a state into bytes and back; `decode` answers undefined for bytes that are damaged or of another
 * version. Nothing is flushed: a snapshot that a power failure takes costs a longer read.
 */
export function fileSnapshots<State extends { readonly revision: number }>(
  folder: string,
  encode: (state: State) => Uint8Array,
  decode: (stream: string, bytes: Uint8Array) => State | undefined,
): Snapshots<State> {
  // Stream names may hold what file names may not, and differ only in case.
  const fileOf = (stream: string) => join(folder, createHash('sha256').update(stream).digest('hex').slice(0, 40));
  return {
    async load(stream) {
      const bytes = await readFile(fileOf(stream)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      const state = bytes && decode(stream, bytes);
      return state && { state, revision: state.revision };
    },
    async save(stream, state) {
      const bytes = encode(state);
      await mkdir(folder, { recursive: true });
      const file = fileOf(stream);
      const part = `${file}.${process.pid}`;
      await writeFile(part, bytes);
      await rename(part, file);
    },
  };
}
