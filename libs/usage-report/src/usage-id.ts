// Usage report, its first column: which call it is, by one name that no other call of the tenant has and that is the same in every report,
// since it follows from the call alone.
//
// A record of Graph is known by its own id, which is Microsoft's UsageId and unique by its promise, so that both reports can be laid side
// by side. Every other id is unique within its source only, and as long as that does not begin anew: the call's name is then a UUIDv8 of
// source, id and the instant that it counts at, also where the id is a UUID. If the same record of Graph is sent under two sources, it is
// debited twice, and one UsageId on two rows shows the mistake.

import { hash } from 'node:crypto';
import { idOfHash } from '@tollkeeper/ledger';
import type { CallRow } from '@tollkeeper/projections';

const GRAPH = 'graph-pstn';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function usageIdOf({
  tenant,
  source,
  cdr_id,
  format,
  answered_at,
}: Pick<CallRow, 'tenant' | 'source' | 'cdr_id' | 'format' | 'answered_at'>): string {
  if (format === GRAPH && UUID.test(cdr_id)) return cdr_id;
  return idOfHash(hash('sha256', JSON.stringify([tenant, source, cdr_id, answered_at]), 'hex'));
}
