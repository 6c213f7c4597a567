// Read store on PostgreSQL: Kysely's queries come in; a pg pool that survives the server's restart runs them.
import { Kysely, PostgresDialect, sql } from 'kysely';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { ReadStoreError, fromPostgresError } from './error.js';
import { createReadStore } from './read-store.js';
import type { ReadStore } from './read-store.js';

const POOL_CONNECTIONS = 10;
/** A bound on every wait: for a connection, for one statement, and for a transaction whose program hangs with its locks. */
const CONNECT_WAIT_MS = 5_000;
const STATEMENT_WAIT_MS = 60_000;
const IDLE_TRANSACTION_WAIT_MS = 60_000;
/** Any fixed number will do, as long as every program that migrates uses the same: the ASCII of "tollread". */
const MIGRATION_LOCK = '8389772276688909668';

/** Connects at the first query, so that a program can start while the database is still down and say so. */
export function openPostgresReadStore<Tables>(url: string): ReadStore<Tables> {
  const pool = openPool(url);
  const where = `at ${new URL(url).host}`;
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: withReadStoreErrors(pool, where) }) });
  return createReadStore<Tables>({
    kind: 'postgres',
    reader: db,
    writer: db,
    lockMigrations: async (tx) => {
      await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK}::bigint)`.execute(tx);
    },
    rowsFromJson: (table, _columns, json) => sql`json_populate_recordset(null::${sql.table(table)}, ${json}::json) as incoming`,
    close: () => db.destroy(),
  });
}

function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WAIT_MS,
    query_timeout: STATEMENT_WAIT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_WAIT_MS,
    keepAlive: true,
    types: { getTypeParser },
  });
  // A lost connection is also reported by the next query on it, as 'unavailable'. Without a listener the event, which
  // comes from an idle client by the pool and from a borrowed one by itself, would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

const INT8_OID = 20;

/** The pool's own parsers: changing pg's global ones would change every other pool of the process. */
const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === INT8_OID && format !== 'binary' ? safeInteger : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

function safeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new ReadStoreError('invalid-data', `${text} is beyond the integers a number holds; keep it as TEXT`);
}

/** Kysely has no hook for errors, so they are translated where it meets pg: in the pool it is given. */
function withReadStoreErrors(pool: pg.Pool, where: string): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect().catch((error: unknown) => {
        throw fromPostgresError(error, where);
      });
      return translatingClient(client, where);
    },
  };
}

function translatingClient(client: pg.PoolClient, where: string): PostgresPoolClient {
  let lost = false;
  async function query(text: string, values: readonly unknown[]): Promise<unknown> {
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      const translated = fromPostgresError(error, where);
      lost ||= translated instanceof ReadStoreError && translated.code === 'unavailable';
      throw translated;
    }
  }
  // A connection that was lost, or whose answer never came, must not serve anyone again.
  return { query, release: (destroy?: boolean) => client.release(destroy || lost) } as PostgresPoolClient;
}
