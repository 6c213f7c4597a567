// Rules of auto-recharge (design 8.5): when it asks, what holds it back, how declines end, and the alarm when money goes too fast.

import { describe, expect, test } from '@jest/globals';
import type { AutoRecharge, DeclineClass, LedgerCommand } from './commands.js';
import { EUR, NOON_MS, only, OPEN, purchase, typesOf } from './fixtures.js';
import { call, DAY_MS, expireDue, HOUR_MS, MINUTE_MS, prices, Story, terms } from './rules.fixtures.js';

type Policy = Partial<AutoRecharge>;
function auto(change: Policy = {}, nowMs = NOON_MS): LedgerCommand {
  return { kind: 'set-auto-recharge', nowMs, policy: { triggerMicros: 10n * EUR, amountMicros: 20n * EUR, ...change } };
}

/** One euro below the trigger: a recharge is in flight. */
function belowTrigger(change: Policy = {}): { story: Story; rechargeId: string } {
  const story = new Story(OPEN, purchase(10n * EUR), auto(change));
  return { story, rechargeId: only('RechargeRequested.v1', story.run(call())).rechargeId };
}

function attempt(rechargeId: string, nowMs: number): LedgerCommand {
  return { kind: 'attempt-payment', nowMs, rechargeId };
}

function decline(rechargeId: string, nth: number, declineClass: DeclineClass, nowMs: number): LedgerCommand {
  const outcome = { paid: false, code: 'declined', class: declineClass } as const;
  return { kind: 'record-payment', nowMs, rechargeId, attempt: nth, outcome };
}

function pay(rechargeId: string, nth: number, nowMs: number): LedgerCommand {
  return { kind: 'record-payment', nowMs, rechargeId, attempt: nth, outcome: { paid: true, paymentReference: 'pay' } };
}

/** Declines so often that the recharge fails. Returns when. */
function failSoftly(story: Story, rechargeId: string, fromMs: number): number {
  let nowMs = fromMs;
  for (const [nth, hours] of [1, 6, 24, 0].entries()) {
    story.run(attempt(rechargeId, nowMs));
    story.run(decline(rechargeId, nth + 1, 'soft', nowMs));
    nowMs += hours * HOUR_MS;
  }
  return nowMs;
}

const openOf = ({ account }: Story): string =>
  [...account.recharges].find(([, { status }]) => status === 'open')?.[0] ?? 'none in flight';

describe('8.5 auto-recharge is a level', () => {
  test('strictly below the trigger it asks, once, whatever is spent meanwhile', () => {
    const story = new Story(OPEN, purchase(11n * EUR), auto());
    expect(typesOf(story.run(call({ id: '1' })))).toEqual(['CallDebited.v1']);
    expect(typesOf(story.run(call({ id: '2' })))).toEqual(['CallDebited.v1', 'RechargeRequested.v1']);
    expect(typesOf(story.run(call({ id: '3', usageSeconds: 6000 })))).toEqual(['CallDebited.v1']);
  });

  test('after a success that does not lift the credit to the trigger it asks again in the same append', () => {
    const { story, rechargeId } = belowTrigger();
    story.run(call({ id: '2', usageSeconds: 6000 }));
    story.run(attempt(rechargeId, NOON_MS));
    const events = story.run(pay(rechargeId, 1, NOON_MS + HOUR_MS));
    expect(typesOf(events)).toEqual(['RechargeSucceeded.v1', 'CreditPurchased.v1', 'RechargeRequested.v1']);
  });

  test('asks for a fixed amount, or for what is missing to a target, and then at least that amount', () => {
    const asked = (targetMicros: bigint | null, perMinute: string) => {
      const story = new Story(OPEN, purchase(10n * EUR), auto({ targetMicros }));
      return only('RechargeRequested.v1', story.run(call({ timeline: prices([[0, perMinute]]) }))).amount;
    };
    expect(asked(null, '1')).toBe('20');
    expect(asked(50n * EUR, '6.5441')).toBe('46.55');
    expect(asked(12n * EUR, '1')).toBe('20');
  });

  test('is set to amounts that can be paid, a target not below its trigger, caps not below its amount', () => {
    const story = new Story(OPEN);
    const code = (change: Policy) => story.refusal(auto(change));
    expect(code({ amountMicros: 12_345_000n })).toBe('amount-invalid');
    expect(code({ targetMicros: 9n * EUR })).toBe('amount-invalid');
    expect(code({ maxPerHourMicros: 19n * EUR })).toBe('amount-invalid');
    expect(code({ maxPerMonthMicros: 19n * EUR })).toBe('amount-invalid');
    expect(code({ triggerMicros: -1n })).toBe('amount-invalid');
    expect(code({})).toBeUndefined();
  });
});

