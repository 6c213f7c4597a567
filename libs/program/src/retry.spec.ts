// Around every engine: how long to wait, what to try again, and when to give up.
import { describe, expect, test } from '@jest/globals';
import { backoff, retry } from './retry.js';

const quick = { minMs: 1, maxMs: 2, jitter: 0 };
const passing = Object.assign(new Error('passing'), { retryable: true });

describe('backoff', () => {
  test('doubles up to its limit', () => {
    const delays = backoff({ minMs: 100, maxMs: 500, jitter: 0 });
    expect([1, 2, 3, 4, 5].map(() => delays.next().value)).toEqual([100, 200, 400, 500, 500]);
  });

  test('leaves its part to chance', () => {
    const delays = backoff({ minMs: 100, maxMs: 100, jitter: 0.5 }, () => 0.5);
    expect(delays.next().value).toBe(75);
  });
});

describe('retry', () => {
  test('tries again what may pass, and says so', async () => {
    const retries: unknown[] = [];
    const operation = async (attempt: number) => (attempt < 3 ? Promise.reject(passing) : attempt);
    const onRetry = (...told: unknown[]) => void retries.push(told);
    await expect(retry(operation, { ...quick, onRetry })).resolves.toBe(3);
    expect(retries).toEqual([
      [passing, 1, 1],
      [passing, 2, 2],
    ]);
  });

  test('gives up with the last error after so many attempts', async () => {
    let attempts = 0;
    const operation = () => Promise.reject(Object.assign(new Error(`${(attempts += 1)}`), { retryable: true }));
    await expect(retry(operation, { ...quick, attempts: 3 })).rejects.toThrow('3');
  });

  test('does not repeat what will not pass, unless told to', async () => {
    let attempts = 0;
    const operation = async () => {
      attempts += 1;
      throw new Error('wrong');
    };
    await expect(retry(operation, quick)).rejects.toThrow('wrong');
    expect(attempts).toBe(1);
    await expect(retry(operation, { ...quick, attempts: 2, shouldRetry: () => true })).rejects.toThrow('wrong');
    expect(attempts).toBe(3);
  });

  test('ends at the signal while it waits, and does not begin after it', async () => {
    const stopping = new AbortController();
    const reason = new Error('stopping');
    let attempts = 0;
    const operation = () => Promise.reject(((attempts += 1), passing));
    const options = { minMs: 60_000, maxMs: 60_000, jitter: 0, signal: stopping.signal, onRetry: () => stopping.abort(reason) };
    await expect(retry(operation, options)).rejects.toBe(reason);
    await expect(retry(operation, options)).rejects.toBe(reason);
    expect(attempts).toBe(1);
  });
});
