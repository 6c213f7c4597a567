// Process tests: waiting for a condition, and finding a free port.
import { createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { availablePort, waitFor } from './wait.js';

describe('waitFor', () => {
  test('returns what the condition answers once it holds', async () => {
    let asked = 0;
    await expect(waitFor(() => ++asked === 3 && 'third', { timeoutMs: 5_000, what: 'the third try' })).resolves.toBe('third');
  });

  test('says what it waited for, and keeps the last error as the cause', async () => {
    const refused = new Error('refused');
    await expect(waitFor(() => Promise.reject(refused), { timeoutMs: 1, what: 'the server' })).rejects.toMatchObject({
      message: 'Waited 1 ms for the server',
      cause: refused,
    });
  });
});

test('availablePort gives a port that can be listened on', async () => {
  const port = await availablePort();
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  await new Promise((resolve) => server.close(resolve));
  expect(port).toBeGreaterThan(1023);
});
