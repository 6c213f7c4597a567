// Folds of calls, of balances by day and of stretches: given the account's story, then these rows; each runs twice.

import { describe, expect, test } from '@jest/globals';
import { foldSpec } from '@tollkeeper/testing';
import { balanceDay } from './balance-day.js';
import { callKeyOf, calls, type CallRow } from './calls.js';
import type { PlacedLedgerEvent, ReadModel, Row } from './read-model.js';
import { lateEvents, STRETCH_EVENTS, stretches, type StretchRow } from './stretches.js';

const RECORDED = '2026-03-03T12:05:00.000Z';
const ANSWERED = '2026-03-03T12:00:00.000Z';

function event(type: string, revision: number, data: object): PlacedLedgerEvent {
  const facts = { available: '0', balance: '0', effectiveAt: ANSWERED, recordedAt: RECORDED, tenant: 'acme', ...data };
  return { type, data: facts, tenant: 'acme', revision, position: BigInt(revision) } as unknown as PlacedLedgerEvent;
}

const cdr = (generation = 0) => ({
  id: 'cdr 1',
  source: 'sbc',
  callId: 'call-1',
  format: 'canonical-json',
  conferenceId: null,
  setupTime: null,
  endTime: '2026-03-03T12:01:01.000Z',
  usageMs: 61_000,
  generation,
});
const charge = { category: 'outbound', prefix: '49', destination: 'Germany', connectFee: '0.05' };

const debited = (revision: number, amount: string, more: object = {}) =>
  event('CallDebited.v1', revision, {
    amount,
    cdr: cdr(),
    charge,
    coverage: 'credit',
    currency: 'EUR',
    parties: 'sealed',
    pool: null,
    report: { capability: null },
    rest: null,
    unauthorised: null,
    ...more,
  });

const foldOf = <R extends Row>(model: ReadModel<R>) =>
  foldSpec<R | undefined, PlacedLedgerEvent>({ initialRow: undefined, fold: (row, next) => model.fold(row, next) });

const ROW: CallRow = {
  call_key: `acme 3 sbc cdr 1 ${ANSWERED}`,
  tenant: 'acme',
  source: 'sbc',
  cdr_id: 'cdr 1',
  format: 'canonical-json',
  call_id: 'call-1',
  conference_id: null,
  answered_at: ANSWERED,
  setup_at: null,
  end_at: '2026-03-03T12:01:01.000Z',
  usage_ms: 61_000,
  billable: 1,
  category: 'outbound',
  prefix: '49',
  destination: 'Germany',
  currency: 'EUR',
  amount: '0.09',
  connect_charge: '0.05',
  coverage: 'credit',
  pool_ms: 0,
  unauthorised: null,
  report: '{"capability":null}',
  parties: 'sealed',
  generation: 0,
  revision: 7,
  recorded_at: RECORDED,
};

describe('calls', () => {
  test('say what was debited, and how much of it is the connect fee', () => {
    foldOf(calls)
      .given([debited(7, '0.09')])
      .thenRow(ROW);
  });

  test('that a pool paid owe no connect fee; one that a pool left is owed again', () => {
    const pool = { usedMs: 60_000 };
    const free = { coverage: 'pool', pool };
    foldOf(calls)
      .given([debited(7, '0', free)])
      .thenRow({ ...ROW, amount: '0', connect_charge: '0', coverage: 'pool', pool_ms: 60_000 });
    foldOf(calls)
      .given([debited(7, '0.09', { coverage: 'pool', rest: { connectFee: true } })])
      .thenRow({ ...ROW, coverage: 'pool' });
  });

  test('capped below the connect fee tell what was paid of it', () => {
    foldOf(calls)
      .given([debited(7, '0.03')])
      .thenRow({ ...ROW, amount: '0.03', connect_charge: '0.03' });
  });

  test('that were rerated stand as they were debited last, and cost nothing in between', () => {
    const reversal = event('CallReversed.v1', 8, { amount: '0.09', cdr: { id: 'cdr 1', source: 'sbc', generation: 0 } });
    foldOf(calls)
      .given([debited(7, '0.09'), reversal])
      .thenRow({ ...ROW, amount: '0', connect_charge: '0', coverage: '', revision: 8 });
    foldOf(calls)
      .given([debited(7, '0.09'), reversal, debited(9, '0.12', { cdr: cdr(1) })])
      .thenRow({ ...ROW, amount: '0.12', generation: 1, revision: 9 });
    expect(() => calls.fold(undefined, reversal)).toThrow('turns round a debit that is not there');
  });

  test('that do not bill have no price', () => {
    const unrated = { category: '', prefix: '', destination: '', currency: '', report: '{}', coverage: '' };
    foldOf(calls)
      .given([event('CallNotBillable.v1', 7, { cdr: cdr(), parties: 'sealed', reason: 'not-answered' })])
      .thenRow({ ...ROW, ...unrated, billable: 0, amount: '0', connect_charge: '0' });
  });

  test('of two sources never share a row, whatever their names', () => {
    const keys = [
      callKeyOf('acme', { source: 'a', id: 'b c' }, ANSWERED),
      callKeyOf('acme', { source: 'a b', id: 'c' }, ANSWERED),
    ];
    expect(new Set(keys).size).toBe(2);
  });

  test('whose switch has used the id of an old call again have a row of their own', () => {
    const old = debited(3, '0.07', { effectiveAt: '2025-01-01T00:00:00.000Z' });
    expect(calls.keyOf(old)).not.toBe(calls.keyOf(debited(7, '0.09')));
  });
});

