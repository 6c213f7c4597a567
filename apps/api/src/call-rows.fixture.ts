// For tests of the API: changes of a call come in; rows of the read model, sealed as rating seals them, stand in the API's read store.

import { callKeyOf, type CallRow } from '@tollkeeper/projections';
import { NOBODY, type Parties } from '@tollkeeper/usage-report';
import type { TestApi } from './fixtures.js';

export type Call = Partial<Omit<CallRow, 'report' | 'parties'>> & {
  readonly report?: object;
  readonly parties?: Partial<Parties> | null;
};

/** Of `acme` in March 2026, unless they say otherwise. */
export async function writeCalls(
  { readStore, ring }: Pick<TestApi, 'readStore' | 'ring'>,
  calls: readonly Call[],
): Promise<void> {
  const tenants = new Set(calls.map(({ tenant = 'acme' }) => tenant));
  await ring.prepare([...tenants].map((tenant) => ({ tenant, month: '2026-03' })));
  const rows = calls.map((call) => rowOf(call, ring));
  await readStore.write((tx) => readStore.upsert(tx, 'call', ['call_key'], rows));
}

/** A minute and a bit from Paris to a mobile in Germany. */
function rowOf({ report = {}, parties = {}, ...change }: Call, ring: TestApi['ring']): CallRow {
  const [tenant, source, cdr_id] = [change.tenant ?? 'acme', change.source ?? 'pbx', change.cdr_id ?? 'call-1'];
  const { answered_at = '2026-03-03T11:00:00.000Z' } = change;
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
    setup_at: null,
    end_at: null,
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
    recorded_at: '2026-03-03T11:02:00.000Z',
    ...change,
    report: JSON.stringify(report),
    parties: parties === null ? null : ring.seal(tenant, '2026-03', `${source}\u0000${cdr_id}`, spoken),
  };
}
