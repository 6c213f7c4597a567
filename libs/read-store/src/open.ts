// Read store, start of a program: a URL from its settings comes in; the store on that engine goes out.
import { openPostgresReadStore } from './postgres.js';
import type { ReadStore } from './read-store.js';
import { openSqliteReadStore } from './sqlite.js';

export type OpenOptions = {
  /** SQLite only: opens beside the program that owns the file; every write is refused. */
  readonly readOnly?: boolean;
};

/**
 * `sqlite:PATH` (the file is made when missing, its folder is not) or `postgres://user@host:port/database`; a schema of one's
 * own is `?options=-c%20search_path%3DNAME`.
 */
export async function openReadStore<Tables>(url: string, options: OpenOptions = {}): Promise<ReadStore<Tables>> {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgresReadStore<Tables>(url);
  const path = /^sqlite:(?:\/\/)?(?<path>[^:]+)$/.exec(url)?.groups?.['path'];
  if (path === undefined) {
    throw new TypeError(`The read store's URL must be sqlite:PATH or postgres://…, not ${url.replace(/\/\/.*@/, '//***@')}`);
  }
  return openSqliteReadStore<Tables>(path, options);
}
