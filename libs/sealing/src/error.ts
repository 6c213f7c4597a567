// Sealing, every operation: what cannot be sealed, opened or stored comes in; a SealingError with a code goes out.
import { types } from 'node:util';

export const SEALING_ERROR_CODES = [
  'unavailable',
  'not-prepared',
  'too-many-keys',
  'malformed',
  'tampered',
  'key-missing',
  'master-key-missing',
  'master-key-wrong',
  'master-key-malformed',
  'store-failed',
] as const;

export type SealingErrorCode = (typeof SEALING_ERROR_CODES)[number];

const RETRYABLE_CODES: ReadonlySet<SealingErrorCode> = new Set(['unavailable', 'not-prepared']);

export class SealingError extends Error {
  readonly code: SealingErrorCode;
  readonly retryable: boolean;

  constructor(code: SealingErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SealingError';
    this.code = code;
    this.retryable = RETRYABLE_CODES.has(code);
  }
}

/** SQLSTATEs that a server gives while it starts, stops, fails over or lacks room; all may pass. */
const POSTGRES_UNAVAILABLE = /^(08|53|57P|58|40)/;
const CONNECTION_LOST = /Connection terminated|not queryable|Client was closed|timeout/i;
/** SQLite: busy, locked, I/O error, full disk, cannot open: https://www.sqlite.org/rescode.html. */
const SQLITE_UNAVAILABLE: ReadonlySet<number> = new Set([5, 6, 10, 13, 14]);

export function fromStoreError(error: unknown, where: string): unknown {
  if (!types.isNativeError(error) || error instanceof SealingError) return error;
  const { code, syscall, errcode } = error as { code?: string; syscall?: string; errcode?: number };
  const passing =
    syscall !== undefined ||
    'errors' in error ||
    (errcode !== undefined && SQLITE_UNAVAILABLE.has(errcode & 0xff)) ||
    POSTGRES_UNAVAILABLE.test(code ?? '') ||
    CONNECTION_LOST.test(error.message);
  const message = `Key store ${where}: ${error.message || code || error.name}`;
  return new SealingError(passing ? 'unavailable' : 'store-failed', message, error);
}
