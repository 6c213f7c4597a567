// Read models, last step: rows folded from events come in; rows and checkpoint stand in one transaction.
import { sql } from 'kysely';
import type { Insertable, Kysely, Transaction } from 'kysely';
import { ReadStoreError } from './error.js';

/**
 * The port. What both engines promise alike, so that one schema and one query serve both:
 * - Integers (`integer`, `bigint`) read back as numbers; one beyond 2^53 throws 'invalid-data'. No booleans (0 and 1), no
 *   floats: money is decimal TEXT, an instant ISO 8601 TEXT. A `sum` over integers is a string on PostgreSQL: cast it.
 * - A write goes through `advance`, or `write` where no event is followed; `db` is for queries, and on SQLite it cannot write.
 */
export type ReadStore<Tables> = {
  readonly kind: 'sqlite' | 'postgres';
  /** For queries; never sees a transaction that is not committed. */
  readonly db: Kysely<Tables>;
  /** Runs each migration once, in order, all in one transaction; programs that start together wait for each other. */
  migrate(migrations: readonly Migration[]): Promise<void>;
  /** Where a read model or a publisher's cursor stands; undefined before its first `advance` and after `reset`. */
  checkpoint(name: string): Promise<bigint | undefined>;
  /**
   * In one transaction: moves checkpoint `name` from `from` to `to`, then runs `write`. If the checkpoint does not stand at
   * `from`, another instance has moved it: 'checkpoint-moved', and nothing is written. After 'unavailable' the commit may
   * have happened all the same: read the checkpoint again before going on.
   */
  advance(name: string, from: bigint | undefined, to: bigint, write: WriteRows<Tables>): Promise<void>;
  /**
   * One transaction without a checkpoint, for rows that follow from no event, such as what became of a message that was sent.
   * Those of two programs may run at once: what must happen once has to say so in its `where`. After 'unavailable' the commit may
   * have happened all the same.
   */
  write<Result>(work: (tx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  /**
   * Inserts rows or assigns their columns anew where `key` (the columns of a unique index) exists; the last of two rows
   * with one key wins. One statement with one parameter whatever the number of rows.
   */
  upsert<Table extends keyof Tables & string>(
    tx: Transaction<Tables>,
    table: Table,
    key: readonly (keyof Tables[Table] & string)[],
    rows: readonly Insertable<Tables[Table]>[],
  ): Promise<void>;
  /** Forgets all rows of the tables and the checkpoint in one transaction: the start of a rebuild. */
  reset(name: string, tables: readonly (keyof Tables & string)[]): Promise<void>;
  ping(): Promise<void>;
  /** Waits for what is under way, then closes; calling it twice is harmless. */
  close(): Promise<void>;
};

export type Migration = { readonly name: string; up(db: Kysely<any>): Promise<void> };

export type WriteRows<Tables> = (tx: Transaction<Tables>) => Promise<void>;

/** What an engine brings; everything else is the same SQL on both. */
export type ReadStoreEngine = {
  readonly kind: 'sqlite' | 'postgres';
  readonly reader: Kysely<any>;
  /** Undefined when the store was opened read-only. */
  readonly writer: Kysely<any> | undefined;
  /** Makes other migrating programs wait until this transaction ends. */
  lockMigrations(tx: Transaction<any>): Promise<void>;
  /** A FROM item that yields `columns` of the rows in one JSON array. */
  rowsFromJson(table: string, columns: readonly string[], json: string): ReturnType<typeof sql>;
  /** Called when no operation of the store is under way. */
  close(): Promise<void>;
};

type OwnTables = {
  read_store_checkpoint: { name: string; position: string };
  read_store_migration: { name: string; applied_at: string };
};

export function createReadStore<Tables>(engine: ReadStoreEngine): ReadStore<Tables> {
  const { reader, writer } = engine;
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  async function during<T>(work: () => Promise<T>): Promise<T> {
    if (closing) throw new ReadStoreError('closed', `The ${engine.kind} read store is closed; open it again`);
    const running = work();
    underWay.add(running);
    try {
      return await running;
    } finally {
      underWay.delete(running);
    }
  }

  function inTransaction<Result>(write: (tx: Transaction<any>) => Promise<Result>): Promise<Result> {
    if (!writer) throw new ReadStoreError('read-only', 'The read store was opened read-only; only its owner writes');
    return during(() => writer.transaction().execute(write));
  }

  async function close(): Promise<void> {
    await Promise.allSettled(underWay);
    await engine.close();
  }

  return {
    kind: engine.kind,
    db: reader,
    migrate: async (migrations) => inTransaction((tx) => applyMigrations(engine, tx, migrations)),
    checkpoint: (name) => during(() => readCheckpoint(reader, name)),
    advance: async (name, from, to, write) =>
      inTransaction(async (tx) => {
        await moveCheckpoint(tx, name, from, to);
        await write(tx);
      }),
    write: async (work) => inTransaction(work),
    upsert: (tx, table, key, rows) => upsertRows(engine, tx, table, key, rows as readonly Row[]),
    reset: async (name, tables) =>
      inTransaction(async (tx) => {
        await tx.deleteFrom('read_store_checkpoint').where('name', '=', name).execute();
        for (const table of tables) await tx.deleteFrom(table).execute();
      }),
    ping: () => during(async () => void (await sql`select 1`.execute(reader))),
    close: () => (closing ??= close()),
  };
}

async function readCheckpoint(reader: Kysely<OwnTables>, name: string): Promise<bigint | undefined> {
  const query = reader.selectFrom('read_store_checkpoint').select('position').where('name', '=', name);
  const row = await query.executeTakeFirst();
  return row && BigInt(row.position);
}

async function applyMigrations(engine: ReadStoreEngine, tx: Transaction<any>, migrations: readonly Migration[]): Promise<void> {
  const names = migrations.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new TypeError(`Two migrations are named ${repeated}; give each a name of its own`);
  await engine.lockMigrations(tx);
  await sql`create table if not exists read_store_checkpoint (name text primary key, position text not null)`.execute(tx);
  await sql`create table if not exists read_store_migration (name text primary key, applied_at text not null)`.execute(tx);
  const own = tx as Transaction<OwnTables>;
  const applied = new Set((await own.selectFrom('read_store_migration').select('name').execute()).map(({ name }) => name));
  for (const { name, up } of migrations) {
    if (applied.has(name)) continue;
    await up(tx);
    await own.insertInto('read_store_migration').values({ name, applied_at: new Date().toISOString() }).execute();
  }
}

/** Moves before the rows are written: a second instance waits here for the first, and finds that it comes too late. */
async function moveCheckpoint(tx: Transaction<OwnTables>, name: string, from: bigint | undefined, to: bigint): Promise<void> {
  const position = to.toString();
  const moved =
    from === undefined
      ? (
          await tx
            .insertInto('read_store_checkpoint')
            .values({ name, position })
            .onConflict((conflict) => conflict.doNothing())
            .executeTakeFirst()
        ).numInsertedOrUpdatedRows
      : (
          await tx
            .updateTable('read_store_checkpoint')
            .set({ position })
            .where('name', '=', name)
            .where('position', '=', from.toString())
            .executeTakeFirst()
        ).numUpdatedRows;
  if (moved !== 1n) {
    const at = from === undefined ? 'before its first position' : `at ${from}`;
    throw new ReadStoreError(
      'checkpoint-moved',
      `Checkpoint ${name} does not stand ${at}: another instance has moved it. Read it again and go on from there`,
    );
  }
}

type Row = Readonly<Record<string, unknown>>;

async function upsertRows(
  engine: ReadStoreEngine,
  tx: Transaction<any>,
  table: string,
  key: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first);
  const json = JSON.stringify(lastOfEachKey(table, key, columns, rows));
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const assigned = columns.filter((column) => !key.includes(column));
  const resolution =
    assigned.length === 0
      ? sql`nothing`
      : sql`update set ${sql.join(assigned.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`))}`;
  await sql`insert into ${sql.table(table)} (${names})
    select ${names} from ${engine.rowsFromJson(table, columns, json)} where true
    on conflict (${sql.join(key.map((column) => sql.ref(column)))}) do ${resolution}`.execute(tx);
}

/** PostgreSQL refuses to touch a row twice in one statement, so only the last row of a key is sent. */
function lastOfEachKey(table: string, key: readonly string[], columns: readonly string[], rows: readonly Row[]): Row[] {
  const last = new Map<string, Row>();
  for (const row of rows) {
    if (Object.keys(row).length !== columns.length || columns.some((column) => row[column] === undefined)) {
      throw new TypeError(`Rows of ${table} in one upsert must all have the columns ${columns.join(', ')}; use null`);
    }
    last.set(key.length === 1 ? String(row[key[0]!]) : JSON.stringify(key.map((column) => row[column])), row);
  }
  return [...last.values()];
}
