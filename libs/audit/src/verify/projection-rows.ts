// Proof of the read models, row by row: one table as it stands and as a replay has it come in; what differs goes out.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { streamOf } from '@tollkeeper/ledger';
import type { Row } from '@tollkeeper/projections';
import type { SetAsideRow, Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { Kysely } from 'kysely';
import type { Line } from './findings.js';

const ROWS_PER_PAGE = 2_000;
const COLUMNS_TOLD = 4;
const VALUE_CHARACTERS = 80;

/** Whether the person in a column of the replayed row was erased since. */
export type IsErased = (table: string, column: string, replayed: Row) => Promise<boolean>;

/** The read store as it is at one moment. */
export type Snapshot = {
  readonly db: Kysely<any>;
  checkpoint(name: string): Promise<bigint | undefined>;
  setAside(model: string): Promise<readonly SetAsideRow[]>;
};

export async function snapshotOf(store: ReadStore<Tables>, work: (snapshot: Snapshot) => Promise<void>): Promise<void> {
  // SQLite's transactions are of this kind already, and take no word for it.
  const begin = store.db.transaction();
  const transaction = store.kind === 'postgres' ? begin.setIsolationLevel('repeatable read') : begin;
  await transaction.execute(async (tx) => {
    const db = tx as unknown as Kysely<any>;
    await work({
      db,
      async checkpoint(name) {
        const row = await db.selectFrom('read_store_checkpoint').select('position').where('name', '=', name).executeTakeFirst();
        return row && BigInt(String(row.position));
      },
      setAside: (model) => tx.selectFrom('set_aside').selectAll().where('model', '=', model).execute(),
    });
  });
}

export type Comparison = {
  readonly table: string;
  readonly key: string;
  readonly line: Line;
  readonly live: Kysely<any>;
  readonly replayed: Kysely<any>;
  readonly tenant?: string | undefined;
  /** Tenants whose rows are left out. */
  readonly skipped: ReadonlySet<string>;
  readonly isErased: IsErased;
  readonly signal?: AbortSignal | undefined;
};

export async function compareTable(comparison: Comparison): Promise<void> {
  const { line, live, replayed, table, key } = comparison;
  let found = 0;
  for await (const rows of pagesOf(live, comparison)) {
    const others = await rowsOf(replayed, comparison, rows);
    for (const row of rows) {
      const other = others.get(String(row[key]));
      if (other !== undefined) found += 1;
      line.checked += 1;
      const fault = other === undefined ? 'a replay has no such row' : await faultOf(row, other, comparison);
      if (fault !== undefined) line.differs(placeOf(other ?? row), `${table} ${String(row[key])}: ${fault}`);
    }
  }
  if (found === (await countOf(replayed, comparison))) return;
  for await (const rows of pagesOf(replayed, comparison)) {
    const there = await rowsOf(live, comparison, rows);
    for (const row of rows) {
      if (there.has(String(row[key]))) continue;
      line.checked += 1;
      line.differs(placeOf(row), `${table} ${String(row[key])}: a replay has this row, and it is not there`);
    }
  }
}

/** In whatever order the engine keeps its keys. */
async function* pagesOf(db: Kysely<any>, { table, key, tenant, skipped, signal }: Comparison): AsyncGenerator<readonly Row[]> {
  let last: unknown;
  for (;;) {
    let query = db.selectFrom(table).selectAll().orderBy(key).limit(ROWS_PER_PAGE);
    if (tenant !== undefined) query = query.where('tenant', '=', tenant);
    if (last !== undefined) query = query.where(key, '>', last);
    const rows = (await query.execute()) as readonly Row[];
    const compared = skipped.size === 0 ? rows : rows.filter((row) => !skipped.has(String(row['tenant'])));
    if (compared.length > 0) yield compared;
    if (rows.length < ROWS_PER_PAGE) return;
    // SQLite answers synchronously; without this, a server that verifies would serve nobody meanwhile.
    await nextTurn();
    signal?.throwIfAborted();
    last = rows.at(-1)?.[key];
  }
}

async function rowsOf(db: Kysely<any>, { table, key }: Comparison, wanted: readonly Row[]): Promise<ReadonlyMap<string, Row>> {
  const keys = wanted.map((row) => row[key]);
  const rows = (await db.selectFrom(table).selectAll().where(key, 'in', keys).execute()) as readonly Row[];
  return new Map(rows.map((row) => [String(row[key]), row]));
}

async function countOf(db: Kysely<any>, { table, tenant, skipped }: Comparison): Promise<number> {
  let query = db.selectFrom(table).select((count) => count.fn.countAll().as('rows'));
  if (tenant !== undefined) query = query.where('tenant', '=', tenant);
  if (skipped.size > 0) query = query.where('tenant', 'not in', [...skipped]);
  return Number((await query.executeTakeFirst())?.['rows']);
}

async function faultOf(live: Row, replayed: Row, { table, isErased }: Comparison): Promise<string | undefined> {
  const faults: string[] = [];
  for (const [column, value] of Object.entries(replayed)) {
    const stands = live[column] ?? null;
    if (stands === value) continue;
    if (stands === null && (await isErased(table, column, replayed))) continue;
    faults.push(`${column} is ${told(stands)}, a replay has ${told(value)}`);
  }
  if (faults.length === 0) return undefined;
  const more = faults.length > COLUMNS_TOLD ? `; and ${faults.length - COLUMNS_TOLD} more columns` : '';
  return faults.slice(0, COLUMNS_TOLD).join('; ') + more;
}

function told(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS)}…` : text;
}

function placeOf({ tenant, revision }: Row): { readonly stream: string; readonly revision: number | null } {
  return { stream: streamOf(String(tenant)), revision: typeof revision === 'number' ? revision : null };
}
