// Bench, the projections program beside the bench: a place in the event store comes in; the program runs on from there.

import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import type { Program } from '../stage/programs.js';
import type { Ground } from './ground.js';

export const READ_MODELS = ['balance', 'low-balance-alert', 'auto-recharge'] as const;
const PUBLISHERS = ['publisher:balance', 'publisher:recharge-command'] as const;

export type Projecting = {
  readonly program: Program;
  readonly readStore: ReadStore<Tables>;
  readonly balanceTopic: string;
  stop(): Promise<void>;
};

/**
 * The store may hold the events of others: read models and publishers begin at the given places, in a database of their own,
 * so that only this run's events are counted.
 */
export async function startProjections(
  ground: Ground,
  name: string,
  places: { readonly readModels: bigint; readonly publishers: bigint },
  env: Readonly<Record<string, string>> = {},
): Promise<Projecting> {
  const databaseUrl = await ground.schema();
  const readStore = await openReadStore<Tables>(databaseUrl);
  await readStore.migrate(MIGRATIONS);
  const nothingMore = async (): Promise<void> => undefined;
  for (const model of READ_MODELS) await readStore.advance(model, undefined, places.readModels, nothingMore);
  for (const publisher of PUBLISHERS) await readStore.advance(publisher, undefined, places.publishers, nothingMore);
  const balanceTopic = await ground.topic(`${name}-balance`);
  const topics = {
    BALANCE_TOPIC: balanceTopic,
    ALERT_TOPIC: await ground.topic(`${name}-alert`),
    RECHARGE_COMMAND_TOPIC: await ground.topic(`${name}-recharge-command`),
    DEAD_LETTER_TOPIC: await ground.topic(`${name}-dlt`),
  };
  const program = await ground.start('projections', { ...topics, DATABASE_URL: databaseUrl, ...env });
  return {
    program,
    readStore,
    balanceTopic,
    async stop() {
      await program.kill('SIGTERM');
      await readStore.close();
    },
  };
}
