// Advice by table: what was spent on which days, and what follows from it; and the days as they are folded.

import { describe, expect, test } from '@jest/globals';
import { foldSpec } from '@tollkeeper/testing';
import { adviceFor, monthsLater, type SpentDay } from './advice.js';
import type { PlacedLedgerEvent } from './read-model.js';
import { usageDay, type UsageDayRow } from './usage-day.js';

const MS_PER_DAY = 86_400_000;
const FIRST = '2026-01-01';
/** 90 days after the first. */
const TODAY = '2026-04-01';

/** From the first day on, a day each. */
function days(...amounts: readonly string[]): readonly SpentDay[] {
  return amounts.map((debited, at) => ({
    day: new Date(Date.parse(FIRST) + at * MS_PER_DAY).toISOString().slice(0, 10),
    debited,
  }));
}

describe('advice', () => {
  test.each<[string, readonly SpentDay[], bigint | undefined, string, string]>([
    // what · days · minimum · trigger · amount
    ['nothing spent', [], undefined, '0', '1'],
    ['nothing spent, with a minimum', [], 20_000_000n, '20', '20'],
    ['a euro a day', days(...Array.from({ length: 90 }, () => '1')), undefined, '3', '31'],
    ['with one costly day', days(...Array.from({ length: 90 }, (_, at) => (at === 40 ? '30' : '1'))), undefined, '32', '41'],
    ['less than is sold', days('1', '0.5'), 20_000_000n, '20', '20'],
    ['three days over', days('10', '0', '0', '20.5', '0', '17.1'), undefined, '38', '17'],
    ['hundreds are tens', days('136.9', '0', '0'), undefined, '140', '47'],
    ['thousands are hundreds', days('1234'), undefined, '1300', '420'],
    ['a hundred is a hundred', days('100'), undefined, '100', '34'],
    ['a micro more is not', days('100.000001'), undefined, '110', '34'],
    ['what was spent today is left out', [{ day: TODAY, debited: '1000' }], undefined, '0', '1'],
  ])('%s', (_what, spent, minimumMicros, trigger, amount) => {
    const options = { firstDay: FIRST, today: TODAY, ...(minimumMicros === undefined ? {} : { minimumMicros }) };
    expect(adviceFor(spent, options)).toMatchObject({ tooEarly: false, trigger, amount });
  });

  test('tells the numbers that it follows from', () => {
    expect(adviceFor(days('1', '2', '3.5', '4'), { firstDay: FIRST, today: TODAY, minimumMicros: 20_000_000n })).toEqual({
      tooEarly: false,
      trigger: '20',
      amount: '20',
      basis: {
        from: FIRST,
        to: '2026-03-31',
        days: 90,
        spent: '10.5',
        meanMonth: '3.548612',
        mostInThreeDays: { from: '2026-01-02', to: '2026-01-04', amount: '9.5' },
        minimum: '20',
      },
    });
  });

  test.each([
    [undefined, TODAY, '2026-06-01'],
    ['2026-02-02', TODAY, '2026-04-02'],
    ['2025-12-31', '2026-02-27', '2026-02-28'],
  ])('is too early two months after the first call of %s', (firstDay, today, from) => {
    expect(adviceFor([], { firstDay, today })).toEqual({ tooEarly: true, from });
    expect(adviceFor([], { firstDay, today: from }).tooEarly).toBe(firstDay === undefined);
  });

  test('looks back a year and no more', () => {
    const old = { day: '2020-01-01', debited: '5000' };
    const advice = adviceFor([old], { firstDay: old.day, today: TODAY });
    expect(advice).toMatchObject({ amount: '1', basis: { from: '2025-04-01', days: 365, spent: '0' } });
  });

  test.each([
    ['2026-01-31', 1, '2026-02-28'],
    ['2024-01-31', 1, '2024-02-29'],
    ['2026-12-15', 1, '2027-01-15'],
    ['2026-03-31', -1, '2026-02-28'],
    ['2026-03-01', -12, '2025-03-01'],
  ])('%s and %i months is %s', (day, by, expected) => expect(monthsLater(day, by)).toBe(expected));
});

describe('usage of a day', () => {
  const event = (type: string, effectiveAt: string, data: object = {}): PlacedLedgerEvent => {
    const facts = { amount: '0', pool: null, effectiveAt, recordedAt: '2026-03-09T00:00:00.000Z', tenant: 'acme', ...data };
    return { type, data: facts, tenant: 'acme', revision: 1, position: 1n } as unknown as PlacedLedgerEvent;
  };
  const MORNING = '2026-03-03T08:00:00.000Z';
  const pool = { usedMs: 120_000 };

  test('sums what its calls cost and used, and reversals take it out again', () => {
    const calls = [
      event('CallDebited.v1', MORNING, { amount: '0.02' }),
      event('CallDebited.v1', MORNING, { amount: '0', pool }),
      event('CallDebited.v1', '2026-03-03T23:59:59.999Z', { amount: '1.5', pool: { usedMs: 60_000 } }),
      event('CallReversed.v1', MORNING, { amount: '0.02' }),
      event('CallReversed.v1', MORNING, { amount: '0', pool }),
      event('CallDebited.v1', MORNING, { amount: '0.03' }),
    ];
    const fold = (row: UsageDayRow | undefined, next: PlacedLedgerEvent) => usageDay.fold(row, next);
    foldSpec<UsageDayRow | undefined, PlacedLedgerEvent>({ initialRow: undefined, fold })
      .given(calls)
      .thenRow({ day_key: 'acme 2026-03-03', tenant: 'acme', day: '2026-03-03', debited: '1.53', calls: 2, pool_seconds: 60 });
  });

  test('is that of the answer, in UTC, and of calls alone', () => {
    expect(usageDay.keyOf(event('CallDebited.v1', '2026-03-04T00:00:00.000Z'))).toBe('acme 2026-03-04');
    expect(usageDay.keyOf(event('CreditPurchased.v1', MORNING))).toBeUndefined();
  });
});
