// An older database, brought up to date: which rows and checkpoints are kept, and which model is folded anew.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openReadStore } from '@tollkeeper/read-store';
import { createSchema, findPostgres } from '@tollkeeper/testing';
import { MIGRATIONS } from './migrations.js';
import type { Tables } from './tables.js';

const folder = mkdtempSync(join(tmpdir(), 'tables-'));
afterAll(() => rmSync(folder, { recursive: true }));

const postgres = await findPostgres();
const dropping: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const drop of dropping) await drop();
});
afterAll(() => ('stop' in postgres ? postgres.stop() : undefined));

const onSqlite = async (): Promise<string> => `sqlite:${join(folder, 'read-models.sqlite')}`;
const onPostgres = async (): Promise<string> => {
  const schema = await createSchema(postgres.url ?? '');
  dropping.push(schema.drop);
  return schema.url;
};
const engines: [string, () => Promise<string>][] = [['SQLite', onSqlite]];
if (postgres.url === undefined) test.skip(`PostgreSQL (skipped: ${postgres.reason})`, () => undefined);
else engines.push(['PostgreSQL', onPostgres]);

test.each(engines)('balances get their lots from the first event on, other models stay: %s', async (_engine, place) => {
  const store = await openReadStore<Tables>(await place());
  await store.migrate(MIGRATIONS.slice(0, 1));
  const old = {
    tenant: 'acme',
    currency: 'EUR',
    plan: 'default',
    balance: '5',
    available: '5',
    calls_debited: 0,
    calls_not_billable: 0,
    debited: '0',
    purchased: '5',
    recharged: '0',
    expired: '0',
    alert_threshold: null,
    recharge_trigger: null,
    recharge_amount: null,
    recharge_suspended: 0,
    revision: 1,
    recorded_at: '2026-03-03T12:00:00.000Z',
  };
  await store.advance('balance', undefined, 7n, (tx) => store.upsert(tx, 'balance', ['tenant'], [old as never]));
  await store.advance('auto-recharge', undefined, 7n, async () => undefined);
  await store.migrate(MIGRATIONS);
  await store.migrate(MIGRATIONS);
  expect(await store.db.selectFrom('balance').selectAll().execute()).toEqual([]);
  expect([await store.checkpoint('balance'), await store.checkpoint('auto-recharge')]).toEqual([undefined, 7n]);
  const lots = '[{"lotId":"p-1","remaining":"5","expiresAt":"2027-03-03T12:00:00.000Z"}]';
  const sums = { reserved: '0', lots, next_expiry: null, adjusted: '0', refunded: '0', lot_warning_days: 30, next_due: null };
  const row = { ...old, ...sums };
  await store.advance('balance', undefined, 9n, (tx) => store.upsert(tx, 'balance', ['tenant'], [row]));
  expect(await store.db.selectFrom('balance').selectAll().execute()).toEqual([row]);
  await store.close();
});
