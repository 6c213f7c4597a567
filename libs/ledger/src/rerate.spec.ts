// Rerating: a debit and another charge for its call; then the reversal and the new debit, where the money goes, and what is refused.

import { describe, expect, test } from '@jest/globals';
import { initialAccount, planAt, settle, type Account } from './account.js';
import { record, type PlacedEvent } from './codec.js';
import type { LedgerCommand, RerateCall } from './commands.js';
import { decide } from './decide.js';
import { ledgerDecider } from './decider.js';
import type { LedgerEvent } from './events.js';
import { autoRecharge, chargeOf, debit, EUR, NOON_MS, only, OPEN, purchase, typesOf } from './fixtures.js';
import { isLedgerRejection } from './rejections.js';

const DAY_MS = 86_400_000;

/** An account with its stream, so that evidence is what stands there. */
class Story {
  account: Account = initialAccount('acme');
  readonly stored: PlacedEvent[] = [];

  constructor(...commands: readonly LedgerCommand[]) {
    for (const command of commands) this.run(command);
  }

  run(command: LedgerCommand): readonly LedgerEvent[] {
    const revisions = ledgerDecider.evidenceFor(command, this.account);
    const informed = ledgerDecider.withEvidence(
      command,
      revisions.map((revision) => this.stored[revision] as PlacedEvent),
    );
    const decided = decide(informed, this.account);
    if (isLedgerRejection(decided)) throw new Error(decided.code);
    const { account, stored } = record(this.account, decided);
    for (const event of stored) this.stored.push({ ...event, stream: 'credit-acme', revision: this.stored.length });
    this.account = settle(account);
    return decided;
  }

  /** The call's latest debit again, at another amount. */
  rerate(amountMicros: bigint, change: Partial<RerateCall> = {}): readonly LedgerEvent[] {
    const revision = this.stored.findLastIndex(({ type }) => type === 'CallDebited.v1');
    const [standing] = this.stored.slice(revision);
    if (standing === undefined) throw new Error('nothing was debited yet');
    const { generation } = standing.data['cdr'] as unknown as { readonly generation: number };
    return this.run({
      kind: 'rerate-call',
      nowMs: NOON_MS,
      revision,
      cdr: { id: 'cdr-1', source: 'sbc-paris', generation },
      charge: chargeOf(amountMicros),
      author: 'auditor',
      rerateId: 'r-1',
      ...change,
    });
  }

  get lots(): readonly string[] {
    return this.account.credit.lots.map(({ lotId, remainingMicros }) => `${lotId} ${remainingMicros / 10_000n}`);
  }
}

