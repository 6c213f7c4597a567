// Sealing, key store: what an engine that keeps keys takes and gives.

export type KeyId = { readonly tenant: string; readonly month: string };

/** What a store knows of a key: its 32 bytes, that it was destroyed, or nothing. */
export type KeyState = Uint8Array | 'destroyed' | undefined;

/** Keys outlive nobody's memory of who had them destroyed: it stands beside them. */
export type Destruction = { readonly beforeMonth: string; readonly author: string; readonly at: string };

/** What an engine brings: keys as they are stored, plain or wrapped. */
export type KeyTable = {
  /** Answers in the order of the ids. */
  load(ids: readonly KeyId[]): Promise<readonly KeyState[]>;
  /** Inserts those that do not exist and were not destroyed; the first of two programs wins. */
  insertMissing(rows: readonly (KeyId & { readonly stored: Uint8Array })[]): Promise<void>;
  /** Forgets the tenant's keys before the month and never takes one of those months again; answers how many there were. */
  destroy(tenant: string, beforeMonth: string, author: string): Promise<number>;
  /** Who had keys destroyed, in order. */
  destructions(tenant: string): Promise<readonly Destruction[]>;
  /** Any wrapped key, to try the master key on. */
  anyWrapped(): Promise<(KeyId & { readonly stored: Uint8Array }) | undefined>;
  close(): Promise<void>;
};

/** First byte of a stored key: the key itself follows, or nonce, ciphertext and tag under the master key. */
export const PLAIN = 0;
export const WRAPPED = 1;
