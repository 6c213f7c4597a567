// Under the KurrentDB event store: whatever its client throws comes in, what it means for a caller goes out.

import {
  AccessDeniedError,
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@kurrent/kurrentdb-client';
import { EventStoreError, NO_STREAM } from './event-store.js';
import { messageOf } from './stored-form.js';

export type AppendFailure =
  | { readonly kind: 'wrong-revision'; readonly actual: number }
  /** Certainly not written, and worth another try. */
  | { readonly kind: 'not-written' }
  /** Perhaps written, perhaps still on its way. */
  | { readonly kind: 'unclear' }
  /** Certainly not written, and another try would end the same way. */
  | { readonly kind: 'final'; readonly error: EventStoreError };

/** A server takes this long before it gives up a write (its WriteTimeoutMs, 2 s by default); an answer before is another matter. */
const SERVER_WRITE_TIMEOUT_FLOOR_MS = 500;

// These come before anything is sent: no connection, no address, no leader found.
const NEVER_SENT = /No connection established|Name resolution failed|ECONNREFUSED|Failed to discover/;

export function classifyAppendFailure(error: unknown, stream: string, elapsedMs: number): AppendFailure {
  if (error instanceof WrongExpectedVersionError) {
    const { actualState } = error;
    return { kind: 'wrong-revision', actual: typeof actualState === 'bigint' ? Number(actualState) : NO_STREAM };
  }
  if (error instanceof NotLeaderError) return { kind: 'not-written' };
  if (error instanceof DeadlineExceededError && elapsedMs < SERVER_WRITE_TIMEOUT_FLOOR_MS) {
    return { kind: 'final', error: clockSkew(stream, error) };
  }
  if (error instanceof MaxAppendSizeExceededError) {
    const message = `The server takes at most ${error.maxAppendSize} bytes in one append; the one to ${stream} is larger. Split it or raise MaxAppendSize.`;
    return { kind: 'final', error: new EventStoreError('too-large', message, { cause: error }) };
  }
  const refusal = serverRefusal(error, `Cannot append to ${stream}`);
  if (refusal !== undefined) return { kind: 'final', error: refusal };
  return { kind: NEVER_SENT.test(messageOf(error)) ? 'not-written' : 'unclear' };
}

/** Anything a read or a subscription ends with. */
export function readError(error: unknown, doing: string): EventStoreError {
  if (error instanceof EventStoreError) return error;
  return serverRefusal(error, doing) ?? new EventStoreError('unavailable', `${doing}: ${messageOf(error)}.`, { cause: error });
}

/** Whether waiting cannot help: the subscription then ends instead of connecting again. */
export function isServerRefusal(error: unknown): boolean {
  return serverRefusal(error, '') !== undefined || (error instanceof EventStoreError && !error.retryable);
}

function serverRefusal(error: unknown, doing: string): EventStoreError | undefined {
  if (error instanceof AccessDeniedError) {
    return new EventStoreError(
      'unavailable',
      `${doing}: the server refused these credentials. Put others into the connection string.`,
      { cause: error },
    );
  }
  if (error instanceof StreamDeletedError) {
    return new EventStoreError('corrupt', `${doing}: the stream was deleted for good. Restore the store from a backup.`, {
      cause: error,
    });
  }
  return undefined;
}

function clockSkew(stream: string, cause: Error): EventStoreError {
  return new EventStoreError(
    'clock-skew',
    `The server refused the append to ${stream} as overdue at once: this machine's clock (${new Date().toISOString()}) is minutes behind the server's. Set it by NTP.`,
    { cause },
  );
}
