// Sealing, outermost step: keys per tenant and month come in; they are kept outside the event store until destroyed.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SealingError } from './error.js';
import { PLAIN, WRAPPED } from './key-table.js';
import type { Destruction, KeyId, KeyState, KeyTable } from './key-table.js';
import { openPostgresKeyTable } from './postgres-key-table.js';
import { openSqliteKeyTable } from './sqlite-key-table.js';

/** Keys as a program sees them; a master key, if there is one, is already applied. */
export type KeyStore = {
  /** Answers in the order of the ids. */
  load(ids: readonly KeyId[]): Promise<readonly KeyState[]>;
  /** Makes those keys that do not exist and were not destroyed; of two programs at once, one makes the key for both. */
  createMissing(ids: readonly KeyId[]): Promise<void>;
  /** Destroys the tenant's keys of all months before `beforeMonth`, for ever: none of those months gets a key again. How many. */
  destroy(tenant: string, beforeMonth: string, author: string): Promise<number>;
  /** Who had keys of the tenant destroyed, in order. */
  destructions(tenant: string): Promise<readonly Destruction[]>;
  close(): Promise<void>;
};

export type KeyStoreOptions = {
  /** 32 bytes in base64 (`SEALING_MASTER_KEY`): keys are stored wrapped by it, and useless to whoever copies the store. */
  readonly masterKey?: string | undefined;
  /** SQLite only: opens beside the program that owns the file; making or destroying a key is then a mistake of the caller. */
  readonly readOnly?: boolean;
};

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `sqlite:PATH` or `postgres://…`; refuses at once when the master key is not the one that the stored keys need. */
export async function openKeyStore(url: string, options: KeyStoreOptions = {}): Promise<KeyStore> {
  const masterKey = options.masterKey === undefined ? undefined : parseMasterKey(options.masterKey);
  const table = await openKeyTable(url, options.readOnly ?? false);
  try {
    const wrapped = await table.anyWrapped();
    if (wrapped) unwrap(masterKey, wrapped, wrapped.stored);
  } catch (error) {
    await table.close();
    throw error;
  }
  return {
    async load(ids) {
      const states = await table.load(ids);
      return states.map((state, n) => (state instanceof Uint8Array ? unwrap(masterKey, ids[n]!, state) : state));
    },
    createMissing: (ids) =>
      table.insertMissing(ids.map((id) => ({ ...id, stored: wrap(masterKey, id, randomBytes(KEY_BYTES)) }))),
    destroy: (tenant, beforeMonth, author) => table.destroy(tenant, beforeMonth, author),
    destructions: (tenant) => table.destructions(tenant),
    close: () => table.close(),
  };
}

async function openKeyTable(url: string, readOnly: boolean): Promise<KeyTable> {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgresKeyTable(url);
  const path = /^sqlite:(?:\/\/)?(?<path>[^:]+)$/.exec(url)?.groups?.['path'];
  if (path !== undefined) return openSqliteKeyTable(path, readOnly);
  throw new TypeError(`The key store's URL must be sqlite:PATH or postgres://…, not ${url.replace(/\/\/.*@/, '//***@')}`);
}

function parseMasterKey(base64: string): Buffer {
  const key = Buffer.from(base64, 'base64');
  if (key.length === KEY_BYTES && key.toString('base64') === base64.trim()) return key;
  throw new SealingError(
    'master-key-malformed',
    'The master key (SEALING_MASTER_KEY) must be 32 bytes in base64; `openssl rand -base64 32` makes one',
  );
}

function wrap(masterKey: Buffer | undefined, id: KeyId, key: Buffer): Buffer {
  if (!masterKey) return Buffer.concat([Buffer.of(PLAIN), key]);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(boundTo(id));
  const ciphertext = Buffer.concat([cipher.update(key), cipher.final()]);
  return Buffer.concat([Buffer.of(WRAPPED), nonce, ciphertext, cipher.getAuthTag()]);
}

function unwrap(masterKey: Buffer | undefined, id: KeyId, stored: Uint8Array): Uint8Array {
  if (stored[0] === PLAIN) return stored.subarray(1);
  if (!masterKey) {
    throw new SealingError(
      'master-key-missing',
      'The stored keys are wrapped; set SEALING_MASTER_KEY to the key that wrapped them',
    );
  }
  const nonce = stored.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', masterKey, nonce, { authTagLength: TAG_BYTES }).setAAD(boundTo(id));
  decipher.setAuthTag(stored.subarray(stored.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(stored.subarray(1 + NONCE_BYTES, stored.length - TAG_BYTES)), decipher.final()]);
  } catch (error) {
    const key = `the key of tenant ${id.tenant}, month ${id.month}`;
    throw new SealingError(
      'master-key-wrong',
      `SEALING_MASTER_KEY is not the key that wrapped ${key}, or that row was altered; set the one used before`,
      error,
    );
  }
}

/** A wrapped key copied to another tenant's row does not open. */
function boundTo({ tenant, month }: KeyId): Buffer {
  return Buffer.from(JSON.stringify(['key', tenant, month]));
}
