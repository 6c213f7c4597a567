// Sealing, key store on SQLite: stored keys come in; a file keeps them, apart from the events.
import { DatabaseSync } from 'node:sqlite';
import { fromStoreError } from './error.js';
import { WRAPPED } from './key-table.js';
import type { Destruction, KeyState, KeyTable } from './key-table.js';

/** Another process's transaction is a few inserts: a blocking wait is short and simple. */
const LOCK_WAIT_MS = 2_000;

/**
 * FULL: a key that a power loss takes back would leave its events closed for ever. `secure_delete` overwrites a destroyed
 * key in the file, and the checkpoint after it empties the log.
 */
const SETUP = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma secure_delete = on;
  create table if not exists sealing_key (
    tenant text not null, month text not null, stored blob not null, primary key (tenant, month)) without rowid;
  create table if not exists sealing_destroyed (tenant text primary key, before_month text not null);
  create table if not exists sealing_destruction (tenant text not null, before_month text not null, author text not null, at text not null);
`;

export async function openSqliteKeyTable(path: string, readOnly = false): Promise<KeyTable> {
  const database = run(() => new DatabaseSync(path, { timeout: LOCK_WAIT_MS, readOnly }), path);
  const prepare = (text: string) => database.prepare(text);
  const statements = run(() => {
    if (!readOnly) database.exec(SETUP);
    return {
      key: prepare('select stored from sealing_key where tenant = ? and month = ?'),
      destroyed: prepare('select 1 from sealing_destroyed where tenant = ? and before_month > ?'),
      insert: prepare(`insert into sealing_key (tenant, month, stored) select $tenant, $month, $stored
        where not exists (select 1 from sealing_destroyed where tenant = $tenant and before_month > $month)
        on conflict do nothing`),
      raise: prepare(`insert into sealing_destroyed values (?, ?)
        on conflict (tenant) do update set before_month = max(before_month, excluded.before_month)`),
      delete: prepare('delete from sealing_key where tenant = ? and month < ?'),
      wrapped: prepare(`select tenant, month, stored from sealing_key where hex(substr(stored, 1, 1)) = ? limit 1`),
    };
  }, path);

  function transaction(work: () => void): void {
    run(() => {
      database.exec('begin immediate');
      try {
        work();
        database.exec('commit');
      } finally {
        if (database.isTransaction) database.exec('rollback');
      }
    }, path);
  }

  return {
    async load(ids) {
      return run(
        () =>
          ids.map(({ tenant, month }): KeyState => {
            if (statements.destroyed.get(tenant, month)) return 'destroyed';
            return statements.key.get(tenant, month)?.['stored'] as Uint8Array | undefined;
          }),
        path,
      );
    },
    async insertMissing(rows) {
      transaction(() => {
        for (const { tenant, month, stored } of rows) {
          statements.insert.run({ $tenant: tenant, $month: month, $stored: stored });
        }
      });
    },
    async destroy(tenant, beforeMonth, author) {
      let destroyed = 0;
      transaction(() => {
        statements.raise.run(tenant, beforeMonth);
        const record = prepare('insert into sealing_destruction values (?, ?, ?, ?)');
        record.run(tenant, beforeMonth, author, new Date().toISOString());
        destroyed = Number(statements.delete.run(tenant, beforeMonth).changes);
      });
      run(() => database.exec('pragma wal_checkpoint(truncate)'), path);
      return destroyed;
    },
    async destructions(tenant) {
      const text = 'select before_month as beforeMonth, author, at from sealing_destruction where tenant = ? order by at';
      return run(() => prepare(text).all(tenant), path).map((row) => ({ ...row }) as Destruction);
    },
    async anyWrapped() {
      const row = run(() => statements.wrapped.get(WRAPPED.toString(16).padStart(2, '0')), path);
      return row as Awaited<ReturnType<KeyTable['anyWrapped']>>;
    },
    async close() {
      if (database.isOpen) database.close();
    },
  };
}

function run<T>(work: () => T, path: string): T {
  try {
    return work();
  } catch (error) {
    throw fromStoreError(error, `at ${path}`);
  }
}
