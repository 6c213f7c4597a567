// `tollkeeper rebuild`: names of read models in; each is built anew from the ledger's events, here or by the server that has the folder,
// and what was folded goes out.
//
// What if it is interrupted? The live rows are as they were, and another run begins anew. What if the server stops meanwhile? Its
// rebuild ends as failed, and the command says so.

import { setTimeout as delay } from 'node:timers/promises';
import { MIGRATIONS, readModelNames, rebuildReadModel, RebuildRefused } from '@tollkeeper/read-models';
import type { Target } from './command-parts.js';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson, ShareProgress, tableOf } from './output.js';
import type { Server } from './remote.js';

export type RebuildOptions = { readonly json?: boolean };

type Rebuilt = { readonly name: string; readonly events: number; readonly seconds: number };

/** As the server tells it. */
type ServerRebuild = {
  readonly name: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly events: number;
  readonly total: number | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly error: string | null;
};

const POLL_MS = 500;
/** A server that rebuilds says so every second, but for the swap of a large table. */
const SILENCE_MS = 300_000;

export async function rebuild(asked: readonly string[], { json }: RebuildOptions, target: Target): Promise<void> {
  const names = namesOf(asked);
  const rebuilt = await target.run<readonly Rebuilt[]>({
    local: (engines) => rebuildHere(names, engines),
    remote: (server) => rebuildThere(asked.length === 0 ? [undefined] : names, server),
  });
  if (json) printJson(rebuilt);
  else {
    const rows = rebuilt.map(({ name, events, seconds }) => [name, events, seconds.toFixed(1)]);
    console.log(tableOf(['read model', 'events', 'seconds'], rows));
  }
}

function namesOf(asked: readonly string[]): readonly string[] {
  const known = readModelNames();
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new CommandError(`no read model is named ${unknown}; there are ${known.join(', ')}`);
  return asked.length === 0 ? known : [...new Set(asked)];
}

async function rebuildHere(names: readonly string[], engines: Engines): Promise<readonly Rebuilt[]> {
  const [eventStore, readStore] = [await engines.eventStore(), await engines.readStore()];
  await readStore.migrate(MIGRATIONS);
  const interrupted = interruption();
  const rebuilt: Rebuilt[] = [];
  for (const name of names) {
    const progress = new ShareProgress(`events folded into ${name}`);
    const startedAtMs = performance.now();
    try {
      const parts = { eventStore, readStore, nowMs: Date.now };
      const { events } = await rebuildReadModel(name, parts, ({ events: folded, position, target }) => {
        interrupted.throwIfAborted();
        progress.show(folded, target === 0n ? null : Number(position) / Number(target));
      });
      rebuilt.push({ name, events, seconds: (performance.now() - startedAtMs) / 1_000 });
    } catch (error) {
      if (error instanceof RebuildRefused) throw new CommandError(error.message, EXIT.found);
      throw error;
    } finally {
      progress.end();
    }
  }
  return rebuilt;
}

/** An interrupted rebuild leaves word that it has failed, so that the next one need not wait for it. */
function interruption(): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(new CommandError('interrupted; the live rows are as they were', EXIT.engine));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return stopping.signal;
}

/** @param names undefined for all at once. */
async function rebuildThere(names: readonly (string | undefined)[], server: Server): Promise<readonly Rebuilt[]> {
  const begun: ServerRebuild[] = [];
  for (const name of names) {
    const body = name === undefined ? {} : { name };
    const { rebuilds } = await server.ask<{ readonly rebuilds: readonly ServerRebuild[] }>('POST', '/v1/operations/rebuilds', {
      body,
    });
    begun.push(...rebuilds);
  }
  const rebuilt: Rebuilt[] = [];
  for (const one of begun) rebuilt.push(await followed(one, server));
  return rebuilt;
}

async function followed({ name, startedAt: askedAt }: ServerRebuild, server: Server): Promise<Rebuilt> {
  const progress = new ShareProgress(`events folded into ${name}`);
  let [heard, heardAtMs] = ['', performance.now()];
  try {
    for (;;) {
      const { rebuilds } = await server.ask<{ readonly rebuilds: readonly ServerRebuild[] }>('GET', '/v1/operations');
      const now = rebuilds.find((row) => row.name === name && row.startedAt >= askedAt);
      if (now?.state === 'done') return rebuiltOf(now);
      if (now?.state === 'failed') throw new CommandError(`${name}: ${now.error ?? 'it has failed'}`, EXIT.engine);
      if (now !== undefined) progress.show(now.events, now.total === null ? null : now.events / now.total);
      const said = JSON.stringify(rebuilds);
      if (said !== heard) [heard, heardAtMs] = [said, performance.now()];
      if (performance.now() - heardAtMs > SILENCE_MS) {
        throw new CommandError(`the server at ${server.url} tells nothing new of ${name}; see its log`, EXIT.engine);
      }
      await delay(POLL_MS);
    }
  } finally {
    progress.end();
  }
}

function rebuiltOf({ name, events, startedAt, finishedAt }: ServerRebuild): Rebuilt {
  return { name, events, seconds: (Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)) / 1_000 };
}