describe('a debit at another charge', () => {
  test('is reversed and debited anew, linked, in one append, at the call’s own instant', () => {
    const story = new Story(OPEN, purchase(10n * EUR), debit(3n * EUR));
    const events = story.rerate(EUR);
    expect(typesOf(events)).toEqual(['CallReversed.v1', 'CallDebited.v1']);
    expect(only('CallReversed.v1', events)).toMatchObject({
      amount: '3',
      author: 'auditor',
      balance: '10',
      cdr: { generation: 0, id: 'cdr-1', source: 'sbc-paris' },
      effectiveAt: '2026-03-03T11:50:00.000Z',
      lots: [{ amount: '3', lotId: 'purchase-1' }],
      newLot: null,
      overdraftRepaid: '0',
      posting: { amount: '3', debit: 'call-revenue', credit: 'tenant-credit' },
      rerateId: 'r-1',
      reversedRevision: 2,
    });
    expect(only('CallDebited.v1', events)).toMatchObject({
      amount: '1',
      balance: '9',
      cdr: { generation: 1, id: 'cdr-1' },
      effectiveAt: '2026-03-03T11:50:00.000Z',
      lots: [{ amount: '1', lotId: 'purchase-1' }],
      replaces: 2,
    });
  });

  test('again is nothing; at a third charge it is the third generation', () => {
    const story = new Story(OPEN, purchase(10n * EUR), debit(3n * EUR));
    story.rerate(EUR);
    expect(story.rerate(EUR)).toEqual([]);
    const first = { revision: 2, cdr: { id: 'cdr-1', source: 'sbc-paris', generation: 0 } };
    expect(story.rerate(2n * EUR, first)).toEqual([]);
    expect(only('CallDebited.v1', story.rerate(2n * EUR))).toMatchObject({ cdr: { generation: 2 }, replaces: 4, balance: '8' });
  });

  test('long after the intake window is found by its revision', () => {
    const story = new Story(OPEN, purchase(10n * EUR), debit(3n * EUR), purchase(EUR, 'later', NOON_MS + 90 * DAY_MS));
    expect(story.account.knownCalls.size).toBe(0);
    expect(only('CallDebited.v1', story.rerate(EUR, { nowMs: NOON_MS + 90 * DAY_MS }))).toMatchObject({ balance: '10' });
  });

  test('keeps the CDR known: the switch’s repeat is still a duplicate', () => {
    const story = new Story(OPEN, purchase(10n * EUR), debit(3n * EUR));
    story.rerate(EUR);
    expect(story.run(debit(3n * EUR))).toEqual([]);
  });

  test('asks for a recharge by the net, never by the balance in between', () => {
    const story = new Story(OPEN, purchase(10n * EUR), debit(EUR), autoRecharge(8n * EUR, 20n * EUR));
    expect(typesOf(story.rerate(3n * EUR))).toEqual(['CallReversed.v1', 'CallDebited.v1', 'RechargeRequested.v1']);
    const fine = new Story(OPEN, purchase(10n * EUR), debit(EUR), autoRecharge(8n * EUR, 20n * EUR));
    expect(typesOf(fine.rerate(2n * EUR))).toEqual(['CallReversed.v1', 'CallDebited.v1']);
  });
});

describe('where the money goes', () => {
  test('a lot that was drawn empty is open again, with its own expiry', () => {
    const story = new Story(OPEN, purchase(2n * EUR, 'old', NOON_MS - 5 * DAY_MS), purchase(10n * EUR, 'new'), debit(5n * EUR));
    expect(story.lots).toEqual(['new 700']);
    const expiresAt = '2027-03-03T11:00:00.000Z';
    expect(only('CallReversed.v1', story.rerate(EUR)).lots[0]).toEqual({ amount: '2', expiresAt, lotId: 'old' });
    expect(story.lots).toEqual(['old 100', 'new 1000']);
  });

  test('the new debit draws on what was restored first, although another lot expires sooner', () => {
    const story = new Story(OPEN, purchase(5n * EUR, 'late', NOON_MS), debit(5n * EUR), purchase(5n * EUR, 'soon', NOON_MS));
    const [late] = story.account.credit.emptied;
    story.account = {
      ...story.account,
      credit: { ...story.account.credit, emptied: [{ ...late!, expiresAtMs: NOON_MS + 400 * DAY_MS }] },
    };
    expect(only('CallDebited.v1', story.rerate(6n * EUR)).lots).toEqual([
      { amount: '5', lotId: 'late' },
      { amount: '1', lotId: 'soon' },
    ]);
  });

  test('what belongs to an expired lot becomes a new lot of full term', () => {
    const story = new Story(OPEN, purchase(5n * EUR, 'old'), debit(3n * EUR));
    const nowMs = NOON_MS + 400 * DAY_MS;
    const events = story.rerate(EUR, { nowMs });
    expect(typesOf(events)).toEqual(['PeriodClosed.v1', 'LotExpired.v1', 'CallReversed.v1', 'CallDebited.v1']);
    const newLot = { amount: '3', expiresAt: '2028-04-07T12:00:00.000Z', lotId: 'acme.5' };
    expect(only('CallReversed.v1', events)).toMatchObject({ lots: [], newLot, balance: '3' });
    expect(story.lots).toEqual(['acme.5 200']);
  });

  test('overdraft that stands takes it first', () => {
    const story = new Story(OPEN, purchase(2n * EUR), debit(5n * EUR));
    const events = story.rerate(4n * EUR);
    expect(only('CallReversed.v1', events)).toMatchObject({ overdraftRepaid: '3', lots: [{ amount: '2' }], balance: '2' });
    expect(only('CallDebited.v1', events)).toMatchObject({ lots: [{ amount: '2' }], overdraft: '2', balance: '-2' });
  });

  test('overdraft that a purchase has repaid becomes a new lot', () => {
    const story = new Story(OPEN, debit(5n * EUR), purchase(8n * EUR, 'repays', NOON_MS));
    expect(only('CallReversed.v1', story.rerate(EUR))).toMatchObject({ overdraftRepaid: '0', newLot: { amount: '5' } });
    expect(story.lots).toEqual(['repays 300', 'acme.3 400']);
  });

  test('a debit of nothing is turned round without a posting', () => {
    const story = new Story(OPEN, purchase(EUR), debit(0n));
    expect(only('CallReversed.v1', story.rerate(EUR))).toMatchObject({ amount: '0', posting: null, lots: [], newLot: null });
  });
});

