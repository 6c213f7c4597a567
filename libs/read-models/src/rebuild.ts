// Balance, alert and recharge steps, once more: all of the ledger's events → the rows of one read model, built beside the live ones
// and put in their place in one transaction. Readers see the old rows, then the new ones; nothing is sent.
//
// What if the live rows move on meanwhile? Whoever keeps them finds their checkpoint moved, and goes on from there. What if two rebuild at
// once? The second is told; one that was silent for so long that another began finds that out before it swaps. We die? What was built
// stands aside until the next rebuild drops it.

import type { EventStore, RecordedEvent } from '@tollkeeper/event-store';
import { STREAM_PREFIX } from '@tollkeeper/ledger';
import { ReadStoreError, type ReadStore } from '@tollkeeper/read-store';
import { sql, type Transaction } from 'kysely';
import { PROJECTIONS } from './projections.js';
import { placesOf, Projector, type Projection } from './projector.js';
import { RebuildJournal, RebuildRefused, type RebuildProgress } from './rebuild-journal.js';
import type { Tables } from './tables.js';

export type RebuildParts = {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore<Tables>;
  readonly nowMs: () => number;
};

export type Rebuilt = { readonly name: string; readonly events: number };

/** Folded in one go, so few that a server which rebuilds goes on answering. */
const EVENTS_PER_BATCH = 2_000;
const SUFFIX = '__rebuild';

export function readModelNames(): readonly string[] {
  return PROJECTIONS.map(({ model }) => model.name);
}

/** @throws RebuildRefused when no read model has the name, or when it is being rebuilt already. */
export async function rebuildReadModel(
  name: string,
  parts: RebuildParts,
  onProgress: (progress: RebuildProgress) => void = () => undefined,
): Promise<Rebuilt> {
  const projection = PROJECTIONS.find(({ model }) => model.name === name);
  if (projection === undefined) {
    throw new RebuildRefused(`no read model is named ${name}; there are ${readModelNames().join(', ')}`);
  }
  const { readStore } = parts;
  const target = (await readStore.checkpoint(name)) ?? 0n;
  const journal = new RebuildJournal(name, target, parts, onProgress);
  await journal.begin();
  try {
    await layOut(projection, readStore);
    const { events, builtTo } = await build(projection, parts, journal);
    await swap(projection, builtTo, readStore, journal);
    await journal.end('done', events, null);
    return { name, events };
  } catch (error) {
    await journal.end('failed', 0, String(error)).catch(() => undefined);
    throw error;
  }
}

/** Its rows under other names, and a checkpoint of its own. */
function besides(projection: Projection): Projection {
  const { model, table, entry } = projection;
  return {
    ...projection,
    model: { ...model, name: model.name + SUFFIX },
    table: (table + SUFFIX) as Projection['table'],
    ...(entry && { entry: { ...entry, table: (entry.table + SUFFIX) as Projection['table'] } }),
  };
}

async function layOut(projection: Projection, readStore: ReadStore<Tables>): Promise<void> {
  await readStore.write(async (tx) => {
    await forget(projection, tx);
    for (const { table, key } of placesOf(projection)) {
      const beside = table + SUFFIX;
      await sql`create table ${sql.table(beside)} as select * from ${sql.table(table)} where 1 = 0`.execute(tx);
      await sql`create unique index ${sql.ref(`${beside}_key`)} on ${sql.table(beside)} (${sql.ref(key)})`.execute(tx);
    }
  });
}

async function forget(projection: Projection, tx: Transaction<Tables>): Promise<void> {
  const name = projection.model.name + SUFFIX;
  for (const { table } of placesOf(projection)) await sql`drop table if exists ${sql.table(table + SUFFIX)}`.execute(tx);
  await tx.deleteFrom('set_aside').where('model', '=', name).execute();
  await sql`delete from read_store_checkpoint where name = ${name}`.execute(tx);
}

/** As far as the live rows stand, or further: what came while it read is read too, until that is little. */
async function build(projection: Projection, { eventStore, readStore }: RebuildParts, journal: RebuildJournal) {
  const beside = new Projector(besides(projection), readStore, () => undefined);
  await beside.load();
  let events = 0;
  for (;;) {
    // The live checkpoint may stand beyond the last event of the ledger: then nothing lies between.
    const live = (await readStore.checkpoint(projection.model.name)) ?? 0n;
    const before = events;
    events = await catchUp(beside, before, eventStore, journal);
    const stands = beside.position ?? 0n;
    if (events - before < EVENTS_PER_BATCH) return { events, builtTo: stands > live ? stands : live };
  }
}

/** Up to the end of the store as it is at the call. */
async function catchUp(beside: Projector, before: number, store: EventStore, journal: RebuildJournal): Promise<number> {
  const { position: after } = beside;
  let events = before;
  let batch: RecordedEvent[] = [];
  const fold = async (): Promise<void> => {
    const last = batch.at(-1);
    if (last === undefined) return;
    await beside.handle(batch, last.position);
    events += batch.length;
    batch = [];
    await journal.say({ events, position: last.position });
  };
  for await (const page of store.readAll({ streamPrefix: STREAM_PREFIX, ...(after === undefined ? {} : { after }) })) {
    batch.push(...page);
    if (batch.length >= EVENTS_PER_BATCH) await fold();
  }
  await fold();
  return events;
}

/**
 * The live rows give way to those built, and the live checkpoint to theirs, whatever it has come to meanwhile: whoever keeps the live
 * rows finds it moved and goes on from there.
 */
async function swap(
  projection: Projection,
  builtTo: bigint,
  readStore: ReadStore<Tables>,
  journal: RebuildJournal,
): Promise<void> {
  const { name } = projection.model;
  for (;;) {
    const live = await readStore.checkpoint(name);
    try {
      await readStore.advance(name, live, builtTo, async (tx) => {
        await journal.assertOurs(tx);
        for (const { table } of placesOf(projection)) {
          await sql`delete from ${sql.table(table)}`.execute(tx);
          await sql`insert into ${sql.table(table)} select * from ${sql.table(table + SUFFIX)}`.execute(tx);
        }
        await tx.deleteFrom('set_aside').where('model', '=', name).execute();
        await tx
          .updateTable('set_aside')
          .set({ model: name })
          .where('model', '=', name + SUFFIX)
          .execute();
        await forget(projection, tx);
      });
      return;
    } catch (error) {
      if (!(error instanceof ReadStoreError && error.code === 'checkpoint-moved')) throw error;
    }
  }
}
