// Under the SQLite event store: a file name comes in, an open database with the right durability and one table goes out;
// engine errors come in, coded errors go out.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventStoreError, type EventStoreErrorCode } from './event-store.js';
import { messageOf } from './stored-form.js';

/** Raised when the table changes in a way an older program cannot read. */
const SCHEMA_VERSION = 1;

const OPEN_BUSY_TIMEOUT_MS = 5000;
/** Short, because node:sqlite waits in the event loop; the caller waits longer without blocking, by trying again. */
const BUSY_TIMEOUT_MS = 50;

// AUTOINCREMENT: a position is never given twice, even if the last event were deleted by hand.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream   TEXT NOT NULL,
    revision INTEGER NOT NULL,
    id       TEXT NOT NULL,
    type     TEXT NOT NULL,
    data     TEXT NOT NULL,
    metadata TEXT NOT NULL,
    UNIQUE (stream, revision)
  ) STRICT;`;

export function openDatabase(file: string, readOnly: boolean): DatabaseSync {
  try {
    if (!readOnly) mkdirSync(dirname(file), { recursive: true });
    const database = new DatabaseSync(file, { readOnly, timeout: OPEN_BUSY_TIMEOUT_MS });
    try {
      if (!readOnly) database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      prepareSchema(database, file, readOnly);
      database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (cause) {
    throw sqliteError(cause, `Cannot open the event store ${file}`);
  }
}

function prepareSchema(database: DatabaseSync, file: string, readOnly: boolean): void {
  const version = (): unknown => database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version() === 0 && readOnly) {
    throw new EventStoreError('unavailable', `The event store ${file} is not set up yet; start the program that writes it.`);
  }
  if (version() === 0) {
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
  }
  if (version() !== SCHEMA_VERSION) {
    throw new EventStoreError(
      'corrupt',
      `The event store ${file} has schema ${String(version())}, this program reads ${SCHEMA_VERSION}. Use the newer program.`,
    );
  }
}

// Primary result codes: https://www.sqlite.org/rescode.html
const CODES: Readonly<Record<number, EventStoreErrorCode>> = {
  11: 'corrupt', // SQLITE_CORRUPT
  13: 'disk-full', // SQLITE_FULL
  26: 'corrupt', // SQLITE_NOTADB
};
const SQLITE_BUSY = 5;
const SQLITE_IOERR = 10;

function primaryCode(error: unknown): number | undefined {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY;
}

/** An I/O error of COMMIT itself does not tell whether the commit record reached the disk. */
export function isIoError(error: unknown): boolean {
  return primaryCode(error) === SQLITE_IOERR;
}

export function sqliteError(cause: unknown, doing: string): EventStoreError {
  if (cause instanceof EventStoreError) return cause;
  const code = CODES[primaryCode(cause) ?? -1] ?? 'unavailable';
  return new EventStoreError(code, `${doing}: ${messageOf(cause)}.`, { cause });
}
