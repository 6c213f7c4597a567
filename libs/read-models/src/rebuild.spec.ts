// A read model built anew beside its live rows, on both engines: what readers see meanwhile, and what stands afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { inMemoryEventStore, NO_STREAM, runFeed, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { decide, initialAccount, ledgerDecider, type Account, type LedgerCommand } from '@tollkeeper/ledger';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { createSchema, findPostgres, waitFor } from '@tollkeeper/testing';
import { MIGRATIONS } from './migrations.js';
import { PROJECTIONS } from './projections.js';
import { Projector } from './projector.js';
import { RebuildRefused, type RebuildProgress } from './rebuild-journal.js';
import { readModelNames, rebuildReadModel } from './rebuild.js';
import type { Tables } from './tables.js';

const folder = mkdtempSync(join(tmpdir(), 'rebuild-'));
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
  rmSync(folder, { recursive: true });
});

const postgres = await findPostgres();
if (postgres.url !== undefined) closing.push(() => postgres.stop());
const engines: [string, () => Promise<string>][] = [['SQLite', async () => `sqlite:${join(folder, `${closing.length}.sqlite`)}`]];
if (postgres.url === undefined) test.skip(`PostgreSQL (skipped: ${postgres.reason})`, () => undefined);
else {
  engines.push([
    'PostgreSQL',
    async () => {
      const schema = await createSchema(postgres.url ?? '');
      closing.push(schema.drop);
      return schema.url;
    },
  ]);
}

const nowMs = Date.parse('2026-03-03T12:00:00Z');

/** A tenant's stream of an opening and a number of settings. */
async function write(store: EventStore, tenant: string, thresholds: number, from?: Account): Promise<Account> {
  let account = from ?? initialAccount(tenant);
  const commands: LedgerCommand[] = from
    ? []
    : [{ kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 }];
  for (let n = 1; n <= thresholds; n += 1) {
    commands.push({
      kind: 'set-alert-threshold',
      nowMs: nowMs + account.revision + n,
      thresholdMicros: BigInt(account.revision + n),
    });
  }
  for (const command of commands) {
    const events = decide(command, account);
    if ('code' in events) throw new Error(events.reason);
    const { state, toAppend } = ledgerDecider.record(account, events);
    await store.append(`credit-${tenant}`, account.revision === -1 ? NO_STREAM : account.revision, toAppend);
    account = state;
  }
  return account;
}

async function everyEvent(store: EventStore): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of store.readAll({ streamPrefix: 'credit-' })) events.push(...page);
  return events;
}

async function* pagesOf(events: readonly RecordedEvent[]): AsyncGenerator<readonly RecordedEvent[]> {
  yield events;
}

async function rowsOf(store: ReadStore<Tables>) {
  const rows = await Promise.all(
    PROJECTIONS.map(({ table, key }) =>
      store.db
        .selectFrom(table)
        .selectAll()
        .orderBy(key as never)
        .execute(),
    ),
  );
  return Object.fromEntries(PROJECTIONS.map(({ model }, n) => [model.name, rows[n]]));
}

async function follow(eventStore: EventStore, readStore: ReadStore<Tables>) {
  const stopping = new AbortController();
  const projectors = PROJECTIONS.map((projection) => new Projector(projection, readStore, () => undefined));
  const watch = { onFailure: () => undefined, onProgress: () => undefined };
  const running = runFeed(eventStore, projectors, { streamPrefix: 'credit-', watch, signal: stopping.signal });
  return async () => {
    stopping.abort();
    await running;
  };
}

async function caughtUp(readStore: ReadStore<Tables>, tenant: string, revision: number): Promise<void> {
  const stands = async () => {
    const days = await readStore.db.selectFrom('balance_day').select('revision').where('tenant', '=', tenant).execute();
    const row = await readStore.db.selectFrom('balance').select('revision').where('tenant', '=', tenant).executeTakeFirst();
    const alerts = await readStore.db
      .selectFrom('low_balance')
      .select('revision')
      .where('tenant', '=', tenant)
      .executeTakeFirst();
    return [row, alerts, ...days].some((each) => each?.revision === revision) && row?.revision === revision;
  };
  await waitFor(stands, { timeoutMs: 20_000, what: `the read models to reach revision ${revision}` });
}

