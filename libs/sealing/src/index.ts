// Sealing: personal data sealed with a key per tenant and month, kept outside the event store; destroying a key erases.
export { SEALING_ERROR_CODES, SealingError } from './error.js';
export type { SealingErrorCode } from './error.js';
export { KEY_LIFETIME_MS, MAX_CACHED_KEYS, openKeyRing, STANDING_MONTH } from './key-ring.js';
export type { KeyRing, KeyRingOptions } from './key-ring.js';
export { openKeyStore } from './key-store.js';
export type { KeyStore, KeyStoreOptions } from './key-store.js';
export type { Destruction, KeyId, KeyState } from './key-table.js';
