// `tollkeeper rebuild`: read models built anew from the ledger's events beside the live rows, then put in their place; nothing is sent.

import type { Target } from './command-parts.js';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson, Progress, tableOf } from './output.js';
import type { Server } from './remote.js';

type Options = { readonly json?: boolean };
type Rebuilt = { readonly name: string; readonly events: number };

export async function rebuild(name: string | undefined, { json }: Options, target: Target): Promise<void> {
  const rebuilt = await target.run<readonly Rebuilt[]>({
    local: (engines) => rebuildHere(name, engines),
    remote: (server) => rebuildThere(name, server),
  });
  if (json) printJson(rebuilt);
  else
    console.log(
      tableOf(
        ['read model', 'events'],
        rebuilt.map((one) => [one.name, one.events]),
      ),
    );
}

async function rebuildHere(name: string | undefined, engines: Engines): Promise<readonly Rebuilt[]> {
  const { MIGRATIONS, readModelNames, rebuildReadModel, RebuildRefused } = await import('@tollkeeper/read-models');
  const [eventStore, readStore] = [await engines.eventStore(), await engines.readStore()];
  await readStore.migrate(MIGRATIONS);
  const rebuilt: Rebuilt[] = [];
  for (const model of name === undefined ? readModelNames() : [name]) {
    const progress = new Progress(`events of ${model} folded`);
    let folded = 0;
    try {
      const parts = { eventStore, readStore, nowMs: Date.now };
      const done = await rebuildReadModel(model, parts, ({ events }) => {
        progress.add(events - folded);
        folded = events;
      });
      rebuilt.push(done);
    } catch (error) {
      if (error instanceof RebuildRefused) throw new CommandError(error.message, EXIT.found);
      throw error;
    } finally {
      progress.end();
    }
  }
  return rebuilt;
}

type Operations = {
  readonly rebuilds: readonly (Rebuilt & {
    readonly state: 'running' | 'done' | 'failed';
    readonly startedAt: string;
    readonly error: string | null;
  })[];
};

const ASK_EVERY_MS = 500;

/** The server answers at once and tells on asking how far it is. What it tells of a rebuild before is not ours. */
async function rebuildThere(name: string | undefined, server: Server): Promise<readonly Rebuilt[]> {
  const { readModelNames } = await import('@tollkeeper/read-models');
  const wanted = name === undefined ? readModelNames() : [name];
  const ask = async () => (await server.ask<Operations>('GET', '/v1/operations')).rebuilds;
  const before = new Map((await ask()).map((one) => [one.name, one.startedAt]));
  await server.ask('POST', '/v1/operations/rebuilds', { body: { name } });
  const progress = new Progress('events folded');
  for (let folded = 0; ;) {
    const ours = (await ask()).filter((one) => wanted.includes(one.name) && one.startedAt !== before.get(one.name));
    const events = ours.reduce((sum, one) => sum + one.events, 0);
    progress.add(Math.max(events - folded, 0));
    folded = Math.max(events, folded);
    const failed = ours.find(({ state }) => state === 'failed');
    if (failed !== undefined) {
      throw new CommandError(`${failed.name} could not be rebuilt: ${failed.error ?? 'the server gave no reason'}`, EXIT.engine);
    }
    if (ours.length === wanted.length && ours.every(({ state }) => state === 'done')) {
      progress.end();
      return ours.map((one) => ({ name: one.name, events: one.events }));
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
