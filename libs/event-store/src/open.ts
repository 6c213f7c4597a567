// At the rim of every program: a setting comes in, the event store it names goes out.

import type { EventStore } from './event-store.js';
import { inMemoryEventStore } from './in-memory.js';
import { openKurrentDbEventStore } from './kurrentdb.js';
import { openSqliteEventStore } from './sqlite.js';

const KURRENTDB_SCHEME = /^(kurrentdb|kurrent|kdb|esdb)(\+discover)?:\/\//;

export type OpenEventStoreOptions = {
  /** SQLite only: opens beside the program that owns the file; `append` is then a mistake of the caller. */
  readonly readOnly?: boolean;
};

export function openEventStore(url: string, options: OpenEventStoreOptions = {}): EventStore {
  if (url === 'memory:') return inMemoryEventStore();
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length)
    return openSqliteEventStore(url.slice('sqlite:'.length), options);
  if (KURRENTDB_SCHEME.test(url)) return openKurrentDbEventStore(url);
  // Only the scheme is repeated: the rest may hold a password.
  const scheme = /^[^:/]*:?/.exec(url)?.[0] ?? '';
  throw new TypeError(
    `No event store for an address that begins with "${scheme}". Use memory:, sqlite:PATH, or kurrentdb://HOST:2113?tls=false (also esdb://, kurrentdb+discover://).`,
  );
}
