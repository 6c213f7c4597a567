// Rules of included minutes (design 8.2 and 8.11): who draws on which pool, how far it goes, and where a call that outlasts it is split.

import { describe, expect, test } from '@jest/globals';
import { EUR, NOON_MS, only, OPEN, purchase } from './fixtures.js';
import { authorise, call, DAY_MS, HOUR_MS, licences, prices, Story, terminate } from './rules.fixtures.js';

const PLAN_120 = ['calling-plan-120', 'communications-credits'] as const;
const INTERNATIONAL = ['calling-plan-international', 'communications-credits'] as const;
const DOMESTIC_S = { destinationCountry: 'FR' } as const;
const ABROAD = { traits: { destinationCountry: 'US' } } as const;
/** 0.12 for each of the first two minutes, then 0.06, and 0.05 once. */
const TIERS = [
  [0, '0.12'],
  [120, '0.06'],
] as const;
const BY_THE_MINUTE = prices(TIERS, 60, { connectFee: '0.05' });
const BY_THE_SECOND = prices(TIERS, 1, { connectFee: '0.05' });

describe('8.2 included minutes first', () => {
  test('a call within the pool takes its minutes, whole increments, and no money', () => {
    const story = new Story(OPEN, purchase(EUR), licences('ann', 'FR', PLAN_120));
    expect(only('CallDebited.v1', story.run(call({ usageSeconds: 61 })))).toMatchObject({
      amount: '0',
      balance: '1',
      coverage: 'pool',
      pool: { pool: 'calling-plan-120 FR', month: '2026-03', meter: 'domestic', usedMs: 120_000, remainingMs: 7_080_000 },
      posting: null,
      rest: null,
      unauthorised: null,
    });
  });

  test('the pool is keyed by tenant, country and identical plan, so its users share it', () => {
    const story = new Story(OPEN, licences('ann', 'FR', PLAN_120), licences('bob', 'FR', PLAN_120));
    story.run(call({ usageSeconds: 7_200 }));
    const shared = only('CallDebited.v1', story.run(call({ id: 'cdr-2', traits: { users: ['bob'] } })));
    expect(shared.pool).toMatchObject({ capMs: 14_400_000, remainingMs: 7_140_000 });
    const other = new Story(OPEN, licences('ann', 'FR', PLAN_120), licences('bob', 'DE', PLAN_120));
    other.run(call({ usageSeconds: 7_200 }));
    const inGermany = only(
      'CallDebited.v1',
      other.run(call({ id: 'cdr-2', traits: { users: ['bob'], destinationCountry: 'DE' } })),
    );
    expect(inGermany.pool).toMatchObject({ pool: 'calling-plan-120 DE', remainingMs: 7_140_000 });
  });

  test('the domestic plan has 1200 minutes, in the United States and Canada 3000', () => {
    const capIn = (country: string) => {
      const story = new Story(OPEN, licences('ann', country, ['calling-plan-domestic']));
      return only('CallDebited.v1', story.run(call({ traits: { destinationCountry: country } }))).pool?.capMs;
    };
    expect(['FR', 'US', 'CA'].map(capIn)).toEqual([72_000_000, 180_000_000, 180_000_000]);
  });

  test('a call that is given free, since no row prices it, uses no minutes', () => {
    const story = new Story(OPEN, purchase(EUR), licences('ann', 'FR', PLAN_120));
    const given = only('CallDebited.v1', story.run(call({ timeline: prices([]), traits: { ...DOMESTIC_S, supported: false } })));
    expect(given).toMatchObject({ amount: '0', pool: null, unauthorised: 'UNSUPPORTED_DESTINATION' });
  });

  test('a call abroad of a user with a domestic plan is paid by the credit', () => {
    const story = new Story(OPEN, purchase(EUR), licences('ann', 'FR', PLAN_120));
    expect(only('CallDebited.v1', story.run(call(ABROAD)))).toMatchObject({ amount: '1', coverage: 'credit', pool: null });
  });

  test('either cap of the international plan, reached, closes both for the month', () => {
    const story = new Story(OPEN, purchase(5n * EUR), licences('ann', 'FR', INTERNATIONAL));
    const abroad = only('CallDebited.v1', story.run(call({ ...ABROAD, usageSeconds: 600 * 60 })));
    expect(abroad.pool).toMatchObject({ meter: 'international', capMs: 36_000_000, remainingMs: 0 });
    expect(only('CallDebited.v1', story.run(call({ id: 'cdr-2' })))).toMatchObject({ coverage: 'credit', amount: '1' });
    const answerMs = Date.parse('2026-04-01T00:00:00.000Z');
    const april = only('CallDebited.v1', story.run(call({ id: 'cdr-3', answerMs, nowMs: answerMs + DAY_MS })));
    expect(april.pool).toMatchObject({ month: '2026-04', meter: 'domestic', remainingMs: 71_940_000 });
  });

  test('minutes that a call in progress holds stay its own although the other cap closes the pool meanwhile', () => {
    const story = new Story(OPEN, licences('ann', 'FR', INTERNATIONAL));
    story.run(authorise({ requestedSeconds: 120 }));
    story.run(call({ ...ABROAD, usageSeconds: 600 * 60 }));
    const debited = only('CallDebited.v1', story.run(call({ id: 'cdr-2', sessionId: 's-1', usageSeconds: 100 })));
    expect(debited).toMatchObject({ amount: '0', coverage: 'pool', pool: { usedMs: 120_000 } });
  });

  test('a call that the pool has paid is rerated by the pool although it has been closed since', () => {
    const story = new Story(OPEN, licences('ann', 'FR', INTERNATIONAL));
    const revision = story.stored.length;
    const { charge, cdr } = call();
    story.run(call());
    story.run(call({ ...ABROAD, id: 'cdr-2', usageSeconds: 600 * 60 }));
    const again = { ...charge, amountMicros: 2n * EUR, deckHash: 'another' };
    const by = { revision, author: 'ann', rerateId: 'r', nowMs: NOON_MS + HOUR_MS };
    const events = story.run({ kind: 'rerate-call', cdr, charge: again, ...by });
    expect(only('CallDebited.v1', events)).toMatchObject({ amount: '0', coverage: 'pool', pool: { usedMs: 60_000 } });
  });

  test('conference dial-out to Zone A has 60 minutes for each licence of the tenant, whatever the country', () => {
    const story = new Story(
      OPEN,
      purchase(EUR),
      licences('ann', 'FR', ['audio-conferencing']),
      licences('bob', 'MA', ['audio-conferencing']),
    );
    const conference = { category: 'conference-dial-out', traits: { destinationCountry: 'DE' } } as const;
    const debited = only('CallDebited.v1', story.run(call(conference)));
    expect(debited.pool).toMatchObject({ pool: 'audio-conferencing', meter: 'conferencing', capMs: 7_200_000 });
    const outside = { ...conference, id: 'cdr-2', traits: { destinationCountry: 'MA' } };
    expect(only('CallDebited.v1', story.run(call(outside)))).toMatchObject({ coverage: 'credit', amount: '1' });
  });

  test('the extended add-on dials to the United States and Canada without limit, conferences only', () => {
    const held = ['audio-conferencing', 'extended-dial-out'] as const;
    const story = new Story(OPEN, licences('ann', 'FR', held));
    const to = (id: string, destinationCountry: string) =>
      call({ id, category: 'conference-dial-out', usageSeconds: 90_000, traits: { destinationCountry } });
    expect(only('CallDebited.v1', story.run(to('1', 'US')))).toMatchObject({ coverage: 'unlimited', amount: '0', pool: null });
    expect(only('CallDebited.v1', story.run(to('2', 'CA')))).toMatchObject({ coverage: 'unlimited', amount: '0' });
    expect(only('CallDebited.v1', story.run(to('3', 'DE')))).toMatchObject({ coverage: 'pool', pool: { remainingMs: 0 } });
    expect(only('CallDebited.v1', story.run(call({ id: '4', traits: { destinationCountry: 'US' } }))).coverage).toBe('credit');
  });

  test('the month is that of the answer in UTC, and the caps are those of the licences assigned then', () => {
    const story = new Story(OPEN, licences('ann', 'FR', PLAN_120), licences('bob', 'FR', PLAN_120));
    const [march, april] = [Date.parse('2026-03-31T23:59:59.999Z'), Date.parse('2026-04-01T00:00:00.000Z')];
    story.run({ ...licences('ann', 'FR', [], april), nowMs: april });
    const late = { nowMs: april + 2 * DAY_MS, usageSeconds: 600 } as const;
    expect(only('CallDebited.v1', story.run(call({ ...late, answerMs: march }))).pool).toMatchObject({
      month: '2026-03',
      capMs: 14_400_000,
      remainingMs: 13_800_000,
    });
    expect(only('CallDebited.v1', story.run(call({ ...late, id: '2', answerMs: april }))).coverage).toBe('credit');
    const bob = { ...late, id: '3', answerMs: april, traits: { users: ['bob'] } };
    expect(only('CallDebited.v1', story.run(call(bob))).pool).toMatchObject({ month: '2026-04', capMs: 7_200_000 });
  });

  test('an answered call of no length uses nothing and is not marked where the pool would have paid', () => {
    const story = new Story(OPEN, licences('ann', 'FR', ['calling-plan-120']), {
      kind: 'set-terms',
      nowMs: NOON_MS,
      terms: { licensing: 'required' },
    });
    expect(only('CallDebited.v1', story.run(call({ usageSeconds: 0 })))).toMatchObject({
      amount: '0',
      pool: null,
      unauthorised: null,
    });
  });
});

