// The sweep's list out of the read model's rows: open, and not before the end of a back-off.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReadStore } from '@tollkeeper/read-store';
import { expect, test } from '@jest/globals';
import { NOON_MS } from './fixtures.js';
import { openRechargesIn, type RechargeTables } from './open-recharges.js';

test('open recharges whose next attempt may be due, oldest first', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'open-recharges-'));
  const store = await openReadStore<RechargeTables>(`sqlite:${join(folder, 'read.sqlite')}`);
  await store.migrate([
    {
      name: 'recharges',
      async up(db) {
        const columns = ['recharge_id', 'tenant', 'status', 'retry_at', 'requested_at'];
        let table = db.schema.createTable('auto_recharge');
        for (const column of columns) table = table.addColumn(column, 'text');
        await table.execute();
        await db.schema.createIndex('by_id').unique().on('auto_recharge').column('recharge_id').execute();
      },
    },
  ]);
  const row = (recharge_id: string, status: string, retry_at: string | null, requested_at: string) => ({
    recharge_id,
    tenant: 'acme',
    status,
    retry_at,
    requested_at,
  });
  const rows = [
    row('newer', 'open', null, '2026-03-03T11:00:00.000Z'),
    row('older', 'open', '2026-03-03T12:00:00.000Z', '2026-03-03T10:00:00.000Z'),
    row('not-due', 'open', '2026-03-03T12:00:00.001Z', '2026-03-03T09:00:00.000Z'),
    row('paid', 'succeeded', null, '2026-03-03T09:00:00.000Z'),
    row('failed', 'failed', null, '2026-03-03T09:00:00.000Z'),
  ];
  await store.advance('test', undefined, 1n, (tx) => store.upsert(tx, 'auto_recharge', ['recharge_id'], rows));
  expect(await openRechargesIn(store, () => NOON_MS)()).toEqual([
    { tenant: 'acme', rechargeId: 'older' },
    { tenant: 'acme', rechargeId: 'newer' },
  ]);
  await store.close();
  rmSync(folder, { recursive: true });
});
