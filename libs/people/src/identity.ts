// People, first step: a user as a CDR, a file or a request names them → the one spelling that a pseudonym is made of.

/** Longer than any principal name of a directory. */
export const MAX_IDENTITY_CHARS = 256;

const CONTROL = /\p{Cc}/u;

/** ` Anna@Contoso.com ` → `anna@contoso.com`: whoever writes it in whatever way, it is one user. */
export function identityOf(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}

/** What is wrong with it, for a person; undefined when nothing is. */
export function faultOfIdentity(text: string): string | undefined {
  const identity = identityOf(text);
  if (identity === '') return 'is blank; it is the user id or principal name that CDRs carry';
  if (identity.length > MAX_IDENTITY_CHARS) return `has more than ${MAX_IDENTITY_CHARS} characters`;
  return CONTROL.test(identity) ? 'holds a control character' : undefined;
}
