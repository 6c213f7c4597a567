// Mail step's addressees: what a tenant's stream holds sealed → addresses and language, or nobody.

import type { KeyRing } from '@tollkeeper/sealing';

export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

export type Recipients = { readonly addresses: readonly string[]; readonly language: Language };

/** Business key under which they are sealed, with the tenant's key of `STANDING_MONTH`. */
export const RECIPIENTS_KEY = 'recipients';
const MAX_RECIPIENTS = 50;
/** Good enough to keep a broken one from breaking a mail's header; only the server knows whether there is such a mailbox. */
const ADDRESS = /^[^\s\p{Cc}<>]{1,64}@[^\s\p{Cc}@<>]{1,255}$/u;

/** Undefined: nobody is to be told, or nobody is known any more because the tenant's key was destroyed. */
export async function recipientsOf(ring: KeyRing, tenant: string, sealed: string | null): Promise<Recipients | undefined> {
  if (sealed === null) return undefined;
  const opened = await ring.unseal(tenant, RECIPIENTS_KEY, sealed);
  return opened === 'erased' ? undefined : recipientsIn(opened);
}

function recipientsIn(unchecked: object): Recipients | undefined {
  const { addresses, language } = unchecked as { readonly addresses?: unknown; readonly language?: unknown };
  const usable = Array.isArray(addresses) ? addresses.filter((one) => typeof one === 'string' && ADDRESS.test(one)) : [];
  if (usable.length === 0) return undefined;
  return { addresses: [...new Set(usable as string[])].slice(0, MAX_RECIPIENTS), language: language === 'fr' ? 'fr' : 'en' };
}
