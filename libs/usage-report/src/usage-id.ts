// Usage report, its first column: which call it is, by one name that no other call of the tenant has.

import { hash } from 'node:crypto';
import type { CallRow } from '@tollkeeper/projections';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A CDR id that is a UUID is the name itself: that of Graph is Microsoft's own UsageId, so both reports can be laid side by side. Any
 * other is unique within its source only, and as long as that does not begin anew; its name is a UUIDv8 of source, id and the instant that
 * the call counts at, the same in every report.
 * @param isRepeated another call of the tenant has the same id, and has the right to it.
 */
export function usageIdOf(
  { tenant, source, cdr_id, answered_at }: Pick<CallRow, 'tenant' | 'source' | 'cdr_id' | 'answered_at'>,
  isRepeated: boolean,
): string {
  return UUID.test(cdr_id) && !isRepeated ? cdr_id : uuidOf(JSON.stringify([tenant, source, cdr_id, answered_at]));
}

function uuidOf(text: string): string {
  const digest = hash('sha256', text, 'hex');
  const variant = ((parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
