// How long credit lasts: days and what they cost in, a pace and a day out.

import { describe, expect, test } from '@jest/globals';
import { PACE_DAYS, paceOf } from './pace.js';

const NOON = Date.parse('2026-03-10T12:00:00Z');
const spent = (debited: string, ...days: number[]) =>
  days.map((day) => ({ day: `2026-03-${String(day).padStart(2, '0')}`, debited }));
const pace = (days: ReturnType<typeof spent>, change: Partial<Parameters<typeof paceOf>[1]> = {}) =>
  paceOf(days, { firstDay: '2026-01-01', available: '28', nowMs: NOON, ...change });

describe('pace', () => {
  test('is the mean of the last seven full days and of today so far', () => {
    expect(pace(spent('2', 3, 4, 5, 6, 7, 8, 9))).toEqual({ perDay: '1.866667', overDays: 7, runsOutOn: '2026-03-25' });
    expect(pace(spent('1', 10))).toEqual({ perDay: '0.133333', overDays: 7, runsOutOn: '2026-10-06' });
  });

  test('leaves out what is older', () => {
    expect(pace([...spent('100', 1, 2), ...spent('7.5', 3)]).perDay).toBe('1');
    expect(PACE_DAYS).toBe(7);
  });

  test('of a tenant whose calls began within the week is the mean since then, of a day at least', () => {
    expect(pace(spent('3', 8, 9), { firstDay: '2026-03-08' })).toEqual({ perDay: '2.4', overDays: 2, runsOutOn: '2026-03-22' });
    expect(pace(spent('3', 10), { firstDay: '2026-03-10' })).toEqual({ perDay: '3', overDays: 0, runsOutOn: '2026-03-19' });
  });

  test('of nothing runs out never; of next to nothing in no foreseeable time', () => {
    expect(pace([])).toEqual({ perDay: '0', overDays: 7, runsOutOn: null });
    expect(pace([], { firstDay: undefined }).runsOutOn).toBeNull();
    expect(pace(spent('-1', 9))).toEqual({ perDay: '0', overDays: 7, runsOutOn: null });
    expect(pace(spent('0.000001', 9), { available: '999999999999' })).toEqual({ perDay: '0', overDays: 7, runsOutOn: null });
  });

  test('without credit has run out', () => {
    expect(pace(spent('1', 9), { available: '0' }).runsOutOn).toBe('2026-03-10');
    expect(pace(spent('1', 9), { available: '-4.5' }).runsOutOn).toBe('2026-03-10');
  });

  test('is exact where numbers are not', () => {
    const { perDay, runsOutOn } = pace(spent('1', 3, 9), { available: '9007199254.740993' });
    expect([perDay, runsOutOn]).toEqual(['0.266667', null]);
    expect(pace(spent('300000000000.000001', 3), { nowMs: Date.parse('2026-03-10') }).perDay).toBe('42857142857.142857');
  });
});
