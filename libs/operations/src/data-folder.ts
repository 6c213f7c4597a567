// The one folder that holds everything an embedded Tollkeeper keeps: its files, the lock that one process at a time has on it, and
// word of who has it. A server says its address there, so that the command line can ask it for what only it may write.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type DataFiles = {
  readonly events: string;
  readonly bus: string;
  readonly readModels: string;
  readonly keys: string;
  readonly snapshots: string;
  readonly payments: string;
  /** Written once the demo has been published. */
  readonly demo: string;
  /** How far imports of files came. */
  readonly imports: string;
};

export type Holder = {
  readonly pid: number | null;
  /** What it calls itself, such as `server`. */
  readonly program: string;
  /** Where its HTTP API listens; null until it does, and for a program that has none. */
  readonly url: string | null;
  /** The file with its switches. */
  readonly sourcesFile: string | null;
};

export type FolderLock = {
  /** Says where the API listens. */
  listensOn(url: string): void;
  release(): void;
};

/** Another process works on the folder. */
export class FolderInUse extends Error {
  constructor(folder: string, holder: Holder) {
    const who = `${holder.program} with process id ${holder.pid ?? 'unknown'}`;
    super(`${folder} is in use by the ${who}; stop that one, or give another folder with --data`);
    this.name = 'FolderInUse';
  }
}

const LOCK_FILE = 'server.lock';
const HOLDER_FILE = 'server.json';
/** What servers of before wrote: the process id alone. */
const PID_FILE = 'server.pid';
/** Long enough for whoever only looks whether the folder is held. */
const LOCK_WAIT_MS = 1_000;
const SQLITE_BUSY = 5;

export function dataFilesIn(folder: string): DataFiles {
  return {
    events: join(folder, 'events.sqlite'),
    bus: join(folder, 'bus.sqlite'),
    readModels: join(folder, 'read-models.sqlite'),
    keys: join(folder, 'keys.sqlite'),
    snapshots: join(folder, 'snapshots'),
    payments: join(folder, 'payments.ndjson'),
    demo: join(folder, 'demo.json'),
    imports: join(folder, 'imports'),
  };
}

/**
 * SQLite's lock is the operating system's: it ends with the process, however that ends, so that none is ever left behind.
 * @throws FolderInUse when another process has it; Error when the folder cannot be made.
 */
export function lockDataFolder(folder: string, about: { readonly program: string; readonly sourcesFile?: string }): FolderLock {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, LOCK_FILE), { timeout: LOCK_WAIT_MS });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new FolderInUse(folder, writtenIn(folder));
  }
  // A program without switches of its own leaves word of the server's.
  const sourcesFile = about.sourcesFile ?? writtenIn(folder).sourcesFile;
  const holder: Holder = { pid: process.pid, program: about.program, url: null, sourcesFile };
  write(folder, holder);
  return {
    listensOn: (url) => write(folder, { ...holder, url }),
    release: () => database.close(),
  };
}

/** Who has the folder now; undefined when nobody does. What a dead process left written is not believed. */
export function holderOf(folder: string): Holder | undefined {
  const file = join(folder, LOCK_FILE);
  if (!existsSync(file)) return undefined;
  const database = new DatabaseSync(file, { timeout: 0, readOnly: true });
  try {
    // Reading takes a shared lock for a moment, which only the exclusive one refuses.
    database.exec('SELECT count(*) FROM sqlite_schema');
    return undefined;
  } catch (error) {
    if (!isBusy(error)) throw error;
    return writtenIn(folder);
  } finally {
    database.close();
  }
}

/** The switches of the server that works on the folder, or did last. */
export function sourcesFileOf(folder: string): string | undefined {
  return writtenIn(folder).sourcesFile ?? undefined;
}

/** Whole or not at all: whoever reads it sees no half. */
function write(folder: string, holder: Holder): void {
  const file = join(folder, HOLDER_FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(holder)}\n`);
  renameSync(`${file}.new`, file);
}

function writtenIn(folder: string): Holder {
  const nobody: Holder = { pid: null, program: 'server', url: null, sourcesFile: null };
  const holder = read(join(folder, HOLDER_FILE));
  if (holder !== undefined) return { ...nobody, ...(JSON.parse(holder) as Partial<Holder>) };
  const pid = Number(read(join(folder, PID_FILE)));
  return Number.isInteger(pid) && pid > 0 ? { ...nobody, pid } : nobody;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === SQLITE_BUSY;
}
