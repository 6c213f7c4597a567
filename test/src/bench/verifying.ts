// Bench, verify, in a process of its own: a store that the rating program has filled, in SQLite, is made; then it is proven in part or
// whole, as `tollkeeper verify` does it in one thread.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { verifyLedger, type CheckName } from '@tollkeeper/audit';
import { importDeck, openDeckShelf } from '@tollkeeper/decks';
import { openSqliteEventStore, type EventStore } from '@tollkeeper/event-store';
import { STREAM_PREFIX } from '@tollkeeper/ledger';
import { isDeckRejection, parseDeck } from '@tollkeeper/rating';
import { MIGRATIONS, PROJECTIONS, Projector, type Tables } from '@tollkeeper/read-models';
import { openReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore } from '@tollkeeper/sealing';
import { openEmbedded } from './embedded-engines.js';
import { ratingModule, startModules } from './embedded-rating.js';
import { answerApart } from './processes.js';
import { monotonicMs } from './stopwatch.js';
import { CURRENCY, deckCsv, workload } from './workload.js';

export type VerifyingTask = {
  readonly folder: string;
  readonly nowMs: number;
  /** CDRs to fill the store with, or what to prove. */
  readonly what: { readonly fill: number } | { readonly only: readonly CheckName[] };
};

export type VerifiedResult = {
  readonly events: number;
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakRssMiB: number;
};

const EVENTS_PER_BATCH = 5_000;

await answerApart(async ({ folder, nowMs, what }: VerifyingTask): Promise<VerifiedResult> => {
  mkdirSync(folder, { recursive: true });
  if ('fill' in what) await fill(folder, what.fill, nowMs);
  return 'only' in what ? await proven(folder, what.only, nowMs) : { events: 0, ms: 0, cpuMs: 0, peakRssMiB: 0 };
});

async function fill(folder: string, count: number, nowMs: number): Promise<void> {
  const engines = await openEmbedded(folder, true, workload('verified', 'many', nowMs), count, nowMs);
  const deck = parseDeck(deckCsv(), { currency: CURRENCY });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  await importDeck(engines.eventStore, deck, { by: 'bench', name: 'bench', nowMs });
  let messages = 0;
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const onMessages = (more: number): void => ((messages += more) === count ? resolve() : undefined);
  const application = await startModules([ratingModule(engines, onMessages, reject)]);
  await done;
  await application.close();
  await fold(folder, engines.eventStore);
  await engines.close();
}

/** The read models, as the projections program would have them. */
async function fold(folder: string, store: EventStore): Promise<void> {
  const readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'read-models.sqlite')}`);
  await readStore.migrate(MIGRATIONS);
  for (const projection of PROJECTIONS) {
    const projector = new Projector(projection, readStore, ({ reason }) => {
      throw new Error(reason);
    });
    await projector.load();
    let batch = [];
    for await (const page of store.readAll({ streamPrefix: STREAM_PREFIX })) {
      batch.push(...page);
      if (batch.length < EVENTS_PER_BATCH) continue;
      await projector.handle(batch, batch.at(-1)?.position ?? 0n);
      batch = [];
    }
    if (batch.length > 0) await projector.handle(batch, batch.at(-1)?.position ?? 0n);
  }
  await readStore.close();
}

async function proven(folder: string, only: readonly CheckName[], nowMs: number): Promise<VerifiedResult> {
  const store = openSqliteEventStore(join(folder, 'events.sqlite'), { readOnly: true });
  const decks = openDeckShelf(store, { onError: () => undefined });
  await decks.ready;
  const ring = openKeyRing(await openKeyStore(`sqlite:${join(folder, 'keys.sqlite')}`));
  const readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'read-models.sqlite')}`, { readOnly: true });
  const gateway = { async *list() {} };
  const fromCpu = process.cpuUsage();
  const fromMs = monotonicMs();
  const parts = { store, decks, ring, readStore, gateway };
  const { events, differences } = await verifyLedger(parts, { only, nowMs });
  const ms = monotonicMs() - fromMs;
  const { user, system } = process.cpuUsage(fromCpu);
  if (differences.length > 0) throw new Error(`the ledger of the bench differs: ${JSON.stringify(differences[0])}`);
  return { events, ms, cpuMs: (user + system) / 1000, peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
}