describe('8.5 caps', () => {
  /** Spends more than each recharge brings, and pays each at once. */
  const spendAndPay = (story: Story, nth: number, nowMs: number): readonly string[] => {
    const asked = typesOf(story.run(call({ id: `${nth}`, usageSeconds: 1200, answerMs: nowMs, nowMs })));
    if (!asked.includes('RechargeRequested.v1')) return asked;
    const rechargeId = openOf(story);
    story.run(attempt(rechargeId, nowMs));
    return [...asked, ...typesOf(story.run(pay(rechargeId, 1, nowMs)))];
  };

  test('within any sixty minutes no more is asked for; an alarm says so once an hour, and time ends it', () => {
    const story = new Story(OPEN, purchase(10n * EUR), auto({ maxPerHourMicros: 40n * EUR }));
    expect(spendAndPay(story, 1, NOON_MS)).toContain('CreditPurchased.v1');
    expect(spendAndPay(story, 2, NOON_MS + MINUTE_MS)).toContain('CreditPurchased.v1');
    const third = story.run(call({ id: '3', usageSeconds: 1200, answerMs: NOON_MS, nowMs: NOON_MS + 2 * MINUTE_MS }));
    expect(only('BurstDetected.v1', third)).toMatchObject({ cause: 'recharge-cap', limit: '40', spent: '60' });
    expect(story.run(expireDue(NOON_MS + 50 * MINUTE_MS))).toEqual([]);
    expect(typesOf(story.run(expireDue(NOON_MS + HOUR_MS)))).toEqual(['RechargeRequested.v1']);
  });

  test('within a calendar month no more is asked for, and the next month begins anew', () => {
    const story = new Story(OPEN, purchase(10n * EUR), auto({ maxPerMonthMicros: 20n * EUR }));
    spendAndPay(story, 1, NOON_MS);
    const later = NOON_MS + 5 * DAY_MS;
    const second = story.run(call({ id: '2', usageSeconds: 1200, answerMs: later, nowMs: later }));
    expect(only('BurstDetected.v1', second)).toMatchObject({ cause: 'recharge-cap', limit: '20', spent: '40' });
    const april = story.run(expireDue(Date.parse('2026-04-01T00:00:00.000Z')));
    expect(typesOf(april)).toEqual(['PeriodClosed.v1', 'RechargeRequested.v1']);
  });

  test('leave a recharge up to a target what they allow, as long as it is the least amount', () => {
    const { story } = belowTrigger({ targetMicros: 100n * EUR, maxPerHourMicros: 50n * EUR });
    expect(story.account.recharges.get(openOf(story))?.amountMicros).toBe(50n * EUR);
  });

  test('count what was asked for and is open or paid, not what has failed', () => {
    const { story, rechargeId } = belowTrigger({ maxPerMonthMicros: 20n * EUR });
    const failedAt = failSoftly(story, rechargeId, NOON_MS + MINUTE_MS);
    expect(typesOf(story.run(expireDue(failedAt + DAY_MS)))).toEqual(['RechargeRequested.v1']);
  });
});

