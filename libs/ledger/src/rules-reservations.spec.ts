// Rules of calls in progress: what a grant gives and holds, how it goes on and ends, and what the CDR settles. Only the CDR debits.

import { describe, expect, test } from '@jest/globals';
import { availableOf } from './account.js';
import { MAX_DUE_EVENTS } from './due.js';
import { autoRecharge, EUR, NOON_MS, only, OPEN, purchase, typesOf } from './fixtures.js';
import {
  authorise,
  call,
  DAY_MS,
  expireDue,
  extend,
  HOUR_MS,
  licences,
  MINUTE_MS,
  prices,
  Story,
  terminate,
  terms,
} from './rules.fixtures.js';

const funded = (euros: bigint): Story => new Story(OPEN, purchase(euros * EUR));
const at = (seconds: number): number => NOON_MS + seconds * 1000;

describe('a grant', () => {
  test('gives the least of what is asked, the quota and what is affordable, in whole increments', () => {
    const granted = (euros: bigint, requestedSeconds: number | null) =>
      only('ReservationMade.v1', funded(euros).run(authorise({ requestedSeconds }))).grantedSeconds;
    expect(granted(100n, 120)).toBe(120);
    expect(granted(100n, null)).toBe(300);
    expect(granted(100n, 9000)).toBe(300);
    expect(granted(3n, null)).toBe(180);
  });

  test('counts a part of an increment that is asked for as one', () => {
    expect(only('ReservationMade.v1', funded(100n).run(authorise({ requestedSeconds: 61 })))).toMatchObject({
      grantedSeconds: 120,
      amount: '2',
    });
  });

  test('is priced from the presumed answer, with the connect fee', () => {
    const timeline = prices([[0, '1']], 60, { connectFee: '0.5' });
    const story = funded(3n);
    const made = only('ReservationMade.v1', story.run(authorise({ timeline })));
    expect(made).toMatchObject({ grantedSeconds: 120, amount: '2.5', available: '0.5', balance: '3', isFinal: true });
  });

  test('of less than one increment is NO_CREDIT', () => {
    const almost = new Story(OPEN, purchase(990_000n));
    expect(almost.refusal(authorise())).toBe('NO_CREDIT');
    expect(almost.refusal(authorise({ timeline: prices([[0, '0.98']], 60, { connectFee: '0.02' }) }))).toBe('NO_CREDIT');
    expect(almost.refusal(authorise({ timeline: prices([[0, '0.98']], 60, { connectFee: '0.01' }) }))).toBeUndefined();
  });

  test('goes no further than the deck prices, and no further than a maximum cost that disconnects', () => {
    const rated = only('ReservationMade.v1', funded(100n).run(authorise({ ratedSeconds: 130 })));
    expect(rated).toMatchObject({ grantedSeconds: 120, isFinal: true });
    const cut = prices([[0, '1']], 60, { maxCost: { amount: '2', strategy: 'disconnect' } });
    expect(only('ReservationMade.v1', funded(100n).run(authorise({ timeline: cut })))).toMatchObject({ grantedSeconds: 120 });
    const free = prices([[0, '1']], 60, { maxCost: { amount: '2', strategy: 'free' } });
    const on = only('ReservationMade.v1', funded(2n).run(authorise({ timeline: free })));
    expect(on).toMatchObject({ grantedSeconds: 300, amount: '2', isFinal: false });
  });

  test('is valid for what is granted and two minutes more', () => {
    expect(only('ReservationMade.v1', funded(100n).run(authorise())).validUntil).toBe('2026-03-03T12:07:00.000Z');
  });

  test('asked for twice is one hold; for another call under its id it is refused', () => {
    const story = funded(100n);
    story.run(authorise());
    expect(story.run(authorise({ nowMs: at(1) }))).toEqual([]);
    expect(story.refusal(authorise({ fingerprint: 'other' }))).toBe('session-exists-with-different-content');
  });
});

describe('two calls that start together', () => {
  test('never both spend the last euro: of fifty requests one is granted, forty-nine are refused', () => {
    const story = funded(1n);
    const answers = Array.from({ length: 50 }, (_, nth) => {
      const request = authorise({ sessionId: `s-${nth}`, requestedSeconds: 60 });
      const refusal = story.refusal(request);
      if (refusal === undefined) story.run(request);
      return refusal;
    });
    expect(answers.filter((code) => code === undefined)).toHaveLength(1);
    expect(answers.filter((code) => code === 'NO_CREDIT')).toHaveLength(49);
    expect(availableOf(story.account)).toBe(0n);
  });
});

