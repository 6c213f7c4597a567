// Read store, every operation: what an engine threw comes in; a ReadStoreError with one code for both engines goes out.

import { types } from 'node:util';

/** What can go wrong, in the words of the port. */
export const READ_STORE_ERROR_CODES = [
  'checkpoint-moved',
  'unavailable',
  'busy',
  'disk-full',
  'not-migrated',
  'constraint',
  'invalid-data',
  'read-only',
  'access-denied',
  'corrupt',
  'closed',
  'query-failed',
] as const;

export type ReadStoreErrorCode = (typeof READ_STORE_ERROR_CODES)[number];

/** The same call can succeed later without a change of the program: the world has to change, and may. */
const RETRYABLE_CODES: ReadonlySet<ReadStoreErrorCode> = new Set(['unavailable', 'busy', 'disk-full', 'not-migrated']);

export class ReadStoreError extends Error {
  readonly code: ReadStoreErrorCode;
  readonly retryable: boolean;

  constructor(code: ReadStoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ReadStoreError';
    this.code = code;
    this.retryable = RETRYABLE_CODES.has(code);
  }
}

/** SQLite's primary result codes (the low byte of an extended one): https://www.sqlite.org/rescode.html. */
const SQLITE_CODES: ReadonlyMap<number, ReadStoreErrorCode> = new Map([
  [5, 'busy'],
  [6, 'busy'],
  [8, 'read-only'],
  [10, 'unavailable'],
  [11, 'corrupt'],
  [13, 'disk-full'],
  [14, 'unavailable'],
  [19, 'constraint'],
  [23, 'access-denied'],
  [26, 'corrupt'],
]);

export function fromSqliteError(error: unknown, where: string): unknown {
  if (!isError(error) || error instanceof ReadStoreError) return error;
  const { code, errcode } = error as { code?: string; errcode?: number };
  const message = `SQLite read store ${where}: ${error.message}`;
  if (code === 'ERR_INVALID_STATE') return new ReadStoreError('closed', message, error);
  if (code === 'ERR_OUT_OF_RANGE') return new ReadStoreError('invalid-data', message, error);
  if (errcode === undefined) return error;
  if (/no such table/.test(error.message)) return new ReadStoreError('not-migrated', message, error);
  if (/malformed JSON/.test(error.message)) return new ReadStoreError('invalid-data', message, error);
  return new ReadStoreError(SQLITE_CODES.get(errcode & 0xff) ?? 'query-failed', message, error);
}

/**
 * PostgreSQL's SQLSTATEs by their longest known prefix: https://www.postgresql.org/docs/16/errcodes-appendix.html. A
 * serialization failure or deadlock is 'busy': the transaction was rolled back whole and may be tried again.
 */
const POSTGRES_CODES: readonly (readonly [prefix: string, code: ReadStoreErrorCode])[] = [
  ['42P01', 'not-migrated'],
  ['3F000', 'not-migrated'],
  ['53100', 'disk-full'],
  ['25006', 'read-only'],
  ['42501', 'access-denied'],
  ['55P03', 'busy'],
  ['57014', 'busy'],
  ['3D', 'access-denied'],
  ['28', 'access-denied'],
  ['40', 'busy'],
  ['53', 'unavailable'],
  ['57P', 'unavailable'],
  ['58', 'unavailable'],
  ['08', 'unavailable'],
  ['25P', 'unavailable'],
  ['22', 'invalid-data'],
  ['23', 'constraint'],
  ['XX', 'corrupt'],
];

/** pg reports a lost connection by message only (pg 8.23, lib/client.js and pg-pool). */
const POSTGRES_CONNECTION_MESSAGES =
  /Connection terminated|connection error and is not queryable|Client was closed|timeout exceeded when trying to connect|Query read timeout|timeout expired/i;

export function fromPostgresError(error: unknown, where: string): unknown {
  if (!isError(error) || error instanceof ReadStoreError) return error;
  const { code, syscall } = error as { code?: string; syscall?: string };
  const message = `PostgreSQL read store ${where}: ${error.message || code || error.name}`;
  if (/Cannot use a pool after calling end/.test(error.message)) return new ReadStoreError('closed', message, error);
  if (syscall !== undefined || POSTGRES_CONNECTION_MESSAGES.test(error.message) || isRefusedOnEveryAddress(error)) {
    return new ReadStoreError('unavailable', message, error);
  }
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return error;
  const known = POSTGRES_CODES.find(([prefix]) => code.startsWith(prefix));
  return new ReadStoreError(known?.[1] ?? 'query-failed', message, error);
}

/** `localhost` has two addresses; when both refuse, Node throws an AggregateError without a syscall of its own. */
function isRefusedOnEveryAddress(error: Error): boolean {
  const { errors } = error as Partial<AggregateError>;
  return errors !== undefined && errors.every((one) => (one as { syscall?: string }).syscall !== undefined);
}

/** Errors of Node's own modules are not `instanceof Error` where the code runs in another context, as under Jest. */
function isError(error: unknown): error is Error {
  return types.isNativeError(error);
}
