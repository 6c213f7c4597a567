// Sealing, main step: personal data and a business key come in; an opaque string that only a key store can open goes out.
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { SealingError } from './error.js';
import { KEY_BYTES } from './key-store.js';
import type { KeyStore } from './key-store.js';
import type { KeyId, KeyState } from './key-table.js';

export type KeyRing = {
  /** Loads or makes the keys that `seal` needs; call it before each batch. Fresh keys cost nothing. */
  prepare(ids: Iterable<KeyId>): Promise<void>;
  /**
   * The same tenant, month, business key and content give the same string. When the month's key was destroyed the persons
   * are erased already: the string says so, and the call is still debited.
   */
  seal(tenant: string, month: string, businessKey: string, parties: object): string;
  /**
   * A name for an identity that tells nothing of it: the same for the same tenant and identity, unlike for another tenant. Needs the
   * tenant's key of `STANDING_MONTH`. Undefined when that key was destroyed: nobody is known by name any more.
   */
  pseudonym(tenant: string, identity: string): string | undefined;
  /** What was sealed, or 'erased' when its key was destroyed. */
  unseal(tenant: string, businessKey: string, sealed: string): Promise<object | 'erased'>;
  /**
   * Destroys the tenant's keys of all months before `beforeMonth` for ever, and answers how many; other processes follow within
   * `KEY_LIFETIME_MS`.
   */
  destroy(tenant: string, beforeMonth: string, author?: string): Promise<number>;
};

/** Of the key for what outlives a month, such as who holds a licence: erasing the months before some month never reaches it. */
export const STANDING_MONTH = '9999-12';

export type KeyRingOptions = {
  /** Milliseconds of a clock that never goes back; for tests. */
  readonly nowMs?: () => number;
};

/** A key is asked for anew when it is older than this, and no longer used by `seal` and `unseal` when older than that. */
export const KEY_REFRESH_MS = 30_000;
export const KEY_LIFETIME_MS = 120_000;
/** About 600 bytes each. One `prepare` may ask for half, so that two at once do not evict each other's. */
export const MAX_CACHED_KEYS = 20_000;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PSEUDONYM_BYTES = 16;
const ERASED = 'erased';
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const SEALED = /^v1\.(?<month>\d{4}-(?:0[1-9]|1[0-2]))\.(?<payload>[A-Za-z0-9_-]+)$/;

type SubKeys = {
  readonly encrypt: KeyObject;
  readonly nonce: KeyObject;
  /** Only of the standing key: there is one of it for every tenant, beside those of its months. */
  readonly pseudonym: KeyObject | undefined;
};
type Cached = { readonly keys: SubKeys | 'destroyed'; readonly loadedAtMs: number };

export function openKeyRing(keyStore: KeyStore, options: KeyRingOptions = {}): KeyRing {
  const nowMs = options.nowMs ?? (() => performance.now());
  const cache = new Map<string, Cached>();
  const loading = new Map<string, Promise<Cached | undefined>>();

  function cached(cacheKey: string, maxAgeMs: number): Cached | undefined {
    const entry = cache.get(cacheKey);
    return entry && nowMs() - entry.loadedAtMs <= maxAgeMs ? entry : undefined;
  }

  /** The map's order is the order of loading, so the oldest entries are at its front. */
  function keep(cacheKey: string, state: Exclude<KeyState, undefined>): Cached {
    const entry: Cached = {
      keys: state === 'destroyed' ? state : subKeysOf(state, cacheKey.startsWith(STANDING_MONTH)),
      loadedAtMs: nowMs(),
    };
    cache.delete(cacheKey);
    cache.set(cacheKey, entry);
    for (const [oldest, { loadedAtMs }] of cache) {
      if (cache.size <= MAX_CACHED_KEYS && nowMs() - loadedAtMs <= KEY_LIFETIME_MS) break;
      cache.delete(oldest);
    }
    return entry;
  }

  async function prepare(ids: Iterable<KeyId>): Promise<void> {
    const wanted = new Map<string, KeyId>();
    for (const { tenant, month } of ids) {
      const cacheKey = cacheKeyOf(tenant, month);
      if (wanted.has(cacheKey) || cached(cacheKey, KEY_REFRESH_MS)) continue;
      if (!MONTH.test(month)) throw new TypeError(`A key's month is YYYY-MM, not ${month}`);
      wanted.set(cacheKey, { tenant, month });
    }
    if (wanted.size > MAX_CACHED_KEYS / 2) {
      throw new SealingError('too-many-keys', `${wanted.size} keys in one batch; at most ${MAX_CACHED_KEYS / 2}, so split it`);
    }
    if (wanted.size === 0) return;
    const missing = keepAll([...wanted.values()], await keyStore.load([...wanted.values()]));
    if (missing.length === 0) return;
    await keyStore.createMissing(missing);
    const [lost] = keepAll(missing, await keyStore.load(missing));
    if (lost) throw new SealingError('store-failed', `The key store did not keep the key of ${lost.tenant}, ${lost.month}`);
  }

  function keepAll(ids: readonly KeyId[], states: readonly KeyState[]): readonly KeyId[] {
    return ids.filter(({ tenant, month }, n) => {
      const state = states[n];
      if (state !== undefined) keep(cacheKeyOf(tenant, month), state);
      return state === undefined;
    });
  }

  /** A report opens many rows of one month at once: they share one load. */
  function loadOnce(cacheKey: string, id: KeyId): Promise<Cached | undefined> {
    let load = loading.get(cacheKey);
    if (!load) {
      load = keyStore
        .load([id])
        .then(([state]) => (state === undefined ? undefined : keep(cacheKey, state)))
        .finally(() => loading.delete(cacheKey));
      loading.set(cacheKey, load);
    }
    return load;
  }

  function prepared(tenant: string, month: string): Cached {
    const entry = cached(cacheKeyOf(tenant, month), KEY_LIFETIME_MS);
    if (entry) return entry;
    const message = `No fresh key for tenant ${tenant}, month ${month}: call prepare before the batch`;
    throw new SealingError('not-prepared', message);
  }

  return {
    prepare,
    pseudonym(tenant, identity) {
      const { keys } = prepared(tenant, STANDING_MONTH);
      const key = keys === 'destroyed' ? undefined : keys.pseudonym;
      if (key === undefined) return undefined;
      const digest = createHmac('sha256', key).update(`${tenant}\0${identity}`).digest();
      return `u-${digest.subarray(0, PSEUDONYM_BYTES).toString('base64url')}`;
    },
    seal(tenant, month, businessKey, parties) {
      const entry = prepared(tenant, month);
      const payload = entry.keys === 'destroyed' ? ERASED : encrypt(entry.keys, tenant, month, businessKey, parties);
      return `v1.${month}.${payload}`;
    },
    async unseal(tenant, businessKey, sealed) {
      const { month, payload } = parseSealed(sealed);
      if (payload === ERASED) return 'erased';
      const cacheKey = cacheKeyOf(tenant, month);
      const entry = cached(cacheKey, KEY_REFRESH_MS) ?? (await loadOnce(cacheKey, { tenant, month }));
      if (!entry) {
        throw new SealingError(
          'key-missing',
          `No key was ever stored for tenant ${tenant}, month ${month}: is this the right key store?`,
        );
      }
      return entry.keys === 'destroyed' ? 'erased' : decrypt(entry.keys, tenant, month, businessKey, payload);
    },
    async destroy(tenant, beforeMonth, author = 'unknown') {
      if (!MONTH.test(beforeMonth)) throw new TypeError(`A key's month is YYYY-MM, not ${beforeMonth}`);
      const destroyed = await keyStore.destroy(tenant, beforeMonth, author);
      for (const cacheKey of cache.keys()) {
        const [cachedTenant, month] = parseCacheKey(cacheKey);
        if (cachedTenant === tenant && month < beforeMonth) cache.delete(cacheKey);
      }
      return destroyed;
    },
  };
}

