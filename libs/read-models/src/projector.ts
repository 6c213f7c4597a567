// Balance, alert and recharge steps, run: a batch of ledger events → the rows of one read model, with its checkpoint, in one
// transaction. What if a batch comes twice? The checkpoint has moved and nothing is written. Altered or out of order? The
// fold refuses it and the tenant is set aside. We die after the commit? The next start reads on from the checkpoint.

import type { RecordedEvent } from '@tollkeeper/event-store';
import { isLedgerEventType, tenantOf } from '@tollkeeper/ledger';
import { failpoint } from '@tollkeeper/program';
import { placed, type PlacedLedgerEvent, type ReadModel, type Row } from '@tollkeeper/projections';
import type { ReadStore } from '@tollkeeper/read-store';
import type { Transaction } from 'kysely';
import type { SetAsideRow, Tables } from './tables.js';

/** A read model's place in the store. */
export type Projection = {
  readonly model: ReadModel<Row>;
  readonly table: keyof Tables & string;
  /** Column of the table that holds the model's key. */
  readonly key: string;
  /** A row that an event adds beside the fold's own, such as the alert that it raised. */
  readonly entry?: {
    readonly table: keyof Tables & string;
    readonly key: string;
    of(before: Row | undefined, after: Row, event: PlacedLedgerEvent): Row | undefined;
  };
};

/** Its tables, each with the column that holds its key. */
export function placesOf({ table, key, entry }: Projection): readonly Pick<Projection, 'table' | 'key'>[] {
  return [{ table, key }, ...(entry === undefined ? [] : [{ table: entry.table, key: entry.key }])];
}

/** Keys asked for in one query: far below SQLite's 32,766 parameters. */
const KEYS_PER_QUERY = 5_000;

export class Projector {
  readonly name: string;
  /** Everything up to here has been folded; undefined before the first event. */
  position: bigint | undefined;

  constructor(
    private readonly projection: Projection,
    private readonly store: ReadStore<Tables>,
    private readonly onSetAside: (row: SetAsideRow) => void,
  ) {
    this.name = projection.model.name;
  }

  /** Reads the checkpoint anew: at the start, and after another instance has moved it. */
  async load(): Promise<bigint | undefined> {
    this.position = await this.store.checkpoint(this.name);
    if (this.position === undefined) return undefined;
    const rows = await this.store.db.selectFrom('set_aside').selectAll().where('model', '=', this.name).execute();
    for (const row of rows) this.onSetAside(row);
    return this.position;
  }

  /**
   * Everything up to `position` has been seen once this resolves. Rows and tenants set aside are read behind the checkpoint's move: a
   * rebuild may have put others in their place, at the same position.
   */
  async handle(events: readonly RecordedEvent[], position: bigint): Promise<void> {
    const from = this.position;
    if (from !== undefined && position <= from) return;
    const fresh = from === undefined ? events : events.filter((event) => event.position > from);
    let setAside: readonly SetAsideRow[] = [];
    await this.store.advance(this.name, from, position, async (tx) => {
      const { table, key, entry } = this.projection;
      if (from === undefined) await tx.deleteFrom('set_aside').where('model', '=', this.name).execute();
      const changes = await this.foldAll(fresh, tx);
      setAside = [...changes.setAside.values()];
      await this.store.upsert(tx, table, [key as never], [...changes.rows.values()] as never);
      if (entry) await this.store.upsert(tx, entry.table, [entry.key as never], changes.entries as never);
      await this.store.upsert(tx, 'set_aside', ['model', 'tenant'], setAside);
      failpoint('projections.before-commit');
    });
    failpoint('projections.after-commit');
    for (const row of setAside) this.onSetAside(row);
    this.position = position;
  }

  private async foldAll(events: readonly RecordedEvent[], tx: Transaction<Tables>): Promise<Changes> {
    const { model, entry } = this.projection;
    const changes: Changes = { rows: new Map(), entries: [], setAside: new Map() };
    const passedOver = await tx.selectFrom('set_aside').select('tenant').where('model', '=', this.name).execute();
    const tenantsSetAside = new Set(passedOver.map(({ tenant }) => tenant));
    const rows = await this.rowsFor(events, tx);
    for (const stored of events) {
      const tenant = tenantOf(stored.stream);
      if (tenantsSetAside.has(tenant) || changes.setAside.has(tenant)) continue;
      try {
        const event = placed(stored);
        const key = model.keyOf(event);
        if (key === undefined) continue;
        const before = rows.get(key);
        const after = model.fold(before, event);
        const added = entry?.of(before, after, event);
        rows.set(key, after);
        changes.rows.set(key, after);
        if (added !== undefined) changes.entries.push(added);
      } catch (error) {
        changes.setAside.set(tenant, { model: this.name, tenant, revision: stored.revision, reason: String(error) });
      }
    }
    return changes;
  }

  /** The rows that the events concern, by key, as they stand. */
  private async rowsFor(events: readonly RecordedEvent[], tx: Transaction<Tables>): Promise<Map<string, Row>> {
    const { model, table, key } = this.projection;
    const keys = new Set<string>();
    for (const stored of events) {
      const found = isLedgerEventType(stored.type) ? model.keyOf(placed(stored)) : undefined;
      if (found !== undefined) keys.add(found);
    }
    const wanted = [...keys];
    const rows = new Map<string, Row>();
    for (let at = 0; at < wanted.length; at += KEYS_PER_QUERY) {
      const page = wanted.slice(at, at + KEYS_PER_QUERY);
      const found = await tx
        .selectFrom(table)
        .selectAll()
        .where(key as never, 'in', page as never)
        .execute();
      for (const row of found as readonly Row[]) rows.set(String(row[key]), row);
    }
    return rows;
  }
}

type Changes = {
  readonly rows: Map<string, Row>;
  readonly entries: Row[];
  readonly setAside: Map<string, SetAsideRow>;
};