describe('8.5 declines', () => {
  test('soft: the same recharge waits 1 h, 6 h and 24 h, and its fourth decline fails it', () => {
    const { story, rechargeId } = belowTrigger();
    let nowMs = NOON_MS + MINUTE_MS;
    for (const [nth, hours] of [1, 6, 24].entries()) {
      expect(only('PaymentAttempted.v1', story.run(attempt(rechargeId, nowMs))).attempt).toBe(nth + 1);
      const retryAt = new Date(nowMs + hours * HOUR_MS).toISOString();
      expect(only('PaymentDeclined.v1', story.run(decline(rechargeId, nth + 1, 'soft', nowMs)))).toMatchObject({ retryAt });
      nowMs += hours * HOUR_MS;
      expect(story.refusal(attempt(rechargeId, nowMs - 1))).toBe('payment-retry-not-due');
    }
    story.run(attempt(rechargeId, nowMs));
    const failed = only('RechargeFailed.v1', story.run(decline(rechargeId, 4, 'soft', nowMs)));
    expect(failed).toMatchObject({ attempt: 4, autoRechargeSuspended: false });
  });

  test('after a failed recharge the next is asked for a day later; the third in a row suspends', () => {
    const { story, rechargeId } = belowTrigger();
    let [failing, nowMs] = [rechargeId, NOON_MS + MINUTE_MS];
    for (const isLast of [false, false, true]) {
      nowMs = failSoftly(story, failing, nowMs);
      expect(story.account.autoRechargeSuspended).toBe(isLast);
      expect(story.run(expireDue(nowMs + DAY_MS - 1)).map(({ type }) => type)).not.toContain('RechargeRequested.v1');
      const asked = typesOf(story.run(expireDue(nowMs + DAY_MS)));
      expect(asked.includes('RechargeRequested.v1')).toBe(!isLast);
      [failing, nowMs] = [openOf(story), nowMs + DAY_MS];
    }
    const resumed = story.run({ kind: 'resume-auto-recharge', nowMs, author: 'ann' });
    expect(typesOf(resumed)).toEqual(['AutoRechargeResumed.v1', 'RechargeRequested.v1']);
    expect(story.account.failuresInRow).toBe(0);
    expect(story.run({ kind: 'resume-auto-recharge', nowMs, author: 'ann' })).toEqual([]);
  });

  test('a success between breaks the row', () => {
    const { story, rechargeId } = belowTrigger();
    const failedAt = failSoftly(story, rechargeId, NOON_MS + MINUTE_MS);
    story.run(expireDue(failedAt + DAY_MS));
    story.run(attempt(openOf(story), failedAt + DAY_MS));
    story.run(pay(openOf(story), 1, failedAt + DAY_MS));
    expect(story.account.failuresInRow).toBe(0);
  });

  test('hard: stops at once, and nothing is asked for until a person resumes', () => {
    const { story, rechargeId } = belowTrigger();
    story.run(attempt(rechargeId, NOON_MS));
    const failed = only('RechargeFailed.v1', story.run(decline(rechargeId, 1, 'hard', NOON_MS)));
    expect(failed).toMatchObject({ autoRechargeSuspended: true, code: 'declined' });
    expect(story.run(expireDue(NOON_MS + 10 * DAY_MS))).toEqual([]);
    expect(story.refusal(attempt(rechargeId, NOON_MS + 10 * DAY_MS))).toBe('recharge-closed');
  });

  test('authentication: the holder has a day', () => {
    const { story, rechargeId } = belowTrigger();
    story.run(attempt(rechargeId, NOON_MS + MINUTE_MS));
    const declined = only('PaymentDeclined.v1', story.run(decline(rechargeId, 1, 'authentication', NOON_MS + MINUTE_MS)));
    expect(declined.retryAt).toBe(new Date(NOON_MS + MINUTE_MS + DAY_MS).toISOString());
  });

  test('of a purchase by hand: the first soft one fails it, and suspends nothing', () => {
    const story = new Story(OPEN, purchase(10n * EUR), auto());
    const rechargeId = 'hand';
    story.run({ kind: 'request-recharge', nowMs: NOON_MS, rechargeId, amountMicros: 20n * EUR });
    story.run(attempt(rechargeId, NOON_MS));
    expect(only('RechargeFailed.v1', story.run(decline(rechargeId, 1, 'soft', NOON_MS)))).toMatchObject({
      autoRechargeSuspended: false,
    });
    expect(story.account).toMatchObject({ failuresInRow: 0, autoRechargeSuspended: false, rechargeFromMs: 0 });
  });

  test('what is bought by hand says nothing of the card that auto-recharge uses', () => {
    const { story, rechargeId } = belowTrigger();
    const failedAt = failSoftly(story, rechargeId, NOON_MS + MINUTE_MS);
    story.run({ kind: 'request-recharge', nowMs: failedAt, rechargeId: 'hand', amountMicros: EUR });
    story.run(attempt('hand', failedAt));
    expect(typesOf(story.run(pay('hand', 1, failedAt)))).toEqual(['RechargeSucceeded.v1', 'CreditPurchased.v1']);
    expect(story.account).toMatchObject({ failuresInRow: 1, rechargeFromMs: failedAt + DAY_MS });
  });

  test('money that was taken after all is credited once, and ends the wait', () => {
    const { story, rechargeId } = belowTrigger();
    const failedAt = failSoftly(story, rechargeId, NOON_MS + MINUTE_MS);
    expect(typesOf(story.run(pay(rechargeId, 4, failedAt)))).toEqual(['RechargeSucceeded.v1', 'CreditPurchased.v1']);
    expect(story.run(pay(rechargeId, 4, failedAt))).toEqual([]);
    expect(story.account).toMatchObject({ failuresInRow: 0, rechargeFromMs: 0, balanceMicros: 29n * EUR });
  });
});

describe('the burst alarm', () => {
  test('is raised once a clock hour, when more than the limit was spent in it', () => {
    const story = new Story(OPEN, terms({ burstLimit: '5' }), purchase(100n * EUR));
    const spend = (id: string, minutes: number, nowMs: number) =>
      typesOf(story.run(call({ id, usageSeconds: minutes * 60, answerMs: NOON_MS, nowMs })));
    expect(spend('1', 5, NOON_MS)).toEqual(['CallDebited.v1']);
    expect(spend('2', 1, NOON_MS + MINUTE_MS)).toEqual(['CallDebited.v1', 'BurstDetected.v1']);
    expect(spend('3', 60, NOON_MS + 2 * MINUTE_MS)).toEqual(['CallDebited.v1']);
    expect(spend('4', 5, NOON_MS + HOUR_MS)).toEqual(['CallDebited.v1']);
    expect(spend('5', 1, NOON_MS + HOUR_MS)).toEqual(['CallDebited.v1', 'BurstDetected.v1']);
  });

  test('is not raised by a call that is debited again', () => {
    const story = new Story(OPEN, terms({ burstLimit: '5' }), purchase(100n * EUR));
    const { charge, cdr } = call({ usageSeconds: 240 });
    const revision = story.stored.length;
    story.run(call({ usageSeconds: 240 }));
    const again = { ...charge, amountMicros: 3n * EUR };
    const by = { author: 'ann', rerateId: 'r', revision, nowMs: NOON_MS + 2 * MINUTE_MS };
    expect(typesOf(story.run({ kind: 'rerate-call', cdr, charge: again, ...by }))).toEqual(['CallReversed.v1', 'CallDebited.v1']);
  });
});
