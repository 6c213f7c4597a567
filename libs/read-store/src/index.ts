// Read store: rows of read models and the checkpoint they were folded to, in one transaction; SQLite and PostgreSQL.
export { READ_STORE_ERROR_CODES, ReadStoreError } from './error.js';
export type { ReadStoreErrorCode } from './error.js';
export { openReadStore } from './open.js';
export type { OpenOptions } from './open.js';
export type { Migration, ReadStore, WriteRows } from './read-store.js';
