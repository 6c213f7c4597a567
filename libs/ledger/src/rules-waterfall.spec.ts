// Rules of who may call and who pays (design 8.1, 8.3, 8.4, 8.7, 8.9, 8.10): for each, what a request to authorise is answered, and
// what the CDR of the same call is debited and marked with.

import { describe, expect, test } from '@jest/globals';
import type { LedgerCommand } from './commands.js';
import type { DialOutPolicy, Licence } from './entitlements.js';
import { EUR, NOON_MS, only, OPEN, purchase } from './fixtures.js';
import { CALL_REFUSAL_CODES, type CallRefusalCode } from './rejections.js';
import { authorise, call, DAY_MS, HOUR_MS, licences, policy, prices, Story, terms } from './rules.fixtures.js';

type Asked = Parameters<typeof call>[0] & Parameters<typeof authorise>[0];

/** What both ways of asking come to: the refusal of the request, and the mark on the CDR, with who paid. */
function judged(story: Story, asked: Asked = {}): string {
  const refusal = story.refusal(authorise(asked));
  const debited = only('CallDebited.v1', new Story(...commandsOf(story)).run(call(asked)));
  if ((refusal ?? null) !== debited.unauthorised) throw new Error(`refused ${refusal}, marked ${debited.unauthorised}`);
  return refusal ?? debited.coverage ?? 'nobody';
}

const commandsBy = new WeakMap<Story, readonly LedgerCommand[]>();
function storyOf(...commands: readonly LedgerCommand[]): Story {
  const story = new Story(...commands);
  commandsBy.set(story, commands);
  return story;
}
function commandsOf(story: Story): readonly LedgerCommand[] {
  return commandsBy.get(story) ?? [];
}

const CC: readonly Licence[] = ['communications-credits'];
const to = (destinationCountry: string | null) => ({ traits: { destinationCountry } });

describe('8.1 the balance of the tenant pays for', () => {
  const funded = storyOf(OPEN, purchase(100n * EUR), licences('ann', 'FR', ['calling-plan-120', 'audio-conferencing']));
  test.each<[string, Asked]>([
    [
      'toll-free inbound',
      { category: 'toll-free-inbound', traits: { direction: 'inbound', destinationCountry: null, users: [] } },
    ],
    ['conference dial-out beyond Zone A', { category: 'conference-dial-out', ...to('MA') }],
    ['conference dial-out to a number of no country', { category: 'conference-dial-out', ...to(null) }],
    ['call-me to a destination that is not included', { category: 'call-me', ...to('MA') }],
    ['an international call of a user with a domestic plan', to('US')],
    ['a call of a user without a plan', { traits: { users: ['bob'] } }],
    ['a call that nobody is known to have made', { traits: { users: [] } }],
  ])('%s', (_, asked) => {
    expect(judged(funded, asked)).toBe('credit');
  });

  test('what goes beyond the included minutes', () => {
    const story = storyOf(
      OPEN,
      purchase(EUR),
      licences('ann', 'FR', ['calling-plan-120']),
      call({ id: '0', usageSeconds: 7200 }),
    );
    expect(judged(story)).toBe('credit');
  });
});

describe('8.3 who may draw on the balance, where licences are required', () => {
  const withLicences = (...held: readonly Licence[]) =>
    storyOf(OPEN, purchase(100n * EUR), terms({ licensing: 'required' }), licences('ann', 'FR', held));
  const dialOut = { category: 'conference-dial-out', ...to('MA') };

  test('a user needs a Communications Credits licence', () => {
    expect(judged(withLicences('pay-as-you-go'))).toBe('NO_LICENCE');
    expect(judged(withLicences('pay-as-you-go', 'communications-credits'))).toBe('credit');
  });

  test('a resource account does not', () => {
    expect(judged(withLicences('resource-account'))).toBe('credit');
  });

  test('pay-per-minute conferencing does not, for conference legs only', () => {
    expect(judged(withLicences('pay-per-minute-conferencing'), dialOut)).toBe('credit');
    expect(judged(withLicences('pay-per-minute-conferencing'))).toBe('NO_LICENCE');
  });

  test('a pool is used without it, and inbound calls need none', () => {
    expect(judged(withLicences('calling-plan-120'))).toBe('pool');
    expect(judged(withLicences(), { category: 'toll-inbound', traits: { direction: 'inbound' } })).toBe('credit');
  });

  test('by default nobody needs one', () => {
    expect(judged(storyOf(OPEN, purchase(EUR)))).toBe('credit');
  });

  test('the licences are those of the answer, whatever has been assigned since', () => {
    const story = withLicences('communications-credits');
    story.run({ ...licences('ann', 'FR', [], NOON_MS + HOUR_MS), nowMs: NOON_MS + 2 * HOUR_MS });
    const at = (answerMs: number, id: string) =>
      only('CallDebited.v1', story.run(call({ id, answerMs, nowMs: NOON_MS + DAY_MS }))).unauthorised;
    expect([at(NOON_MS, '1'), at(NOON_MS + HOUR_MS, '2')]).toEqual([null, 'NO_LICENCE']);
  });
});

