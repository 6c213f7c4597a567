// Credit for exactly one package, and fifty calls that begin at once: in one process, on engines of this machine, a thousand times over.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inMemoryEventStore, openEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { authorise, NOW_MS, purchase } from './commands.js';

const REPETITIONS = 1_000;
const CALLS = 50;

const writerOn = (store: EventStore) => new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 10 });

/** What became of the fifty: half of them come by a writer of their own, as from a second process. */
async function outcomes(tenant: string, writers: readonly ReturnType<typeof writerOn>[]): Promise<readonly string[]> {
  const opening: LedgerCommand = { kind: 'open-account', nowMs: NOW_MS, currency: 'EUR', plan: 'default', intakeWindowDays: 35 };
  await writers[0]?.execute(streamOf(tenant), [opening, purchase('p', '0.06')]);
  const results = await Promise.all(
    Array.from({ length: CALLS }, async (_, at) => {
      const [result] = (await writers[at % writers.length]?.execute(streamOf(tenant), [authorise(`s-${at}`, 'EUR', 60)])) ?? [];
      return result?.kind === 'refused' ? result.refusal.code : (result?.kind ?? 'nothing');
    }),
  );
  return results.toSorted();
}

const ONE_GRANT = [...Array.from({ length: CALLS - 1 }, () => 'NO_CREDIT'), 'recorded'];

describe(`fifty calls for the last 0.06, ${REPETITIONS} times: one grant, forty-nine refusals`, () => {
  test('by one writer', async () => {
    const store = inMemoryEventStore();
    const writers = [writerOn(store)];
    for (let at = 0; at < REPETITIONS; at += 1) expect(await outcomes(`t-${at}`, writers)).toEqual(ONE_GRANT);
  }, 120_000);

  test('by two writers that do not know of each other, in SQLite', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-last-euro-'));
    const stores = [1, 2].map(() => openEventStore(`sqlite:${join(folder, 'events.db')}`));
    const writers = stores.map(writerOn);
    for (let at = 0; at < REPETITIONS; at += 1) expect(await outcomes(`t-${at}`, writers)).toEqual(ONE_GRANT);
    await Promise.all(stores.map((one) => one.close()));
    rmSync(folder, { recursive: true });
  }, 120_000);
});
