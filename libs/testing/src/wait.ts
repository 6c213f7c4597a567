// Process tests: a condition comes in; the wait ends when it holds, or fails saying what was waited for.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 20;

export type WaitOptions = {
  readonly timeoutMs: number;
  /** Completes the sentence "Waited … ms for". */
  readonly what: string;
};

/**
 * Polls until the condition answers something truthy, and returns that. A condition that throws does not hold yet (a server
 * that is not up refuses); its last error is the cause of the failure.
 */
export async function waitFor<T>(condition: () => T | Promise<T>, { timeoutMs, what }: WaitOptions): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let lastError: unknown;
    try {
      const answer = await condition();
      if (answer) return answer;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(`Waited ${timeoutMs} ms for ${what}`, lastError === undefined ? undefined : { cause: lastError });
    }
    await delay(POLL_INTERVAL_MS);
  }
}

/** A port of 127.0.0.1 that was free a moment ago; a program that can listen on port 0 should rather do that. */
export async function availablePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