describe('8.4 the dial-out policy', () => {
  const allowed = (story: Story) =>
    ['FR', 'DE', 'MA', null].map((country) => (judged(story, to(country)) === 'POLICY' ? '-' : (country ?? 'other')));
  test.each<[DialOutPolicy, readonly string[]]>([
    ['any', ['FR', 'DE', 'MA', 'other']],
    ['same-country', ['FR', '-', '-', '-']],
    ['zone-a', ['FR', 'DE', '-', '-']],
    ['none', ['-', '-', '-', '-']],
  ])('%s of the tenant lets pass %p', (of, passes) => {
    expect(allowed(storyOf(OPEN, purchase(100n * EUR), terms({ country: 'FR' }), policy(null, of)))).toEqual(passes);
  });

  test('a user’s own goes before the tenant’s, with licences and without', () => {
    for (const held of [[], [licences('ann', 'FR', CC)]]) {
      const story = storyOf(OPEN, purchase(100n * EUR), ...held, policy(null, 'none'), policy('ann', 'any'));
      expect(judged(story)).toBe('credit');
      expect(judged(story, { traits: { users: ['bob'] } })).toBe('POLICY');
    }
  });

  test('counts from its instant on', () => {
    const story = storyOf(OPEN, purchase(EUR), policy(null, 'none', NOON_MS));
    expect(judged(story)).toBe('POLICY');
    expect(only('CallDebited.v1', story.run(call({ answerMs: NOON_MS - 1 }))).unauthorised).toBeNull();
  });

  test('emergency numbers always pass, free, whatever the policy, the balance and the price', () => {
    const story = storyOf(OPEN, terms({ licensing: 'required', country: 'IN' }), policy(null, 'none'));
    const emergency = { category: 'emergency', timeline: prices([[0, '9']]), ...to(null) };
    expect(judged(story, emergency)).toBe('emergency');
    expect(only('CallDebited.v1', story.run(call(emergency)))).toMatchObject({ amount: '0', balance: '0', posting: null });
  });

  test('does not concern calls that come in', () => {
    const inbound = { category: 'toll-free-inbound', traits: { direction: 'inbound' } } as const;
    expect(judged(storyOf(OPEN, purchase(EUR), policy(null, 'none')), inbound)).toBe('credit');
  });
});

describe('8.7 at zero or below', () => {
  const atZero = storyOf(
    OPEN,
    purchase(EUR),
    licences('ann', 'FR', ['calling-plan-120', 'audio-conferencing', 'extended-dial-out']),
    call({ id: '0', traits: { users: [], destinationCountry: 'MA' } }),
  );
  const free = prices([[0, '0']]);

  test('what credit would pay stops', () => {
    expect(atZero.account.balanceMicros).toBe(0n);
    expect(judged(atZero, to('US'))).toBe('NO_CREDIT');
  });

  test('toll-free stops although it may cost nothing; another call that costs nothing goes on', () => {
    const inbound = { category: 'toll-free-inbound', timeline: free, traits: { direction: 'inbound', users: [] } } as const;
    expect(judged(atZero, inbound)).toBe('NO_CREDIT');
    expect(judged(atZero, { timeline: free, ...to('US') })).toBe('credit');
  });

  test('pools, add-ons and emergency calls go on', () => {
    expect(judged(atZero)).toBe('pool');
    expect(judged(atZero, { category: 'conference-dial-out', ...to('CA') })).toBe('unlimited');
    expect(judged(atZero, { category: 'emergency', ...to(null) })).toBe('emergency');
  });

  test('the CDR of a refused call debits all the same, into overdraft, marked', () => {
    const debited = only('CallDebited.v1', new Story(...commandsOf(atZero)).run(call(to('US'))));
    expect(debited).toMatchObject({ amount: '1', balance: '-1', overdraft: '1', unauthorised: 'NO_CREDIT' });
  });
});

describe('8.9 where credits are not sold', () => {
  test.each('BH CN IN KZ MK NI PK RU KR TW UA'.split(' '))('%s: the credit does not pay, whoever calls; pools do', (country) => {
    const sold = storyOf(OPEN, purchase(EUR), terms({ country }));
    expect(judged(sold, { traits: { users: [] } })).toBe('NOT_AVAILABLE_IN_COUNTRY');
    const there = storyOf(OPEN, purchase(EUR), licences('ann', country, [...CC, 'calling-plan-120']));
    expect(judged(there, to('FR'))).toBe('NOT_AVAILABLE_IN_COUNTRY');
    expect(judged(there, to(country))).toBe('pool');
    expect(judged(sold, { category: 'toll-free-inbound', traits: { direction: 'inbound', users: [] } })).toBe(
      'NOT_AVAILABLE_IN_COUNTRY',
    );
  });
});

describe('8.10 a destination that is not served, or that no deck prices', () => {
  test('is not authorised; a CDR of it that was rated all the same is debited and marked', () => {
    const story = storyOf(OPEN, purchase(EUR));
    expect(judged(story, { traits: { supported: false } })).toBe('UNSUPPORTED_DESTINATION');
  });

  test('a call that is given free is a debit of nothing', () => {
    const debited = only('CallDebited.v1', storyOf(OPEN, purchase(EUR)).run(call({ timeline: prices([]) })));
    expect(debited).toMatchObject({ amount: '0', balance: '1', posting: null, unauthorised: null });
  });
});

describe('the codes of a refused call', () => {
  /** A story in which all that stands later in the list holds as well, so that the order of precedence shows. */
  const CASES: Readonly<Record<CallRefusalCode, readonly [Story, Asked]>> = (() => {
    const required = terms({ licensing: 'required' });
    const all = storyOf(OPEN, required, terms({ country: 'IN' }), policy('ann', 'none'), licences('bob', 'IN', []));
    return {
      POLICY: [all, { traits: { supported: false } }],
      UNSUPPORTED_DESTINATION: [all, { traits: { supported: false, users: ['bob'] } }],
      NOT_AVAILABLE_IN_COUNTRY: [all, { traits: { users: ['bob'] } }],
      NO_LICENCE: [storyOf(OPEN, required), {}],
      NO_CREDIT: [storyOf(OPEN, required, licences('ann', 'FR', CC)), {}],
    };
  })();

  test.each(CALL_REFUSAL_CODES)(
    '%s refuses the request and marks the CDR, before all that stand after it in the list',
    (code) => {
      expect(judged(...CASES[code])).toBe(code);
    },
  );
});
