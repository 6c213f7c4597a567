// The proof that no call stands twice: what the ledger must have known within the account's window, and what may be used again later.

import { expect, test } from '@jest/globals';
import { CallsCheck } from './calls.js';
import { SeenEvent } from './ledger-pages.js';

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-03-03T12:00:00Z');

type Said = { readonly day: number; readonly answeredMs?: number; readonly type?: string; readonly data?: object };

/** What is told of a stream of these events, each recorded on its day. */
function foundIn(...said: readonly Said[]): readonly string[] {
  const check = new CallsCheck();
  [{ day: 0, type: 'AccountOpened.v1', data: { intakeWindowDays: 35 } }, ...said].forEach((event: Said, revision) => {
    const { day, answeredMs = 0, type = 'CallDebited.v1' } = event;
    const recordedAt = new Date(START_MS + day * DAY_MS).toISOString();
    const effectiveAt = new Date(START_MS + day * DAY_MS - 60_000 + answeredMs).toISOString();
    const cdr = { source: 'pbx', id: 'call-1', generation: 0 };
    const data = { cdr, effectiveAt, recordedAt, replaces: null, ...event.data };
    const stored = { stream: 'credit-acme', revision, type, id: '', position: BigInt(revision) };
    check.see(new SeenEvent(stored, undefined, { data, metadata: {} }));
  });
  return check.line.differences.map(({ revision, found }) => `${revision}: ${found}`);
}

test('a record that stands twice within the window, although its answers differ by a second', () => {
  expect(foundIn({ day: 1 }, { day: 1, answeredMs: 1000 })).toEqual(['2: CDR call-1 of pbx stands in the ledger already']);
  expect(foundIn({ day: 1 }, { day: 30 }, { day: 60, answeredMs: 1 })).toEqual([
    '2: CDR call-1 of pbx stands in the ledger already',
    '3: CDR call-1 of pbx stands in the ledger already',
  ]);
});

test('an id that comes again once the floor of the window has passed the day of the first is another call', () => {
  const floorMoved = { day: 40, type: 'AlertThresholdSet.v1' };
  expect(foundIn({ day: 1 }, floorMoved, { day: 40 })).toEqual([]);
  // The floor stands where the event before has put it.
  expect(foundIn({ day: 1 }, { day: 40 })).toHaveLength(1);
  expect(foundIn({ day: 1 }, floorMoved, { day: 40, answeredMs: -39 * DAY_MS })).toHaveLength(1);
});

test('a revision is turned round once, however long ago', () => {
  const reversed = (day: number, reversedRevision: number) => ({ day, type: 'CallReversed.v1', data: { reversedRevision } });
  const found = ['4: CDR call-1 is turned round once more'];
  expect(foundIn({ day: 1 }, reversed(2, 1), { day: 90, type: 'TermsSet.v1' }, reversed(90, 1))).toEqual(found);
  expect(foundIn({ day: 1 }, reversed(2, 1), { day: 3, type: 'TermsSet.v1' }, reversed(3, 3))).toEqual(found);
});
