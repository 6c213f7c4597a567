// Gateway simulator's memory on disk: entries come in and stand in a file before anybody is answered; a start reads them back.

import { open, readFile, truncate } from 'node:fs/promises';

export interface Journal<Entry> {
  /** What a former run left, oldest first. */
  readonly entries: readonly Entry[];
  /** Resolves when the entry, and all before it, are on the disk. */
  append(entry: Entry): Promise<void>;
  /** Resolves when everything appended so far is on the disk. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function openJournal<Entry>(file: string | undefined): Promise<Journal<Entry>> {
  if (file === undefined) {
    const nothing = async (): Promise<void> => undefined;
    return { entries: [], append: nothing, settled: nothing, close: nothing };
  }
  const entries = await readEntries<Entry>(file);
  const handle = await open(file, 'a');
  // One failed write fails all later ones: the file would no longer tell the truth.
  let written: Promise<void> = Promise.resolve();
  const writeAfter = async (before: Promise<void>, entry: Entry): Promise<void> => {
    await before;
    await handle.appendFile(`${JSON.stringify(entry)}\n`);
    await handle.datasync();
  };
  const append = (entry: Entry): Promise<void> => {
    written = writeAfter(written, entry);
    written.catch(() => undefined);
    return written;
  };
  return {
    entries,
    append,
    settled: () => written,
    async close() {
      await written.catch(() => undefined);
      await handle.close();
    },
  };
}

/** A last line without its end was being written when the process died; nobody was answered, so it is cut off. */
async function readEntries<Entry>(file: string): Promise<readonly Entry[]> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) await truncate(file, end);
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Entry);
}