/** The month stands first because it has a fixed length, so no tenant's name can imitate another's key. */
function cacheKeyOf(tenant: string, month: string): string {
  return month + tenant;
}

function parseCacheKey(cacheKey: string): readonly [tenant: string, month: string] {
  return [cacheKey.slice('YYYY-MM'.length), cacheKey.slice(0, 'YYYY-MM'.length)];
}

/** Two uses, two keys: the nonce is public and must tell nothing of the key that encrypts. */
function subKeysOf(key: Uint8Array, isStanding: boolean): SubKeys {
  const derive = (use: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', key, '', `tollkeeper sealing v1 ${use}`, KEY_BYTES)));
  return { encrypt: derive('encrypt'), nonce: derive('nonce'), pseudonym: isStanding ? derive('pseudonym') : undefined };
}

/**
 * The nonce is a keyed hash of what is sealed, so the same nonce means the same content: repeating it tells nothing new. JSON
 * has no 0x00 in it, so the separator is unambiguous.
 */
function encrypt(keys: SubKeys, tenant: string, month: string, businessKey: string, parties: object): string {
  const plaintext = canonicalJson(parties);
  const nonce = createHmac('sha256', keys.nonce).update(`${businessKey}\0${plaintext}`).digest().subarray(0, NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keys.encrypt, nonce).setAAD(boundTo(tenant, month, businessKey));
  const ciphertext = cipher.update(plaintext, 'utf8');
  cipher.final();
  return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url');
}

function decrypt(keys: SubKeys, tenant: string, month: string, businessKey: string, payload: string): object {
  const bytes = Buffer.from(payload, 'base64url');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', keys.encrypt, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(tenant, month, businessKey)).setAuthTag(bytes.subarray(-TAG_BYTES));
  const plaintext = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch (error) {
    throw new SealingError(
      'tampered',
      `The sealed parties of ${businessKey} were altered, or belong to another tenant, month or business key`,
      error,
    );
  }
  return JSON.parse(plaintext.toString('utf8')) as object;
}

function boundTo(tenant: string, month: string, businessKey: string): Buffer {
  return Buffer.from(JSON.stringify(['v1', tenant, month, businessKey]));
}

function parseSealed(sealed: string): { readonly month: string; readonly payload: string } {
  const { month, payload } = SEALED.exec(sealed)?.groups ?? {};
  const minLength = Math.ceil(((NONCE_BYTES + TAG_BYTES) * 4) / 3);
  if (month !== undefined && payload !== undefined && (payload === ERASED || payload.length > minLength)) {
    return { month, payload };
  }
  throw new SealingError(
    'malformed',
    'A sealed string is v1.YYYY-MM.<base64url>; this one is not, so it was cut or never sealed',
  );
}