describe.each(engines)('rebuild on %s', (_engine, place) => {
  async function open(): Promise<{ eventStore: EventStore; readStore: ReadStore<Tables> }> {
    const readStore = await openReadStore<Tables>(await place());
    closing.push(() => readStore.close());
    await readStore.migrate(MIGRATIONS);
    return { eventStore: inMemoryEventStore(), readStore };
  }

  test('gives the rows that were there, while the live ones go on', async () => {
    const { eventStore, readStore } = await open();
    let account = await write(eventStore, 'acme', 300);
    await write(eventStore, 'zeta', 20);
    const stop = await follow(eventStore, readStore);
    await caughtUp(readStore, 'acme', account.revision);
    const rebuilding = Promise.all(
      readModelNames().map((name) => rebuildReadModel(name, { eventStore, readStore, nowMs: Date.now })),
    );
    account = await write(eventStore, 'acme', 50, account);
    await rebuilding;
    account = await write(eventStore, 'acme', 5, account);
    await caughtUp(readStore, 'acme', account.revision);
    await stop();
    const live = await rowsOf(readStore);
    for (const name of readModelNames()) await rebuildReadModel(name, { eventStore, readStore, nowMs: Date.now });
    expect(await rowsOf(readStore)).toEqual(live);
    const leftovers = await readStore.db.selectFrom('set_aside').selectAll().execute();
    expect(leftovers).toEqual([]);
  });

  test('mends rows that were altered, and is seen whole or not at all', async () => {
    const { eventStore, readStore } = await open();
    const { revision } = await write(eventStore, 'acme', 10);
    for (let n = 0; n < 40; n += 1) await write(eventStore, `t${n}`, 3);
    const stop = await follow(eventStore, readStore);
    await caughtUp(readStore, 'acme', revision);
    await caughtUp(readStore, 't39', 3);
    await stop();
    const before = (await rowsOf(readStore))['balance'];
    await readStore.write((tx) => tx.updateTable('balance').set({ balance: '999' }).where('tenant', '=', 'acme').execute());
    const counts = new Set<number>();
    const done = new AbortController();
    const watching = (async () => {
      while (!done.signal.aborted) {
        counts.add((await readStore.db.selectFrom('balance').select('tenant').execute()).length);
        await nextTurn();
      }
    })();
    const said: RebuildProgress[] = [];
    await rebuildReadModel('balance', { eventStore, readStore, nowMs: Date.now }, (progress) => said.push(progress));
    done.abort();
    await watching;
    expect([...counts]).toEqual([41]);
    expect((await rowsOf(readStore))['balance']).toEqual(before);
    expect(said.at(-1)?.position).toBe(said.at(-1)?.target);
    const [journal] = await readStore.db.selectFrom('read_model_rebuild').selectAll().execute();
    expect(journal).toMatchObject({ name: 'balance', state: 'done', events: 11 + 40 * 4, error: null });
  });

  test('is refused of what is no read model, and while another one of it is alive', async () => {
    const { eventStore, readStore } = await open();
    const clock = { nowMs };
    const parts = { eventStore, readStore, nowMs: () => clock.nowMs };
    await expect(rebuildReadModel('balances', parts)).rejects.toThrow(RebuildRefused);
    await rebuildReadModel('balance', parts);
    await readStore.write((tx) => tx.updateTable('read_model_rebuild').set({ state: 'running' }).execute());
    await expect(rebuildReadModel('balance', parts)).rejects.toThrow('being rebuilt already');
    clock.nowMs += 61_000;
    expect(await rebuildReadModel('balance', parts)).toEqual({ name: 'balance', events: 0 });
  });

  test('that was silent for so long that another began swaps nothing', async () => {
    const { eventStore, readStore } = await open();
    await write(eventStore, 'acme', 5);
    const clock = { nowMs };
    const parts = { eventStore, readStore, nowMs: () => clock.nowMs };
    await rebuildReadModel('balance', parts);
    const before = (await rowsOf(readStore))['balance'];
    const dying: EventStore = {
      ...eventStore,
      readAll: () => {
        throw new Error('the other one died');
      },
    };
    const stalled: ReadStore<Tables> = {
      ...readStore,
      async advance(name, ...rest) {
        if (name === 'balance') {
          clock.nowMs += 61_000;
          await expect(rebuildReadModel('balance', { ...parts, eventStore: dying })).rejects.toThrow('the other one died');
        }
        return readStore.advance(name, ...rest);
      },
    };
    await expect(rebuildReadModel('balance', { ...parts, readStore: stalled })).rejects.toThrow(
      'another rebuild of balance has begun',
    );
    expect((await rowsOf(readStore))['balance']).toEqual(before);
  });

  test('is not undone by a follower that was about to fold, also when both stand at one position', async () => {
    const { eventStore, readStore } = await open();
    const account = await write(eventStore, 'acme', 5);
    await rebuildReadModel('balance', { eventStore, readStore, nowMs: Date.now });
    await readStore.write((tx) => tx.updateTable('balance').set({ debited: '999' }).execute());
    const [seen, last] = [await everyEvent(eventStore), await write(eventStore, 'acme', 1, account)];
    const rebuilding: ReadStore<Tables> = {
      ...readStore,
      async advance(...moved) {
        const upToThen = { ...eventStore, readAll: () => pagesOf(seen) };
        await rebuildReadModel('balance', { eventStore: upToThen, readStore, nowMs: Date.now });
        return readStore.advance(...moved);
      },
    };
    const follower = new Projector(PROJECTIONS[0] as (typeof PROJECTIONS)[number], rebuilding, () => undefined);
    const events = await everyEvent(eventStore);
    await follower.load();
    await follower.handle(events, events.at(-1)?.position ?? 0n);
    const row = { debited: '0', revision: last.revision };
    expect(await readStore.db.selectFrom('balance').select(['debited', 'revision']).execute()).toEqual([row]);
  });

  test('brings back a tenant that was set aside, also for a live follower that has passed over its events', async () => {
    const { eventStore, readStore } = await open();
    let account = await write(eventStore, 'acme', 3);
    const other = await write(eventStore, 'other', 1);
    const stop = await follow(eventStore, readStore);
    await caughtUp(readStore, 'acme', account.revision);
    // As if a former program had not understood an event: the row stands still at revision 1.
    await readStore.write((tx) => tx.updateTable('balance').set({ revision: 1 }).where('tenant', '=', 'acme').execute());
    account = await write(eventStore, 'acme', 1, account);
    await waitFor(async () => (await readStore.db.selectFrom('set_aside').selectAll().execute()).length === 1, {
      timeoutMs: 20_000,
      what: 'the tenant to be set aside',
    });
    await rebuildReadModel('balance', { eventStore, readStore, nowMs: Date.now });
    account = await write(eventStore, 'acme', 2, account);
    await write(eventStore, 'other', 1, other);
    await caughtUp(readStore, 'acme', account.revision);
    await stop();
    expect(await readStore.db.selectFrom('set_aside').selectAll().execute()).toEqual([]);
  });
});
