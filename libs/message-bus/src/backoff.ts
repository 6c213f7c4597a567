// How long to wait before the same messages are tried again: the number of failures in a row comes in, milliseconds go out.
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

/** Doubles with every failure up to 30 s; the jitter of a half keeps partitions and processes from returning in step. */
export function backoffMs(failures: number): number {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  return Math.round(pauseMs * (0.5 + Math.random() / 2));
}

/** Ends early, without an error, when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
