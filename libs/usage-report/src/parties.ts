// Usage report, persons: the sealed part of a call in, who spoke out; nobody once the key is gone.

import type { KeyRing } from '@tollkeeper/sealing';
import type { CallRow } from '@tollkeeper/projections';

/** Numbers are E.164 where they could be brought to it, else as the switch wrote them. Of a conference leg, the user is the organiser. */
export type Parties = {
  readonly called: string | null;
  readonly calling: string | null;
  readonly userDisplayName: string | null;
  readonly userId: string | null;
  readonly userPrincipalName: string | null;
};

export const NOBODY: Parties = { called: null, calling: null, userDisplayName: null, userId: null, userPrincipalName: null };

/** Opening asks for each month's key once and makes none. */
export async function openParties(
  { tenant, source, cdr_id, parties }: Pick<CallRow, 'tenant' | 'source' | 'cdr_id' | 'parties'>,
  ring: Pick<KeyRing, 'unseal'>,
): Promise<Parties> {
  if (parties === null) return NOBODY;
  const opened = await ring.unseal(tenant, `${source}\u0000${cdr_id}`, parties);
  return opened === 'erased' ? NOBODY : { ...NOBODY, ...opened };
}
