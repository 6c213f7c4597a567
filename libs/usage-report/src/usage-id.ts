// Usage report, its first column: which call it is, by one name that no other call of the tenant has and that is the same in every report,
// since it follows from the call alone.
//
// A record of Graph is known by its own id, which is Microsoft's UsageId and unique by its promise, so that both reports can be laid side
// by side. Every other id is unique within its source only, and as long as that does not begin anew: the call's name is then a UUIDv8 of
// source, id and the instant that it counts at, also where the id is a UUID. If the same record of Graph is sent under two sources, it is
// debited twice, and one UsageId on two rows shows the mistake.

import { hash } from 'node:crypto';
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
  return format === GRAPH && UUID.test(cdr_id) ? cdr_id : uuidOf(JSON.stringify([tenant, source, cdr_id, answered_at]));
}

function uuidOf(text: string): string {
  const digest = hash('sha256', text, 'hex');
  const variant = ((parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
