// People, who is written to: a tenant's addresses and language → the sealed text that the ledger keeps, and back.

import { STANDING_MONTH, type KeyRing } from '@tollkeeper/sealing';

export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

export type Recipients = { readonly addresses: readonly string[]; readonly language: Language };

export const MAX_RECIPIENTS = 50;

/** What the text is bound to beside the tenant. */
const RECIPIENTS_KEY = 'recipients';

/**
 * The same recipients give the same text. After `prepareNames`; undefined when the tenant's key was destroyed, with which nothing can be
 * sealed any more.
 */
export function sealRecipients(ring: KeyRing, tenant: string, { addresses, language }: Recipients): string | undefined {
  if (ring.pseudonym(tenant, RECIPIENTS_KEY) === undefined) return undefined;
  return ring.seal(tenant, STANDING_MONTH, RECIPIENTS_KEY, { addresses, language });
}

/** Undefined when the tenant's key was destroyed. */
export async function openRecipients(ring: KeyRing, tenant: string, sealed: string): Promise<Recipients | undefined> {
  const opened = await ring.unseal(tenant, RECIPIENTS_KEY, sealed);
  return opened === 'erased' ? undefined : (opened as Recipients);
}