describe('balances by day', () => {
  test('are those after the last event of the day, with the lowest available on it', () => {
    const at = (revision: number, time: string, available: string) =>
      event('AlertThresholdSet.v1', revision, { recordedAt: `2026-03-03T${time}:00.000Z`, balance: '10', available });
    foldOf(balanceDay)
      .given([at(1, '08:00', '9'), at(2, '09:00', '-1.5'), at(3, '23:59', '10')])
      .thenRow({
        day_key: 'acme 2026-03-03',
        tenant: 'acme',
        day: '2026-03-03',
        balance: '10',
        available: '10',
        lowest_available: '-1.5',
        revision: 3,
      });
  });
});

describe('stretches', () => {
  test('sum what a thousand events moved, and between which instants', () => {
    const late = '2026-03-01T00:00:00.000Z';
    const events = [
      event('CreditPurchased.v1', STRETCH_EVENTS, { amount: '10', balance: '15', effectiveAt: RECORDED }),
      debited(STRETCH_EVENTS + 1, '0.09', { balance: '14.91', effectiveAt: late, replaces: null }),
      event('AlertThresholdSet.v1', STRETCH_EVENTS + 2, { balance: '14.91', effectiveAt: '2030-01-01T00:00:00.000Z' }),
    ];
    expect(new Set(events.map((next) => stretches.keyOf(next)))).toEqual(new Set(['acme 1']));
    foldOf(stretches)
      .given(events)
      .thenRow({
        stretch_key: 'acme 1',
        tenant: 'acme',
        first_revision: STRETCH_EVENTS,
        last_revision: STRETCH_EVENTS + 2,
        movement: '9.91',
        purchases: '10',
        calls: '-0.09',
        expiries: '0',
        adjustments: '0',
        refunds: '0',
        events_moved: 2,
        calls_debited: 1,
        calls_reversed: 0,
        earliest_effective_at: RECORDED,
        latest_effective_at: RECORDED,
        late: `[["${late}","-0.09","calls",1]]`,
        last_recorded_at: RECORDED,
        first_balance: '5',
        last_balance: '14.91',
      });
  });

  test('keep apart the few that count before all others, and no more', () => {
    const day = (of: number) => `2026-02-${String(of).padStart(2, '0')}T00:00:00.000Z`;
    const early = Array.from({ length: 20 }, (_, at) => debited(1 + at, '0.01', { effectiveAt: day(20 - at), replaces: null }));
    const rows = [debited(0, '0.01', { effectiveAt: RECORDED, replaces: null }), ...early].reduce<StretchRow | undefined>(
      (row, next) => stretches.fold(row, next),
      undefined,
    );
    // The 16 earliest stand apart; the days 17 to 20 are among the others.
    expect(rows).toMatchObject({ earliest_effective_at: day(17), latest_effective_at: RECORDED, calls_debited: 21 });
    expect(lateEvents(rows ?? { late: '' }).map(([at]) => at)).toEqual(Array.from({ length: 16 }, (_, at) => day(at + 1)));
  });

  test('refuse a gap', () => {
    const row = stretches.fold(undefined, debited(4, '0'));
    expect(() => stretches.fold(row, debited(6, '0'))).toThrow('revision 6 after 4');
  });
});
