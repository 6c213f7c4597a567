// Simulation, its short form: three seeds of their own and one of the clock; a failure names the seed it can be repeated with.

import { expect, test } from '@jest/globals';
import { simulate } from './simulation.js';

const STEPS = 4_000;
const ONE_MORE = Date.now() % 1_000_000;

test.each([1, 2, 3, ONE_MORE])('seed %i: nothing is lost and nothing doubled', async (seed) => {
  const { findings, setAside, crashes, faults, distinctCdrs, redeliveries } = await simulate(seed, STEPS);
  expect({ seed, findings, setAside }).toEqual({ seed, findings: [], setAside: [] });
  // A run without troubles would say nothing.
  for (const count of [crashes, faults, distinctCdrs, redeliveries]) expect(count).toBeGreaterThan(0);
});
