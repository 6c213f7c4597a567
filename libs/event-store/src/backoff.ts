// Between two tries of anything that may fail for a while: the number of the try comes in, a pause goes out.

import { setTimeout as pause } from 'node:timers/promises';

/** Doubles from `firstMs` up to `mostMs`, with jitter so that many clients do not come back at the same moment. */
export async function backOff(attempt: number, firstMs: number, mostMs: number, signal?: AbortSignal): Promise<void> {
  const limitMs = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 20));
  const delayMs = limitMs / 2 + (Math.random() * limitMs) / 2;
  await pause(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

export class TimedOut extends Error {}

/** The work goes on after the timeout, because nobody can take back what was sent; its late end is ignored. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut(`${what} took longer than ${limitMs} ms`)), limitMs);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
