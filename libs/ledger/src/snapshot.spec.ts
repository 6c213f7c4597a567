// An account's snapshot: the same account comes back, and what its past days know is handed out as final.

import { describe, expect, test } from '@jest/globals';
import { initialAccount, settle, type Account } from './account.js';
import { record } from './codec.js';
import { debit, eventsOf, NOON_MS, notBillable, OPEN, purchase } from './fixtures.js';
import { KnownCalls } from './known-calls.js';
import { accountFromSnapshot, snapshotOf, type AccountSnapshot } from './snapshot.js';

const EUR = 1_000_000n;
const DAY_MS = 86_400_000;
const CALLS_A_DAY = 2_000;

function told(): Account {
  let account = initialAccount('acme');
  for (const command of [OPEN, purchase(20n * EUR), debit(15n * EUR), notBillable({ id: 'cdr-2' })]) {
    account = record(account, eventsOf(command, account)).account;
  }
  return settle(account);
}

/** Knows as many calls of the days before as of today. */
function busy(days: number): Account {
  const knownCalls = new KnownCalls();
  for (let n = 0; n < days * CALLS_A_DAY; n += 1) {
    const day = Math.floor(n / CALLS_A_DAY) + 1 - days;
    knownCalls.remember(keyOf(n), { fingerprint: '', revision: n }, NOON_MS + day * DAY_MS);
  }
  knownCalls.settle();
  return { ...told(), knownCalls };
}

const keyOf = (n: number): string => `sbc\u0000old-${n}\u00000`;

/** As whoever keeps it gives it back: each part in a buffer of its own. */
const kept = ({ head, parts }: AccountSnapshot): AccountSnapshot => ({
  head: Uint8Array.from(head),
  parts: parts.map(({ bytes, isFinal }) => ({ bytes: Uint8Array.from(bytes), isFinal })),
});

describe('a snapshot', () => {
  test.each([['of a quiet account', told()] as const, ['of one with many calls', busy(3)] as const])(
    '%s gives the same account back, which knows the same calls',
    (_, account) => {
      expect(accountFromSnapshot('acme', kept(snapshotOf(account)))).toEqual(account);
    },
  );

  test('of another tenant, of another version, or without all its tables is ignored', () => {
    const { head, parts } = snapshotOf(told());
    const older = Buffer.from(
      Buffer.from(head)
        .toString()
        .replace(/"version":\d+/, '"version":2'),
    );
    expect(accountFromSnapshot('other', { head, parts })).toBeUndefined();
    expect(accountFromSnapshot('acme', { head: older, parts })).toBeUndefined();
    expect(accountFromSnapshot('acme', { head, parts: [] })).toBeUndefined();
  });

  test('hands out past days in the same buffers each time, as final, and today’s table as not', () => {
    const account = busy(3);
    const before = snapshotOf(account).parts;
    expect(before.map(({ isFinal }) => isFinal)).toEqual([true, true, false]);
    const bytes = before.map((part) => Uint8Array.from(part.bytes));
    for (let n = 0; n < CALLS_A_DAY; n += 1) {
      account.knownCalls.remember(`another ${n}`, { fingerprint: '', revision: n }, NOON_MS);
    }
    account.knownCalls.settle();
    const after = snapshotOf(account).parts;
    for (const at of [0, 1]) {
      expect(after[at]?.bytes.buffer).toBe(before[at]?.bytes.buffer);
      expect(after[at]?.bytes).toEqual(bytes[at]);
    }
    expect(after[2]?.bytes).not.toEqual(bytes[2]);
  });

  test('that was loaded goes on: the account learns, forgets by the window, and is kept again', () => {
    const back = accountFromSnapshot('acme', kept(snapshotOf(busy(4)))) as Account;
    back.knownCalls.remember('new', { fingerprint: '', revision: 9_999 }, NOON_MS);
    back.knownCalls.settle();
    back.knownCalls.forgetBefore(NOON_MS - DAY_MS, 300_000);
    const again = accountFromSnapshot('acme', kept(snapshotOf(back))) as Account;
    expect(again.knownCalls.size).toBe(2 * CALLS_A_DAY + 1);
    expect([keyOf(0), keyOf(2 * CALLS_A_DAY), 'new'].map((key) => again.knownCalls.suspects(key))).toEqual([
      [],
      [2 * CALLS_A_DAY],
      [9_999],
    ]);
  });
});
