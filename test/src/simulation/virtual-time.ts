// Simulation's time: pauses that the workers make come in; they last until the dice say so, and no real time passes.

import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

/**
 * From here on every pause of `node:timers/promises` waits for `turn`, so that a seed decides its end as it does all else.
 * Where a test runner hands out copies of Node's modules the pauses stay real, and two runs of a seed may differ.
 * @returns what puts the timers back.
 */
export function withoutRealPauses(turn: () => Promise<unknown>): () => void {
  const real = timers.setTimeout;
  const pause = async (_ms?: number, value?: unknown): Promise<unknown> => {
    // What is left when the simulation ends is not paused any more.
    await turn().catch(() => undefined);
    return value;
  };
  timers.setTimeout = pause as typeof real;
  syncBuiltinESMExports();
  return () => {
    timers.setTimeout = real;
    syncBuiltinESMExports();
  };
}
