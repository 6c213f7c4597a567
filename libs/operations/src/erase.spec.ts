// Erasing: keys and rows of one tenant before a month, nothing else, and what is told to remain.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inMemoryEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf } from '@tollkeeper/ledger';
import { inMemoryMessageBus, type MessageBus } from '@tollkeeper/message-bus';
import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, STANDING_MONTH, type KeyRing, type KeyStore } from '@tollkeeper/sealing';
import { erase, type EraseParts } from './erase.js';

const NOW_MS = Date.parse('2026-05-10T12:00:00Z');
const TOPICS = { cdr: 'cdr', deadLetters: 'cdr.dlt', parked: 'cdr.parked' };

let folder: string;
let eventStore: EventStore;
let bus: MessageBus;
let readStore: ReadStore<Tables>;
let keyStore: KeyStore;
let ring: KeyRing;
let parts: EraseParts;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'erase-'));
  bus = inMemoryMessageBus();
  readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'read-models.sqlite')}`);
  await readStore.migrate(MIGRATIONS);
  keyStore = await openKeyStore(`sqlite:${join(folder, 'keys.sqlite')}`);
  ring = openKeyRing(keyStore);
  eventStore = inMemoryEventStore();
  const writer = new StreamWriter({ store: eventStore, decider: ledgerDecider, maxCachedStreams: 1 });
  const open = { kind: 'open-account', nowMs: NOW_MS, currency: 'EUR', plan: 'default', intakeWindowDays: 35 } as const;
  await writer.execute(streamOf('acme'), [open]);
  parts = { eventStore, engines: async () => ({ ring, readStore, bus }), topics: TOPICS };
});
afterEach(async () => {
  await Promise.all([bus.close(), readStore.close(), keyStore.close()]);
  rmSync(folder, { recursive: true });
});

async function addCall(tenant: string, id: string, answeredAt: string): Promise<string> {
  const month = answeredAt.slice(0, 7);
  await ring.prepare([{ tenant, month }]);
  const parties = ring.seal(tenant, month, id, { called: '+4930123456' });
  await addRows([rowOf(tenant, id, answeredAt, parties)]);
  return parties;
}

async function addRows(rows: readonly ReturnType<typeof rowOf>[]): Promise<void> {
  await readStore.write((tx) => readStore.upsert(tx, 'call', ['call_key'], rows));
}

function rowOf(tenant: string, id: string, answeredAt: string, parties: string) {
  const cdr = { source: 'pbx', cdr_id: id, format: 'canonical-json', call_id: null, conference_id: null };
  const times = { setup_at: null, end_at: null, usage_ms: 1_000 };
  const price = { billable: 1, category: 'outbound', prefix: '49', destination: 'Germany', currency: 'EUR', amount: '1' };
  const paid = { connect_charge: '0', coverage: 'credit', pool_ms: 0, unauthorised: null, report: '{}', parties };
  const place = {
    call_key: `${tenant} pbx ${id}`,
    tenant,
    answered_at: answeredAt,
    recorded_at: answeredAt,
    generation: 0,
    revision: 1,
  };
  return { ...place, ...cdr, ...times, ...price, ...paid };
}

async function personsIn(tenant: string): Promise<Record<string, boolean>> {
  const rows = await readStore.db.selectFrom('call').select(['cdr_id', 'parties']).where('tenant', '=', tenant).execute();
  return Object.fromEntries(rows.map(({ cdr_id: id, parties }) => [id, parties !== null]));
}

test('destroys the keys of the months before, and clears the rows of those months, of that tenant only', async () => {
  const sealed = await addCall('acme', 'old', '2026-03-31T23:59:59.999Z');
  const kept = await addCall('acme', 'new', '2026-04-01T00:00:00.000Z');
  await addCall('globex', 'old', '2026-03-01T00:00:00.000Z');
  await ring.prepare([{ tenant: 'acme', month: STANDING_MONTH }]);
  const pseudonym = ring.pseudonym('acme', 'anna');
  const erasure = { tenant: 'acme', before: '2026-04', author: 'zoe' };
  expect(await erase(parts, erasure, NOW_MS)).toMatchObject({ keysDestroyed: 1, rowsCleared: 1 });
  expect(await personsIn('acme')).toEqual({ old: false, new: true });
  expect(await personsIn('globex')).toEqual({ old: true });
  expect(await ring.unseal('acme', 'old', sealed)).toBe('erased');
  expect(await ring.unseal('acme', 'new', kept)).toEqual({ called: '+4930123456' });
  await ring.prepare([{ tenant: 'acme', month: STANDING_MONTH }]);
  expect(ring.pseudonym('acme', 'anna')).toBe(pseudonym);
  expect(await keyStore.destructions('acme')).toEqual([{ beforeMonth: '2026-04', author: 'zoe', at: expect.any(String) }]);
  expect(await erase(parts, erasure, NOW_MS)).toMatchObject({ keysDestroyed: 0, rowsCleared: 0 });
});

test('clears thousands of rows, calls of one instant among them', async () => {
  await addRows(Array.from({ length: 2_345 }, (_, n) => rowOf('acme', `call-${n}`, '2026-01-05T00:00:00.000Z', 'sealed')));
  expect(await erase(parts, { tenant: 'acme', before: '2026-02', author: 'zoe' }, NOW_MS)).toMatchObject({ rowsCleared: 2_345 });
  expect(Object.values(await personsIn('acme'))).not.toContain(true);
});

test('tells what remains on the bus', async () => {
  await bus.ensureTopics([
    { name: 'cdr', partitions: 2, retentionMs: 7 * 86_400_000 },
    { name: 'cdr.dlt', partitions: 2 },
  ]);
  await bus.publish('cdr', [{ key: 'acme', value: 'raw' }]);
  await bus.publish('cdr.dlt', [
    { key: 'acme', value: 'letter' },
    { key: 'acme', value: null, headers: { 'cdr-retry-settled': 'recorded' } },
    { key: 'globex', value: 'letter' },
  ]);
  // The bus stamps by the machine's clock.
  const next = new Date(Date.now() + 40 * 86_400_000);
  const before = next.toISOString().slice(0, 7);
  const erased = await erase(parts, { tenant: 'acme', before, author: 'zoe' }, next.getTime());
  const remains = { rawCdrs: [{ topic: 'cdr', oldestAt: expect.any(String), retentionDays: 7 }], deadLetters: 1 };
  expect(erased).toMatchObject({ remains });
});

test('refuses months that are not over', async () => {
  const parties = await addCall('acme', 'today', '2026-05-10T00:00:00.000Z');
  const refused = await erase(parts, { tenant: 'acme', before: '2026-06', author: 'zoe' }, NOW_MS);
  expect(refused).toMatchObject({ code: 'month-not-over', reason: expect.stringContaining('at most 2026-05') });
  expect(await ring.unseal('acme', 'today', parties)).toEqual({ called: '+4930123456' });
});

test('refuses a tenant without an account, and opens nothing for it', async () => {
  const unopened: EraseParts = { ...parts, engines: () => Promise.reject(new Error('opened')) };
  const refused = await erase(unopened, { tenant: 'acmee', before: '2026-04', author: 'zoe' }, NOW_MS);
  expect(refused).toMatchObject({ code: 'account-not-open', reason: expect.stringContaining('tenant acmee has no account') });
});