describe('8.2 and 8.11 a call that outlasts its pool is split there', () => {
  /** Of the 7200 seconds of the pool, so many are left. */
  const withLeft = (seconds: number): Story => {
    const story = new Story(OPEN, purchase(EUR), licences('ann', 'FR', PLAN_120));
    story.run(call({ id: 'before', usageSeconds: 7200 - seconds, timeline: BY_THE_SECOND }));
    return story;
  };
  const CALL = { usageSeconds: 250, traits: DOMESTIC_S } as const;

  test('60/60: with 90 s left of 250 it pays 60, then 0.12 + 0.06 + 0.06 + 0.06 and no connect fee', () => {
    const debited = only('CallDebited.v1', withLeft(90).run(call({ ...CALL, timeline: BY_THE_MINUTE })));
    expect(debited).toMatchObject({
      amount: '0.3',
      coverage: 'pool',
      pool: { usedMs: 60_000, remainingMs: 30_000 },
      rest: { amount: '0.3', billedUsageSeconds: 240, connectFee: false, fromSecond: 60 },
    });
    expect(debited.rest?.segments.map(({ fromSecond, seconds, rate }) => [fromSecond, seconds, rate])).toEqual([
      [60, 60, '0.12'],
      [120, 180, '0.06'],
    ]);
  });

  test('1/1: it pays all 90 s, then 30 s at 0.12 a minute and 130 s at 0.06: 0.06 + 0.13', () => {
    const debited = only('CallDebited.v1', withLeft(90).run(call({ ...CALL, timeline: BY_THE_SECOND })));
    expect(debited).toMatchObject({ amount: '0.19', pool: { usedMs: 90_000, remainingMs: 0 }, rest: { fromSecond: 90 } });
  });

  test('with less than one increment left it pays nothing, and the connect fee is due: 0.05 + 2 × 0.12 + 3 × 0.06', () => {
    const debited = only('CallDebited.v1', withLeft(59).run(call({ ...CALL, timeline: BY_THE_MINUTE })));
    expect(debited).toMatchObject({ amount: '0.47', coverage: 'credit', pool: null, rest: null });
  });

  test('a grant over the split holds both: 60 s of the pool and 0.3 of the credit; terminated at 61 s, 60 s and 0.12', () => {
    const story = withLeft(90);
    const made = only('ReservationMade.v1', story.run(authorise({ timeline: BY_THE_MINUTE, nowMs: NOON_MS + HOUR_MS })));
    expect(made).toMatchObject({ grantedSeconds: 300, amount: '0.3', pool: { heldMs: 60_000 }, available: '0.7', balance: '1' });
    const ended = only('ReservationTerminated.v1', story.run(terminate(61, NOON_MS + HOUR_MS)));
    expect(ended).toMatchObject({ amount: '0.12', pool: { heldMs: 60_000 }, available: '0.88' });
  });

  test('where the credit may not pay, the grant ends with the pool', () => {
    const story = withLeft(90);
    story.run({ ...licences('ann', 'FR', ['calling-plan-120']), nowMs: NOON_MS + HOUR_MS });
    story.run({ kind: 'set-terms', nowMs: NOON_MS + HOUR_MS, terms: { licensing: 'required' } });
    const made = only('ReservationMade.v1', story.run(authorise({ timeline: BY_THE_MINUTE, nowMs: NOON_MS + HOUR_MS })));
    expect(made).toMatchObject({ grantedSeconds: 60, amount: '0', isFinal: true, creditRefusal: 'NO_LICENCE' });
  });
});
