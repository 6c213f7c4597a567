// Around every engine: an operation that may fail for a while comes in; its result goes out, or the error that ends it.
import { setTimeout as delay } from 'node:timers/promises';

export type BackoffOptions = {
  readonly minMs: number;
  readonly maxMs: number;
  /** Part of each delay that is left to chance, 0 to 1, so that instances which failed together do not return together. */
  readonly jitter: number;
};

export type RetryOptions = BackoffOptions & {
  /** In all, the first included; endless when undefined, until `signal` ends it. */
  readonly attempts?: number;
  readonly signal?: AbortSignal;
  /** By default what the adapters' errors say: `retryable`. */
  readonly shouldRetry?: (error: unknown) => boolean;
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
};

/** Endless delays that double from `minMs` to `maxMs`: 100, 200, 400 … less up to `jitter` of each. */
export function* backoff({ minMs, maxMs, jitter }: BackoffOptions, random = Math.random): Generator<number, never> {
  for (let delayMs = minMs; ; delayMs = Math.min(delayMs * 2, maxMs)) {
    yield Math.round(delayMs * (1 - jitter * random()));
  }
}

/** Rejects with the operation's last error, or with the signal's reason when that ends the waiting. */
export async function retry<T>(operation: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts = Infinity, signal, shouldRetry = isRetryable, onRetry } = options;
  const delays = backoff(options);
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await operation(attempt);
    } catch (error) {
      if (attempt >= attempts || !shouldRetry(error)) throw error;
      const delayMs = delays.next().value;
      onRetry?.(error, attempt, delayMs);
      await pause(delayMs, signal);
    }
  }
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(delayMs, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function isRetryable(error: unknown): boolean {
  return (error as { retryable?: unknown } | undefined)?.retryable === true;
}
