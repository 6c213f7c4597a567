// The read models beside a replay: rows that were changed, lost or added, models that lag, and what may be missing of a row.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { PROJECTIONS, Projector } from '@tollkeeper/read-models';
import { NOW_MS, openLedger, type Ledger } from './ledger.fixture.js';
import { verifyLedger, type LedgerVerification } from './verify-ledger.js';

let ledger: Ledger;
beforeEach(async () => {
  ledger = await openLedger();
});
afterEach(() => ledger.close());

function verified(tenant?: string): Promise<LedgerVerification> {
  const { store, decks, ring, readStore } = ledger;
  const gateway = { notChecked: 'not here' };
  return verifyLedger({ store, decks, ring, readStore, gateway }, { nowMs: NOW_MS, only: ['projections'], tenant });
}
const found = async (tenant?: string): Promise<readonly string[]> =>
  (await verified(tenant)).differences.map(({ check, tenant: of, found: what }) => `${check}, ${of}: ${what}`);
const change = (statement: string): Promise<unknown> => ledger.readStore.write((tx) => sql.raw(statement).execute(tx));

test('a row that was changed, one that was lost, and one that no event made', async () => {
  await change(`update balance set balance = '1' where tenant = 'bolt'`);
  await change(`delete from call where cdr_id = 'acme-3'`);
  await change(`insert into usage_day select 'x', 'coda', '1999-01-01', debited, calls, pool_seconds from usage_day limit 1`);
  const all = await found();
  expect(all).toEqual([
    expect.stringMatching(/^projection balance, bolt: balance bolt: balance is "1", a replay has "/),
    'projection usage-day, coda: usage_day x: a replay has no such row',
    expect.stringMatching(/^projection calls, acme: call acme .* acme-3 .*: a replay has this row, and it is not there/),
  ]);
  expect(await found('coda')).toEqual(all.slice(1, 2));
  expect((await verified()).checks.map(({ differ }) => differ).reduce((sum, differ) => sum + differ)).toBe(3);
});

test('a model that lags is compared as far as it has come, and one that moves on meanwhile to where it is then', async () => {
  const events = await ledger.events();
  await ledger.readStore.reset('calls', ['call']);
  const projection = PROJECTIONS.find(({ model }) => model.name === 'calls')!;
  const projector = new Projector(projection, ledger.readStore, () => undefined);
  await projector.load();
  expect((await verified()).checks.find(({ name }) => name === 'projection calls')).toMatchObject({
    checked: 0,
    notChecked: 'it has not begun; start the projections program',
  });
  const half = events.slice(0, events.length / 2);
  await projector.handle(half, half.at(-1)!.position);
  expect(await found()).toEqual([]);
  // Between the checkpoint that the proof began with, and its comparison.
  const { store } = ledger;
  const moving = {
    ...store,
    readAllText: undefined,
    async *readAll(options: Parameters<typeof store.readAll>[0]) {
      for await (const page of store.readAll(options)) {
        await projector.handle(events, events.at(-1)!.position);
        yield page;
      }
    },
  } as unknown as typeof store;
  const { readStore } = ledger;
  const none = { notChecked: 'not here' };
  const { differences, checks } = await verifyLedger(
    { store: moving, decks: none, ring: none, readStore, gateway: none },
    { nowMs: NOW_MS, only: ['projections'] },
  );
  expect(differences).toEqual([]);
  expect(checks.find(({ name }) => name === 'projection calls')?.checked).toBeGreaterThan(70);
});

test('a model that was swapped for a rebuild meanwhile is not compared with a replay that is further', async () => {
  const events = await ledger.events();
  const { store, readStore } = ledger;
  const swapped = {
    ...store,
    readAllText: undefined,
    async *readAll(options: Parameters<typeof store.readAll>[0]) {
      yield* store.readAll(options);
      await readStore.reset('balance', ['balance']);
      const projector = new Projector(
        PROJECTIONS.find(({ model }) => model.name === 'balance')!,
        readStore,
        () => undefined,
      );
      await projector.handle(events.slice(0, 20), events[19]!.position);
    },
  } as unknown as typeof store;
  const none = { notChecked: 'not here' };
  const parts = { store: swapped, decks: none, ring: none, readStore, gateway: none };
  const { differences, checks } = await verifyLedger(parts, { nowMs: NOW_MS, only: ['projections'] });
  expect(differences).toEqual([]);
  expect(checks[0]).toMatchObject({ name: 'projection balance', notChecked: 'the read model was rebuilt meanwhile; run again' });
});

test('a tenant that is set aside is told and not compared', async () => {
  await change(`insert into set_aside values ('balance', 'bolt', 3, 'why')`);
  await change(`update balance set balance = '1' where tenant = 'bolt'`);
  const { differences, checks } = await verified();
  expect(differences).toEqual([]);
  expect(checks[0]).toMatchObject({
    name: 'projection balance',
    checked: 2,
    remarks: ['tenant bolt is set aside since revision 3, its rows were not compared: why'],
  });
});

test('persons of a call may be missing when their key was destroyed, and only then', async () => {
  await change(`update call set parties = null where cdr_id = 'acme-3'`);
  expect(await found()).toEqual([expect.stringContaining('parties is null, a replay has "v1.2026-01.')]);
  await ledger.ring.destroy('acme', '2026-02');
  expect(await found()).toEqual([]);
  // Without the keys nobody can tell, and it is said.
  const { store, decks, readStore } = ledger;
  const none = { notChecked: 'no keys' };
  const parts = { store, decks, ring: none, readStore, gateway: none };
  const { differences, checks } = await verifyLedger(parts, { nowMs: NOW_MS, only: ['projections'] });
  expect(differences).toEqual([]);
  expect(checks.find(({ name }) => name === 'projection calls')?.remarks).toEqual([
    '1 without persons; whether those were erased is not checked: no keys',
  ]);
});