describe('an extension', () => {
  test('counts the used seconds from answer and grants so much more', () => {
    const story = funded(100n);
    story.run(authorise({ requestedSeconds: 60 }));
    const extended = only('ReservationExtended.v1', story.run(extend(60, 120, at(60))));
    expect(extended).toMatchObject({ grantedSeconds: 180, usedSeconds: 60, amount: '3', available: '97' });
    expect(extended.validUntil).toBe(new Date(at(60 + 120 + 120)).toISOString());
    expect(story.run(extend(60, 120, at(61)))).toEqual([]);
  });

  test('that was overtaken on its way changes nothing', () => {
    const story = funded(100n);
    story.run(authorise({ requestedSeconds: 60 }));
    story.run(extend(120, 60, at(120)));
    expect(story.run(extend(60, 60, at(121)))).toEqual([]);
    expect(story.account.reservations.get('s-1')).toMatchObject({ grantedSeconds: 180, usedSeconds: 120 });
  });

  test('goes on with what the session holds itself, and ends with the credit', () => {
    const story = funded(3n);
    story.run(authorise({ requestedSeconds: 120 }));
    const last = only('ReservationExtended.v1', story.run(extend(120, null, at(120))));
    expect(last).toMatchObject({ grantedSeconds: 180, amount: '3', available: '0', isFinal: true });
    expect(story.refusal(extend(180, null, at(180)))).toBe('NO_CREDIT');
  });

  test('goes no further than the deck prices either', () => {
    const story = funded(100n);
    story.run(authorise({ ratedSeconds: 190, requestedSeconds: 60 }));
    expect(only('ReservationExtended.v1', story.run(extend(60, null, at(60))))).toMatchObject({
      grantedSeconds: 180,
      isFinal: true,
    });
    expect(story.refusal(extend(180, null, at(180)))).toBe('NO_CREDIT');
    const unlimited = { category: 'conference-dial-out', traits: { destinationCountry: 'US' } } as const;
    const free = new Story(OPEN, licences('ann', 'FR', ['extended-dial-out']));
    const made = only('ReservationMade.v1', free.run(authorise({ ...unlimited, ratedSeconds: 190 })));
    expect(made).toMatchObject({ coverage: 'unlimited', grantedSeconds: 180, isFinal: true });
    expect(free.refusal(extend(180, null, at(180)))).toBe('NO_CREDIT');
  });

  test('of a session that is unknown, ended or settled is refused', () => {
    const story = funded(100n);
    expect(story.refusal(extend(0, null, at(0)))).toBe('session-unknown');
    story.run(authorise());
    story.run(terminate(60, at(60)));
    expect(story.refusal(extend(60, null, at(61)))).toBe('session-closed');
    story.run(call({ sessionId: 's-1', nowMs: at(70) }));
    expect(story.refusal(extend(60, null, at(80)))).toBe('session-closed');
  });
});

describe('a termination', () => {
  const ended = (usedSeconds: number): Story => {
    const story = funded(100n);
    story.run(authorise());
    story.run(terminate(usedSeconds, at(100)));
    return story;
  };

  test('shrinks the hold to what was used, and never grows it', () => {
    expect(ended(61).account.reservedMicros).toBe(2n * EUR);
    expect(ended(0).account.reservedMicros).toBe(0n);
    expect(ended(4000).account.reservedMicros).toBe(5n * EUR);
  });

  test('keeps it until the CDR comes or the settle timeout passes', () => {
    const story = ended(61);
    expect(story.run(expireDue(at(100 + 86_399)))).toEqual([]);
    const expired = only('ReservationExpired.v1', story.run(expireDue(at(100 + 86_400))));
    expect(expired).toMatchObject({ available: '100', releases: { amount: '2' } });
  });

  test('twice, or after the CDR, or after the hold has run out, changes nothing; of an unknown session it is refused', () => {
    const story = ended(61);
    expect(story.run(terminate(30, at(110)))).toEqual([]);
    story.run(call({ sessionId: 's-1', nowMs: at(120) }));
    expect(story.run(terminate(61, at(130)))).toEqual([]);
    const late = funded(100n);
    late.run(authorise());
    late.run(expireDue(at(500)));
    expect(late.run(terminate(61, at(501)))).toEqual([]);
    expect(late.refusal(terminate(61, at(501), 's-2'))).toBe('session-unknown');
  });

  test('that never comes leaves the hold until it runs out, two minutes after the granted seconds', () => {
    const story = funded(100n);
    story.run(authorise());
    expect(story.run(expireDue(at(419)))).toEqual([]);
    const [expired] = story.run(expireDue(at(1000)));
    expect(expired).toMatchObject({
      type: 'ReservationExpired.v1',
      data: { effectiveAt: '2026-03-03T12:07:00.000Z', available: '100' },
    });
  });
});

