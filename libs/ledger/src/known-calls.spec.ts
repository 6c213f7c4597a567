// The account's memory of business keys: finds every key it holds, in little room, and forgets only what the window refuses.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KnownCalls } from './known-calls.js';

const DAY_MS = 86_400_000;
const key = (n: number) => `sbc\u0000cdr-${n}\u00000`;

describe('known calls', () => {
  test('a key is exact until settled, then a suspect at its revision', () => {
    const known = new KnownCalls();
    known.remember(key(1), { fingerprint: 'f', revision: 7 }, 0);
    expect(known.unsettledCall(key(1))).toMatchObject({ fingerprint: 'f', revision: 7 });
    expect(known.suspects(key(1))).toEqual([]);
    known.settle();
    expect(known.unsettledCall(key(1))).toBeUndefined();
    expect(known.suspects(key(1))).toEqual([7]);
  });

  test('what the store refused is forgotten', () => {
    const known = new KnownCalls();
    known.remember(key(1), { fingerprint: 'f', revision: 7 }, 0);
    known.discard();
    known.settle();
    expect(known.suspects(key(1))).toEqual([]);
    expect(known.size).toBe(0);
  });

  test('a million keys are all found, others hardly ever, at under 24 bytes a key', () => {
    const known = new KnownCalls();
    const keys = 1_000_000;
    for (let n = 0; n < keys; n += 1) {
      known.remember(key(n), { fingerprint: '', revision: n }, Math.floor(n / 50_000) * DAY_MS);
      if (n % 500 === 499) known.settle();
    }
    let missing = 0;
    let strangers = 0;
    for (let n = 0; n < keys; n += 97) {
      if (!known.suspects(key(n)).includes(n)) missing += 1;
      strangers += known.suspects(key(keys + n)).length;
    }
    expect({ missing, strangers }).toEqual({ missing: 0, strangers: 0 });
    expect(known.byteLength / keys).toBeLessThan(24);
  });

  test('forgets a day only when the floor, less a clock running ahead, is past its end', () => {
    const known = new KnownCalls();
    for (let n = 0; n < 2_000; n += 1) known.remember(key(n), { fingerprint: '', revision: n }, n < 1_500 ? 0 : DAY_MS);
    known.settle();
    known.forgetBefore(DAY_MS + 299_999, 300_000);
    expect(known.size).toBe(2_000);
    known.forgetBefore(DAY_MS + 300_000, 300_000);
    expect(known.size).toBe(500);
    expect(known.suspects(key(0))).toEqual([]);
    expect(known.suspects(key(1_999))).toEqual([1_999]);
  });

  test('a busy day is several tables: what a snapshot writes anew stays small, and the day is forgotten as one', () => {
    const known = new KnownCalls();
    const keys = 1_200_000;
    for (let n = 0; n < keys; n += 1) {
      known.remember(key(n), { fingerprint: '', revision: n }, n < keys - 10 ? 0 : DAY_MS);
      if (n % 500 === 499) known.settle();
    }
    const segments = known.settledSegments();
    expect(segments.map(({ isSealed }) => isSealed)).toEqual([true, true, false]);
    for (const { slots, keys: held } of segments) {
      expect(held).toBeLessThanOrEqual(1_048_576);
      expect(slots.byteLength).toBeLessThan(20_000_000);
    }
    const sealed = segments[1]?.slots.slice();
    known.remember(key(keys), { fingerprint: '', revision: keys }, DAY_MS);
    known.settle();
    expect(known.settledSegments()[1]?.slots).toEqual(sealed);
    for (const n of [0, 1_048_575, 1_048_576, keys - 11, keys]) expect(known.suspects(key(n))).toEqual([n]);
    known.forgetBefore(DAY_MS + 300_000, 300_000);
    expect(known.size).toBe(11);
  });

  test('a quiet tenant keeps one table over many days', () => {
    const known = new KnownCalls();
    for (let day = 0; day < 300; day += 1) known.remember(key(day), { fingerprint: '', revision: day }, day * DAY_MS);
    known.settle();
    expect(known.settledSegments()).toHaveLength(1);
  });

  test('answers like a plain map, for any keys in any order of settling and discarding', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ kind: fc.constant('remember' as const), n: fc.nat(40) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const), n: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('discard' as const), n: fc.constant(0) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const known = new KnownCalls();
        const settled = new Map<number, number>();
        let unsettled = new Map<number, number>();
        steps.forEach(({ kind, n }, revision) => {
          if (kind === 'settle') for (const [call, at] of unsettled) settled.set(call, at);
          if (kind !== 'remember') {
            known[kind]();
            unsettled = new Map();
          } else if (!settled.has(n) && !unsettled.has(n)) {
            known.remember(key(n), { fingerprint: '', revision }, revision * DAY_MS);
            unsettled.set(n, revision);
          }
        });
        for (let n = 0; n <= 40; n += 1) {
          expect(known.suspects(key(n))).toEqual(settled.has(n) ? [settled.get(n)] : []);
          expect(known.unsettledCall(key(n))?.revision).toBe(unsettled.get(n));
        }
      }),
    );
  });
});
