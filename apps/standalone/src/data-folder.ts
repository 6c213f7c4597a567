// The one folder that holds everything an embedded Tollkeeper keeps, and the lock that one server at a time has on it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type DataFolder = {
  readonly events: string;
  readonly bus: string;
  readonly readModels: string;
  readonly keys: string;
  readonly snapshots: string;
  readonly payments: string;
  /** Written once the demo has been published. */
  readonly demo: string;
  release(): void;
};

/** Another server works on the folder. */
export class FolderInUse extends Error {}

/** @throws FolderInUse when another process has the lock; Error when the folder cannot be made. */
export function openDataFolder(folder: string): DataFolder {
  mkdirSync(folder, { recursive: true });
  const release = lock(folder);
  return {
    events: join(folder, 'events.sqlite'),
    bus: join(folder, 'bus.sqlite'),
    readModels: join(folder, 'read-models.sqlite'),
    keys: join(folder, 'keys.sqlite'),
    snapshots: join(folder, 'snapshots'),
    payments: join(folder, 'payments.ndjson'),
    demo: join(folder, 'demo.json'),
    release,
  };
}

/** SQLite's lock is the operating system's: it ends with the process, however that ends, so that none is ever left behind. */
function lock(folder: string): () => void {
  const owner = join(folder, 'server.pid');
  const database = new DatabaseSync(join(folder, 'server.lock'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new FolderInUse(
      `${folder} is in use by the server with process id ${pidIn(owner)}; stop that one, or give another folder with --data`,
    );
  }
  writeFileSync(owner, `${process.pid}\n`);
  return () => database.close();
}

const SQLITE_BUSY = 5;

function pidIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