describe('the CDR of a session', () => {
  test('settles it for less than it held, or for more', () => {
    for (const [usageSeconds, balance] of [
      [60, '99'],
      [900, '85'],
    ] as const) {
      const story = funded(100n);
      story.run(authorise());
      const debited = only('CallDebited.v1', story.run(call({ sessionId: 's-1', usageSeconds, nowMs: at(100) })));
      expect(debited).toMatchObject({ balance, available: balance, releases: { amount: '5', pool: null } });
      expect(story.account.reservations.size).toBe(0);
    }
  });

  test('is never marked, although nothing is available beside its hold', () => {
    const story = funded(5n);
    story.run(authorise());
    const debited = only('CallDebited.v1', story.run(call({ sessionId: 's-1', usageSeconds: 360 })));
    expect(debited).toMatchObject({ amount: '6', balance: '-1', unauthorised: null });
  });

  test('that comes after the hold has run out is not marked, for as long as the settle timeout', () => {
    const marked = (afterMs: number) => {
      const story = funded(1n);
      story.run(authorise());
      story.run(expireDue(at(420)));
      story.run(call({ id: '0', nowMs: at(430) }));
      return only('CallDebited.v1', story.run(call({ sessionId: 's-1', nowMs: at(420) + afterMs }))).unauthorised;
    };
    expect(marked(DAY_MS - 1)).toBeNull();
    expect(marked(DAY_MS)).toBe('NO_CREDIT');
  });

  test('without a reservation debits all the same', () => {
    expect(only('CallDebited.v1', funded(5n).run(call({ sessionId: 'never-asked' })))).toMatchObject({
      balance: '4',
      releases: null,
    });
  });

  test('closes the session: it is not authorised again, not even when its hold had waited in vain', () => {
    const story = funded(100n);
    story.run(authorise());
    story.run(call({ sessionId: 's-1' }));
    expect(story.refusal(authorise({ nowMs: at(100) }))).toBe('session-closed');
    const waited = funded(100n);
    waited.run(authorise());
    waited.run(terminate(60, at(60)));
    expect(waited.refusal(authorise({ nowMs: at(60) + DAY_MS }))).toBe('session-closed');
    expect(waited.run(terminate(60, at(60) + DAY_MS))).toEqual([]);
  });
});

test('a thousand calls whose switch has fallen silent run out in several appends, each within its bound', () => {
  const story = funded(1_000n);
  for (let nth = 0; nth < 1_000; nth += 1) story.run(authorise({ sessionId: `s-${nth}`, requestedSeconds: 60 }));
  expect(story.account.reservedMicros).toBe(1_000n * EUR);
  const counts: number[] = [];
  for (let left = 1; left > 0; counts.push(left)) left = story.run(expireDue(at(3600))).length;
  expect(counts.every((count) => count <= 2 * MAX_DUE_EVENTS)).toBe(true);
  expect([counts.reduce((sum, count) => sum + count, 0), story.account.reservedMicros]).toEqual([1_000, 0n]);
});

describe('what is held', () => {
  test('counts as spent for the recharge trigger, and is free again when the hold runs out', () => {
    const story = new Story(OPEN, purchase(20n * EUR), autoRecharge(16n * EUR, 50n * EUR));
    expect(typesOf(story.run(authorise()))).toEqual(['ReservationMade.v1', 'RechargeRequested.v1']);
  });

  test('of a lot keeps it beyond its term: what is not held expires, the rest when it is released', () => {
    const story = new Story(OPEN, terms({ lotTermMonths: 1 }), purchase(8n * EUR, 'old', NOON_MS - 30 * DAY_MS));
    const expiresMs = Date.parse('2026-04-03T11:00:00.000Z');
    const startMs = expiresMs - MINUTE_MS;
    story.run(authorise({ nowMs: startMs }));
    expect(only('LotExpired.v1', story.run(expireDue(expiresMs)))).toMatchObject({ amount: '3', balance: '5', available: '0' });
    const events = story.run(call({ sessionId: 's-1', answerMs: startMs, nowMs: expiresMs + MINUTE_MS, usageSeconds: 120 }));
    expect(typesOf(events)).toEqual(['CallDebited.v1', 'LotExpired.v1']);
    expect(only('CallDebited.v1', events)).toMatchObject({ amount: '2', balance: '3', lots: [{ lotId: 'old', amount: '2' }] });
    const rest = { amount: '3', balance: '0', effectiveAt: new Date(expiresMs + MINUTE_MS).toISOString() };
    expect(only('LotExpired.v1', events)).toMatchObject(rest);
  });

  test('of an expired lot is not drawn by others while open lots pay: a call, an adjustment, a refund', () => {
    const story = new Story(OPEN, terms({ lotTermMonths: 1 }), purchase(5n * EUR, 'old', NOON_MS - 30 * DAY_MS));
    const expiresMs = Date.parse('2026-04-03T11:00:00.000Z');
    story.run(authorise({ nowMs: expiresMs - MINUTE_MS }));
    const nowMs = expiresMs + MINUTE_MS;
    story.run(purchase(9n * EUR, 'open', nowMs));
    story.run(call({ answerMs: expiresMs, nowMs }));
    const by = { author: 'ann', reason: 'r', amountMicros: EUR, nowMs } as const;
    story.run({ kind: 'adjust-credit', adjustmentId: 'a', direction: 'debit', ...by });
    story.run({ kind: 'refund-purchase', refundId: 'r', purchaseId: 'open', cause: 'refund', ...by });
    expect(story.lots).toEqual(['old 5', 'open 6']);
    expect(typesOf(story.run(expireDue(nowMs + HOUR_MS)))).toEqual(['ReservationExpired.v1', 'LotExpired.v1']);
    expect(story.lots).toEqual(['open 6']);
  });
});
