// Whatever is asked of an account, in whatever order: its balance is the plain sum, no call is debited twice, at most one
// auto-recharge is open, and folding what was stored gives the account that wrote it.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialAccount, pendingRechargeMicros, type Account } from './account.js';
import { record, type PlacedEvent } from './codec.js';
import type { LedgerCommand } from './commands.js';
import { ledgerDecider } from './decider.js';
import { decide } from './decide.js';
import { mentionedCall, type LedgerEvent } from './events.js';
import { cdrFacts, chargeOf, debit, EUR, NOON_MS } from './fixtures.js';
import { isLedgerRejection } from './rejections.js';
import { accountFromSnapshot, snapshotOf } from './snapshot.js';

const DAY_MS = 86_400_000;
const cents = fc.integer({ min: 0, max: 3_000 }).map((value) => BigInt(value) * 10_000n);

/** One step: hours that pass, and what is then asked. Few ids, so that repeats and conflicts are common. */
const step = fc.record({
  hours: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: -2, max: 30 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
  ),
  ask: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('debit' as const),
        id: fc.nat(25),
        other: fc.boolean(),
        amount: cents,
        ageHours: fc.integer({ min: -1, max: 900 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('purchase' as const), id: fc.nat(5), amount: cents }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('policy' as const), trigger: cents, amount: cents, off: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('by-hand' as const), id: fc.nat(3), amount: cents }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('rerate' as const), id: fc.nat(25), amount: cents }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('attempt' as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('outcome' as const), paid: fc.boolean(), retry: fc.boolean() }) },
  ),
});
type Ask = (typeof step extends fc.Arbitrary<infer S> ? S : never)['ask'];

function commandOf(ask: Ask, nowMs: number, account: Account, told: readonly LedgerEvent[]): LedgerCommand {
  const [rechargeId, recharge] = [...account.recharges].findLast(([, { status }]) => status === 'open') ?? ['none', undefined];
  switch (ask.kind) {
    case 'debit': {
      const answerTime = new Date(nowMs - ask.ageHours * 3_600_000).toISOString();
      return debit(ask.amount, { id: `cdr-${ask.id}`, fingerprint: ask.other ? 'f1:other' : 'f1:same', answerTime }, { nowMs });
    }
    case 'purchase':
      return {
        kind: 'purchase-credit',
        nowMs,
        purchaseId: `p-${ask.id}`,
        amountMicros: ask.amount,
        origin: { kind: 'invoice', reference: 'i' },
      };
    case 'policy':
      return {
        kind: 'set-auto-recharge',
        nowMs,
        policy: ask.off ? null : { triggerMicros: ask.trigger, amountMicros: ask.amount },
      };
    case 'by-hand':
      return { kind: 'request-recharge', nowMs, rechargeId: `h-${ask.id}`, amountMicros: ask.amount };
    case 'rerate': {
      // Sometimes none, and then the first event, which is no debit.
      const isIt = (event: LedgerEvent): boolean => event.type === 'CallDebited.v1' && event.data.cdr.id === `cdr-${ask.id}`;
      const revision = Math.max(0, told.findLastIndex(isIt));
      const { id, source, generation } = mentionedCall(told[revision] as LedgerEvent) ?? cdrFacts();
      const by = { author: 'auditor', rerateId: 'rerate-1' };
      return { kind: 'rerate-call', nowMs, revision, cdr: { id, source, generation }, charge: chargeOf(ask.amount), ...by };
    }
    case 'attempt':
      return { kind: 'attempt-payment', nowMs, rechargeId };
    case 'outcome': {
      const outcome = ask.paid
        ? ({ paid: true, paymentReference: rechargeId } as const)
        : ({ paid: false, code: 'declined', class: ask.retry ? 'soft' : 'hard' } as const);
      return { kind: 'record-payment', nowMs, rechargeId, attempt: recharge?.attempt ?? 1, outcome };
    }
  }
}

const SIGNS: Readonly<Record<string, bigint>> = {
  'CreditPurchased.v1': 1n,
  'CallDebited.v1': -1n,
  'CallReversed.v1': 1n,
  'LotExpired.v1': -1n,
};
/** Exact without any of the ledger's own arithmetic: cents are enough for these amounts. */
const centsOf = (amount: string) => BigInt(Math.round(Number(amount) * 100));

test('any story of an account adds up', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let account = initialAccount('acme');
      const stored: PlacedEvent[] = [];
      const told: LedgerEvent[] = [];
      const run = (command: LedgerCommand): void => {
        const informed = ledgerDecider.withEvidence(
          command,
          ledgerDecider.evidenceFor(command, account).map((revision) => stored[revision] as PlacedEvent),
        );
        const decided = decide(informed, account);
        if (isLedgerRejection(decided)) return;
        const recorded = record(account, decided);
        for (const event of recorded.stored) stored.push({ ...event, stream: 'credit-acme', revision: stored.length });
        told.push(...decided);
        account = ledgerDecider.settle(recorded.account);
      };
      let nowMs = NOON_MS;
      run({ kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 });
      for (const { hours, ask } of steps) {
        nowMs += hours * 3_600_000;
        run(commandOf(ask, nowMs, account, told));
      }
      const sum = told.reduce(
        (total, { type, data }) => total + ('amount' in data ? (SIGNS[type] ?? 0n) * centsOf(data.amount) : 0n),
        0n,
      );
      expect(account.balanceMicros).toBe(sum * (EUR / 100n));
      expect(account.credit.lots.length === 0 || account.credit.overdraftMicros === 0n).toBe(true);
      // A switch may use an id again once the window has forgotten it; the call itself, told by its answer time, never counts twice.
      const debited = told.flatMap((event) =>
        event.type === 'CallDebited.v1' ? `${event.data.cdr.id} ${event.data.effectiveAt} ${event.data.cdr.generation}` : [],
      );
      expect(new Set(debited).size).toBe(debited.length);
      const open = [...account.recharges.values()].filter(({ status, cause }) => status === 'open' && cause === 'auto');
      expect(open.length).toBeLessThanOrEqual(1);
      expect(pendingRechargeMicros(account)).toBeGreaterThanOrEqual(0n);
      const refolded = stored.reduce(ledgerDecider.evolve, initialAccount('acme'));
      expect(refolded).toEqual(account);
      expect(accountFromSnapshot('acme', snapshotOf(account))).toEqual(account);
      const latest = Math.max(...told.map(({ data }) => Date.parse(data.recordedAt)));
      expect(account.windowFloorMs).toBe(Math.max(0, latest - 35 * DAY_MS));
    }),
    { numRuns: 500 },
  );
});
