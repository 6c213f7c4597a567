// Sealing, key store on PostgreSQL: stored keys come in; a table keeps them for every instance of every program.
import pg from 'pg';
import { fromStoreError } from './error.js';
import { WRAPPED } from './key-table.js';
import type { KeyState, KeyTable } from './key-table.js';

const POOL_CONNECTIONS = 4;
const CONNECT_WAIT_MS = 5_000;
const STATEMENT_WAIT_MS = 30_000;
/** Making and destroying keys take turns, or a key made during a destruction would outlive it; the ASCII of "tollseal". */
const WRITE_LOCK = '8389772276706075500';

/** PostgreSQL keeps deleted rows until it vacuums, and its log and backups longer: the master key is what protects those. */
const SETUP = `
  create table if not exists sealing_key (
    tenant text not null, month text not null, stored bytea not null, primary key (tenant, month));
  create table if not exists sealing_destroyed (tenant text primary key, before_month text not null);
  create table if not exists sealing_destruction (tenant text not null, before_month text not null, author text not null, at text not null);
`;

const LOAD = `
  select key.stored, coalesce(destroyed.before_month > asked.month, false) as destroyed
  from unnest($1::text[], $2::text[]) with ordinality as asked (tenant, month, place)
  left join sealing_key as key using (tenant, month)
  left join sealing_destroyed as destroyed using (tenant)
  order by asked.place`;

const INSERT_MISSING = `
  insert into sealing_key (tenant, month, stored)
  select asked.tenant, asked.month, asked.stored
  from unnest($1::text[], $2::text[], $3::bytea[]) as asked (tenant, month, stored)
  left join sealing_destroyed as destroyed using (tenant)
  where coalesce(destroyed.before_month <= asked.month, true)
  on conflict do nothing`;

const RAISE_DESTROYED = `
  insert into sealing_destroyed as existing values ($1, $2)
  on conflict (tenant) do update set before_month = greatest(existing.before_month, excluded.before_month)`;

export async function openPostgresKeyTable(url: string): Promise<KeyTable> {
  const where = `at ${new URL(url).host}`;
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WAIT_MS,
    query_timeout: STATEMENT_WAIT_MS,
    keepAlive: true,
  });
  // A lost connection also fails the next query on it; without a listener the event would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));

  async function query(text: string, values: readonly unknown[]): Promise<readonly any[]> {
    try {
      return (await pool.query(text, [...values])).rows;
    } catch (error) {
      throw fromStoreError(error, where);
    }
  }

  /** How many rows the last statement touched. */
  async function exclusively(statements: readonly (readonly [text: string, values: readonly unknown[]])[]): Promise<number> {
    const client = await pool.connect().catch((error: unknown) => {
      throw fromStoreError(error, where);
    });
    let failed = true;
    let touched = 0;
    try {
      await client.query('begin');
      await client.query('select pg_advisory_xact_lock($1::bigint)', [WRITE_LOCK]);
      for (const [text, values] of statements) touched = (await client.query(text, [...values])).rowCount ?? 0;
      await client.query('commit');
      failed = false;
      return touched;
    } catch (error) {
      throw fromStoreError(error, where);
    } finally {
      // Closing the connection rolls back, whatever state it is in.
      client.release(failed);
    }
  }

  try {
    await exclusively([[SETUP, []]]);
  } catch (error) {
    await pool.end();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    async load(ids) {
      const rows = await query(LOAD, [ids.map(({ tenant }) => tenant), ids.map(({ month }) => month)]);
      return rows.map((row): KeyState => (row.destroyed ? 'destroyed' : (row.stored ?? undefined)));
    },
    async insertMissing(rows) {
      const columns = [rows.map(({ tenant }) => tenant), rows.map(({ month }) => month), rows.map(({ stored }) => stored)];
      await exclusively([[INSERT_MISSING, columns]]);
    },
    destroy: (tenant, beforeMonth, author) =>
      exclusively([
        [RAISE_DESTROYED, [tenant, beforeMonth]],
        ['insert into sealing_destruction values ($1, $2, $3, $4)', [tenant, beforeMonth, author, new Date().toISOString()]],
        ['delete from sealing_key where tenant = $1 and month < $2', [tenant, beforeMonth]],
      ]),
    destructions: (tenant) =>
      query('select before_month as "beforeMonth", author, at from sealing_destruction where tenant = $1 order by at', [tenant]),
    async anyWrapped() {
      const text = 'select tenant, month, stored from sealing_key where get_byte(stored, 0) = $1 limit 1';
      return (await query(text, [WRAPPED]))[0];
    },
    close: () => (closing ??= pool.end()),
  };
}
