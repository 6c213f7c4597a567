// Usage report, tests: changes of a call in, a row of the read model and a read store that holds such rows out.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callKeyOf } from '@tollkeeper/projections';
import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, type KeyRing } from '@tollkeeper/sealing';
import type { CallRow } from '@tollkeeper/projections';
import { NOBODY, type Parties } from './parties.js';

export type Call = Partial<Omit<CallRow, 'report' | 'parties'>> & {
  readonly report?: object;
  readonly parties?: Partial<Parties> | null;
};

const NOTHING_TOLD = { direction: null, callType: null, numberType: null, destinationName: null, capability: null };

export type Stage = {
  readonly readStore: ReadStore<Tables>;
  readonly ring: KeyRing;
  write(calls: readonly Call[]): Promise<void>;
  close(): Promise<void>;
};

/** @param url of a read store; by default a new one on SQLite. */
export async function openStage(url?: string): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-usage-report-'));
  const readStore = await openReadStore<Tables>(url ?? `sqlite:${join(folder, 'read.db')}`);
  const keys = await openKeyStore(`sqlite:${join(folder, 'keys.db')}`, {});
  const ring = openKeyRing(keys);
  await readStore.migrate(MIGRATIONS);
  return {
    readStore,
    ring,
    async write(calls) {
      await ring.prepare([{ tenant: 'acme', month: '2026-03' }]);
      const rows = calls.map((call) => rowOf(call, ring));
      await readStore.write((tx) => readStore.upsert(tx, 'call', ['call_key'], rows));
    },
    async close() {
      await Promise.all([readStore.close(), keys.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** 61.2 s from Paris to a mobile in Germany, as a switch reports it that knows little. */
function rowOf({ report = {}, parties = {}, ...change }: Call, ring: KeyRing): CallRow {
  const [tenant, source, cdr_id] = [change.tenant ?? 'acme', change.source ?? 'pbx', change.cdr_id ?? 'call-1'];
  const { answered_at = '2026-03-03T12:00:00.000Z' } = change;
  const spoken = { ...NOBODY, called: '+4915112345678', calling: '+33140000001', ...parties };
  return {
    call_key: callKeyOf(tenant, { source, id: cdr_id }, answered_at),
    tenant,
    source,
    cdr_id,
    format: 'canonical-json',
    call_id: null,
    conference_id: null,
    answered_at,
    setup_at: '2026-03-03T11:59:57.000Z',
    end_at: '2026-03-03T12:01:01.200Z',
    usage_ms: 61_200,
    billable: 1,
    category: 'outbound',
    prefix: '4915',
    destination: 'Germany - Mobile',
    currency: 'EUR',
    amount: '0.0427',
    connect_charge: '0',
    coverage: 'credit',
    pool_ms: 0,
    unauthorised: null,
    generation: 0,
    revision: 7,
    recorded_at: '2026-03-03T12:01:09.000Z',
    ...change,
    report: JSON.stringify({ ...NOTHING_TOLD, ...report }),
    parties: parties === null ? null : ring.seal(tenant, '2026-03', `${source}\u0000${cdr_id}`, spoken),
  };
}
