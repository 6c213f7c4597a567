// HTTP's word for a failing world: an engine's error comes in; what a client may know and do about it goes out.

import { EventStoreError, StreamUnreadable } from '@tollkeeper/event-store';
import { BusError } from '@tollkeeper/message-bus';
import { ReadStoreError } from '@tollkeeper/read-store';
import { SealingError } from '@tollkeeper/sealing';
import { problem, type ProblemError } from './problem.js';

/** Undefined for what is no engine's trouble, and for one that will not pass by itself. */
export function engineTrouble(error: unknown): ProblemError | undefined {
  if (error instanceof StreamUnreadable) {
    const detail = `${error.stream} cannot be read at revision ${error.revision}; the account is set aside until an operator has repaired it.`;
    return problem('stream-unreadable', detail);
  }
  const engine = engineOf(error);
  if (engine === undefined) return undefined;
  const { code, retryable } = error as EventStoreError | BusError | ReadStoreError | SealingError;
  if (code === 'closed') return problem('shutting-down', 'The service is stopping; send the request again.');
  if (!retryable) return undefined;
  const detail = `The ${engine} says ${code}. Send the same request again: what is recorded already is not recorded twice.`;
  return problem('engine-unavailable', detail, { engine, reason: code });
}

function engineOf(error: unknown): 'event store' | 'message bus' | 'read store' | 'key store' | undefined {
  if (error instanceof EventStoreError) return 'event store';
  if (error instanceof BusError) return 'message bus';
  if (error instanceof SealingError) return 'key store';
  return error instanceof ReadStoreError ? 'read store' : undefined;
}
