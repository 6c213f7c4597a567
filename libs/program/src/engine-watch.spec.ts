// Readiness follows what the engines answer, without any work being done.
import { expect, test } from '@jest/globals';
import { waitFor } from '@tollkeeper/testing';
import { watchEngines } from './engine-watch.js';
import { Readiness } from './readiness.js';

test('an engine that goes away and comes back turns readiness off and on; the other one is not blamed', async () => {
  let isAway = false;
  const store = { ping: () => (isAway ? Promise.reject(new Error('refused')) : Promise.resolve()) };
  const readiness = new Readiness([]);
  const watch = watchEngines({ store, bus: { ping: () => Promise.resolve() } }, readiness);
  expect(readiness.snapshot().checks).toMatchObject({ store: { ok: false, reason: 'not asked yet' } });
  await waitFor(() => readiness.snapshot().ok, { timeoutMs: 5_000, what: 'both engines to have answered' });
  isAway = true;
  await waitFor(() => !readiness.snapshot().ok, { timeoutMs: 5_000, what: 'readiness to be off' });
  expect(readiness.snapshot().checks).toEqual({ store: { ok: false, reason: 'refused' }, bus: { ok: true, reason: '' } });
  isAway = false;
  await waitFor(() => readiness.snapshot().ok, { timeoutMs: 5_000, what: 'readiness to be on again' });
  await watch.stop();
});
