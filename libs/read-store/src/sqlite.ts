// Read store on SQLite: Kysely's queries come in; node:sqlite runs them on one writing and a few reading connections.
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { CompiledQuery, Kysely, SqliteAdapter, SqliteDialect, sql } from 'kysely';
import type { DatabaseConnection, Driver, QueryResult } from 'kysely';
import { ReadStoreError, fromSqliteError } from './error.js';
import { createReadStore } from './read-store.js';
import type { ReadStore } from './read-store.js';

/** A long report or a stream keeps one connection; the others go on answering. */
const READER_CONNECTIONS = 4;
/** How long a transaction waits for its turn in this process, then for another process's write lock. */
const CONNECTION_WAIT_MS = 30_000;
const WRITE_LOCK_WAIT_MS = 10_000;
/** How often the write lock is tried: node:sqlite would block the event loop while it waits by itself. */
const WRITE_LOCK_POLL_MS = 5;
/** Opening and recovery take exclusive locks for moments; here a blocking wait is short and simple. */
const OPEN_LOCK_WAIT_MS = 2_000;

export function openSqliteReadStore<Tables>(path: string, options: { readonly readOnly?: boolean }): ReadStore<Tables> {
  const databases: DatabaseSync[] = [];
  const close = (): void => databases.forEach((database) => database.close());
  try {
    // The writer first: it makes the file that the readers need.
    if (!options.readOnly) databases.push(openWriter(path));
    for (let n = 0; n < READER_CONNECTIONS; n += 1) databases.push(open(path, true));
  } catch (error) {
    close();
    throw error;
  }
  const writer = options.readOnly ? undefined : kysely<Tables>([databases[0]!], path, 'begin immediate');
  const reader = kysely<Tables>(databases.slice(-READER_CONNECTIONS), path, 'begin');
  return createReadStore<Tables>({
    kind: 'sqlite',
    reader,
    writer,
    // `begin immediate` already keeps every other writer out.
    lockMigrations: async () => {},
    rowsFromJson: (_table, columns, json) => {
      const values = columns.map((column) => sql`value ->> ${sql.lit(`$."${column}"`)} as ${sql.ref(column)}`);
      return sql`(select ${sql.join(values)} from json_each(${json}))`;
    },
    close: async () => {
      await Promise.all([writer?.destroy(), reader.destroy()]);
      // Kysely destroys only a driver that has served a query.
      close();
    },
  });
}

function open(path: string, readOnly: boolean): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { readOnly, timeout: OPEN_LOCK_WAIT_MS });
    // The first statement reads the file's header: a file that is not a database is refused here, not at the first query.
    database.exec('select count(*) from sqlite_schema');
    return database;
  } catch (error) {
    throw fromSqliteError(error, `at ${path} cannot be opened`);
  }
}

/**
 * WAL lets readers go on while the writer commits. `synchronous = NORMAL` cannot corrupt the file, and what a power loss may
 * take back are whole transactions, rows and checkpoint together: they are folded again from the event store, which is
 * FULL. A publisher's cursor taken back sends again under the same ids.
 */
function openWriter(path: string): DatabaseSync {
  const database = open(path, false);
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 0;');
    return database;
  } catch (error) {
    database.close();
    throw fromSqliteError(error, `at ${path} cannot be set to WAL`);
  }
}

/** A transaction that begins deferred and writes later can fail half-way for want of the lock; `immediate` takes it first. */
type Begin = 'begin' | 'begin immediate';

function kysely<Tables>(databases: readonly DatabaseSync[], path: string, begin: Begin): Kysely<Tables> {
  const connections = databases.map((database) => new NodeSqliteConnection(database, path, begin));
  return new Kysely<Tables>({ dialect: new NodeSqliteDialect(connections) });
}

/** Kysely's SQLite dialect; its driver lends one connection to everybody and begins deferred. */
class NodeSqliteDialect extends SqliteDialect {
  readonly #connections: readonly NodeSqliteConnection[];

  constructor(connections: readonly NodeSqliteConnection[]) {
    super({ database: () => Promise.reject(new Error('The connections are opened before the dialect')) });
    this.#connections = connections;
  }

  override createAdapter(): SqliteAdapter {
    return new PooledSqliteAdapter();
  }

  override createDriver(): Driver {
    return new NodeSqliteDriver(this.#connections);
  }
}

/** Otherwise Kysely puts one mutex before all connections, and a query inside a transaction of queries waits for ever. */
class PooledSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

type Waiter = (connection: NodeSqliteConnection) => void;

/** Lends each connection to one user at a time, so that a transaction which awaits is not mixed with other statements. */
class NodeSqliteDriver implements Driver {
  readonly #connections: readonly NodeSqliteConnection[];
  readonly #idle: NodeSqliteConnection[];
  readonly #waiting: Waiter[] = [];

  constructor(connections: readonly NodeSqliteConnection[]) {
    this.#connections = connections;
    this.#idle = [...connections];
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<NodeSqliteConnection> {
    return this.#idle.pop() ?? (await this.#nextReleased());
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const released = connection as NodeSqliteConnection;
    const waiter = this.#waiting.shift();
    if (waiter) waiter(released);
    else this.#idle.push(released);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as NodeSqliteConnection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as NodeSqliteConnection).rollback();
  }

  /** Waits until every connection has been given back. */
  async destroy(): Promise<void> {
    await Promise.all(this.#connections.map(() => this.acquireConnection()));
  }

  #nextReleased(): Promise<NodeSqliteConnection> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = (connection) => {
        clearTimeout(timer);
        resolve(connection);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(new ReadStoreError('busy', `SQLite read store: no connection became free in ${CONNECTION_WAIT_MS} ms`));
      }, CONNECTION_WAIT_MS);
      this.#waiting.push(waiter);
    });
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #begin: Begin;

  constructor(database: DatabaseSync, path: string, begin: Begin) {
    this.#database = database;
    this.#path = path;
    this.#begin = begin;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const values = query.parameters as readonly SQLInputValue[];
    return this.#run(query.sql, (statement) => {
      // node:sqlite gives rows without a prototype; plain objects compare equal to those of PostgreSQL.
      if (statement.columns().length > 0) return { rows: statement.all(...values).map((row) => ({ ...row }) as R) };
      const { changes, lastInsertRowid } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    });
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    const rows = this.#run(query.sql, (statement) => statement.iterate(...(query.parameters as readonly SQLInputValue[])));
    for (const row of rows) yield { rows: [{ ...row } as R] };
  }

  async begin(): Promise<void> {
    const deadline = Date.now() + WRITE_LOCK_WAIT_MS;
    for (;;) {
      try {
        this.#run(this.#begin, (statement) => statement.run());
        return;
      } catch (error) {
        if (!(error instanceof ReadStoreError && error.code === 'busy') || Date.now() >= deadline) throw error;
        await delay(WRITE_LOCK_POLL_MS);
      }
    }
  }

  /** A full disk may have rolled back already; a second rollback would hide that error behind its own. */
  rollback(): void {
    if (this.#database.isTransaction) this.#run('rollback', (statement) => statement.run());
  }

  #run<T>(text: string, use: (statement: StatementSync) => T): T {
    try {
      return use(this.#database.prepare(text));
    } catch (error) {
      throw fromSqliteError(error, `at ${this.#path}`);
    }
  }
}
