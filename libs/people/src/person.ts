// People, second step: a tenant's user and the key ring → the pseudonym that the ledger knows them by, and the sealed name; and back.

import { STANDING_MONTH, type KeyRing } from '@tollkeeper/sealing';
import { identityOf } from './identity.js';

export type Person = {
  /** Pseudonym: the same for the same user of the same tenant. */
  readonly user: string;
  readonly sealedUser: string;
};

/** The key that the functions below need: await it before each batch. */
export function prepareNames(ring: KeyRing, tenant: string): Promise<void> {
  return ring.prepare([{ tenant, month: STANDING_MONTH }]);
}

/** Undefined when the tenant's key was destroyed: nobody is known by name any more. */
export function pseudonymOf(ring: KeyRing, tenant: string, name: string): string | undefined {
  return ring.pseudonym(tenant, identityOf(name));
}

export function personOf(ring: KeyRing, tenant: string, name: string): Person | undefined {
  const user = pseudonymOf(ring, tenant, name);
  if (user === undefined) return undefined;
  return { user, sealedUser: ring.seal(tenant, STANDING_MONTH, user, { user: identityOf(name) }) };
}

/** The user's name, or null when the key was destroyed. */
export async function nameOf(ring: KeyRing, tenant: string, { user, sealedUser }: Person): Promise<string | null> {
  const opened = await ring.unseal(tenant, user, sealedUser);
  return opened === 'erased' ? null : (opened as { readonly user: string }).user;
}