describe('what is refused', () => {
  test('debit-unknown: another CDR, or no debit, stands at the revision', () => {
    const story = new Story(OPEN, purchase(EUR), debit(EUR));
    expect(() => story.rerate(EUR, { revision: 1 })).toThrow('debit-unknown');
    expect(() => story.rerate(EUR, { cdr: { id: 'other', source: 'sbc-paris', generation: 0 } })).toThrow('debit-unknown');
  });

  test('currency-mismatch and plan-mismatch: a charge that is not the account’s', () => {
    const story = new Story(OPEN, purchase(EUR), debit(EUR));
    expect(() => story.rerate(EUR, { charge: chargeOf(EUR, 'USD') })).toThrow('currency-mismatch');
    expect(() => story.rerate(EUR, { charge: { ...chargeOf(EUR), plan: 'gold' } })).toThrow('plan-mismatch');
  });
});

describe('a plan that changes', () => {
  const change = (plan: string, from: string): LedgerCommand => ({
    kind: 'change-plan',
    nowMs: NOON_MS,
    plan,
    fromMs: Date.parse(from),
  });

  test('counts for calls answered from its instant on, also one past; the same again is nothing', () => {
    const story = new Story(OPEN, change('gold', '2026-03-01T00:00:00.000Z'), change('silver', '2026-04-01T00:00:00.000Z'));
    const at = (instant: string) => planAt(story.account, Date.parse(instant));
    expect(['2020-01-01', '2026-02-28T23:59:59.999Z', '2026-03-01', '2026-05-01'].map(at)).toEqual([
      'default',
      'default',
      'gold',
      'silver',
    ]);
    expect(story.run(change('gold', '2026-03-01T00:00:00.000Z'))).toEqual([]);
    expect(story.run(change('gold', '2026-03-15T00:00:00.000Z'))).toEqual([]);
  });

  test('refuses a charge by the plan before', () => {
    const story = new Story(OPEN, change('gold', '2026-03-01T00:00:00.000Z'));
    expect(() => story.run(debit(EUR))).toThrow('plan-mismatch');
    expect(typesOf(story.run(debit(EUR, {}, { charge: { ...chargeOf(EUR), plan: 'gold' } })))).toEqual(['CallDebited.v1']);
  });
});

describe('a CDR older than the intake window', () => {
  const old = (absentThrough?: number) =>
    debit(EUR, { answerTime: '2026-01-01T00:00:00.000Z' }, absentThrough === undefined ? {} : { absentThrough });

  test('is taken when the stream was read and does not hold it', () => {
    const story = new Story(OPEN, purchase(EUR));
    expect(() => story.run(old())).toThrow('cdr-too-old');
    expect(typesOf(story.run(old(1)))).toEqual(['CallDebited.v1']);
    expect(story.run(old(1))).toEqual([]);
  });

  test('is not taken on the word of a reader who is ahead of this account', () => {
    expect(() => new Story(OPEN).run(old(7))).toThrow('cdr-too-old');
  });
});
