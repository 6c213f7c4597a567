// Exports in constant memory: eighty thousand postings in a process whose heap would not hold them.

import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

const PROGRAM = new URL('memory.fixture.js', import.meta.url).pathname;
const HEAP_MIB = 64;
/** The program itself takes 110 MiB, the heap's bound beside it. */
const MOST_MIB = 300;
const EVENTS = 80_000;

test.each(['hledger', 'xlsx'])('%s', (format) => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [`--max-old-space-size=${HEAP_MIB}`, PROGRAM, format, String(EVENTS)],
    { encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
  const { postings, peakMiB } = JSON.parse(stdout);
  expect(postings).toBe(EVENTS - 1);
  expect(peakMiB).toBeLessThan(MOST_MIB);
});
