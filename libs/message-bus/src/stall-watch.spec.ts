// The watchdog condemns only what stands still while work waits.
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { watchForStall } from './stall-watch.js';

describe('stall watch', () => {
  afterEach(() => void jest.useRealTimers());

  async function watched(waiting: () => Promise<bigint>, moves: () => number): Promise<bigint[]> {
    jest.useFakeTimers();
    const verdicts: bigint[] = [];
    const watch = watchForStall({ afterMs: 60_000, moves, waiting, stalled: (count) => verdicts.push(count) });
    await jest.advanceTimersByTimeAsync(90_000);
    watch.stop();
    return verdicts;
  }

  test('speaks up when messages wait and nothing moved', async () => {
    expect(
      (
        await watched(
          async () => 7n,
          () => 0,
        )
      )[0],
    ).toBe(7n);
  });

  test('is silent while something moves', async () => {
    let moves = 0;
    expect(
      await watched(
        async () => 7n,
        () => (moves += 1),
      ),
    ).toEqual([]);
  });

  test('is silent when nothing waits', async () => {
    expect(
      await watched(
        async () => 0n,
        () => 0,
      ),
    ).toEqual([]);
  });

  test('is silent while the broker cannot be asked', async () => {
    expect(
      await watched(
        () => Promise.reject(new Error('away')),
        () => 0,
      ),
    ).toEqual([]);
  });
});
