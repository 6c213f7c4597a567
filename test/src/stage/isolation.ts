// Tests across processes: one event store that several stages share comes in; each stage sees only what is written on it.

import { createHash } from 'node:crypto';
import type { EventStore } from '@tollkeeper/event-store';
import { openReadStore } from '@tollkeeper/read-store';
import pg from 'pg';

/** Who reads the whole store, and so would begin with the events of every stage before. */
const READERS_OF_ALL = [
  'balance',
  'low-balance-alert',
  'auto-recharge',
  'publisher:balance',
  'publisher:recharge-command',
  'notices',
  'publisher:webhook-balance',
];

/**
 * Read models follow every account of a store, and a payment worker pays for all of them: two stages on one store at the same
 * time would pay each other's recharges. So one waits for the other, and begins at the store's end.
 */
export async function takeTurn(databaseUrl: string, eventStoreUrl: string): Promise<{ end(): Promise<void> }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  const key = createHash('sha256').update(eventStoreUrl).digest().readInt32BE(0);
  await client.query('select pg_advisory_lock(42, $1)', [key]);
  return { end: () => client.end() };
}

/**
 * @param schemaUrl of the stage's own read models.
 * @returns the position that they begin at.
 */
export async function beginAtTheEnd(store: EventStore, schemaUrl: string, stage: string): Promise<bigint> {
  const id = `00000000-0000-4000-8000-${createHash('sha256').update(stage).digest('hex').slice(0, 12)}`;
  const { position } = await store.append(`stage-${stage}`, -1, [{ id, type: 'StageOpened.v1', data: {}, metadata: {} }]);
  const readStore = await openReadStore(schemaUrl);
  await readStore.migrate([]);
  for (const name of READERS_OF_ALL) await readStore.advance(name, undefined, position, async () => undefined);
  await readStore.close();
  return position;
}
