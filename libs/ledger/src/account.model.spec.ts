// Whatever is asked of an account, in whatever order: it answers as the reference does, stands where the reference stands, and what
// stands on its stream adds up by itself. A failure prints the seed and the shortest sequence of commands that shows it.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { availableOf, initialAccount, type Account } from './account.js';
import { faultsOf } from './books.oracle.js';
import { record, type PlacedEvent } from './codec.js';
import { Reference } from './commands.reference.js';
import type { LedgerCommand } from './commands.js';
import { effectiveAtMs } from './debit-call.js';
import { decide } from './decide.js';
import { ledgerDecider } from './decider.js';
import type { LedgerEvent } from './events.js';
import { NOON_MS } from './fixtures.js';
import { commandOf, type Asked, type Draw } from './model.commands.js';
import { isLedgerRejection } from './rejections.js';
import { accountFromSnapshot, snapshotOf } from './snapshot.js';

const RUNS = Number(process.env['MODEL_RUNS'] ?? 10_000);
const MINUTE = 60_000;

/** How often each kind of command is drawn. */
const KINDS: readonly (readonly [weight: number, ...kinds: readonly string[]])[] = [
  [6, 'debit', 'authorise'],
  [4, 'debit-of-session', 'attempt', 'outcome', 'extend'],
  [3, 'terminate', 'purchase', 'licences', 'auto-recharge'],
  [2, 'rerate', 'refund', 'adjust', 'terms', 'expire-due'],
  [1, 'repeat', 'not-billable', 'by-hand', 'resume', 'policy'],
];
const kind = fc.oneof(
  ...KINDS.map(([weight, ...kinds]) => ({ weight: weight * kinds.length, arbitrary: fc.constantFrom(...kinds) })),
);
/** Minutes that pass before the command: mostly few, now and then hours, days, or months. */
const minutes = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(0, 0, 1) },
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 10 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 600 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1440, max: 20_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 40_000, max: 300_000 }) },
);
const draw: fc.Arbitrary<Draw> = fc.record({ kind, minutes, n: fc.tuple(...Array.from({ length: 5 }, () => fc.nat(15))) });

const did = (of: string, ...n: readonly number[]): Draw => ({ kind: of, minutes: 0, n });
const after = (wait: number, drawn: Draw): Draw => ({ ...drawn, minutes: wait });
const [OPEN, BUY] = [did('open'), did('purchase', 0, 3, 0, 3)];
const LICENSED = [did('licences', 0, 0, 2, 0, 3), did('licences', 1, 0, 4, 0, 3), did('licences', 2, 0, 6, 0, 3)];
const AUTO = did('auto-recharge', 0, 3, 4, 9, 0);
const FAILED = [did('attempt'), did('outcome', 0, 0, 3)];
/** Soft declines of one recharge, each attempt when the wait before it is over. */
const declined = (waits: readonly number[]): readonly Draw[] =>
  waits.flatMap((wait) => [after(wait, did('attempt')), did('outcome', 0, 0, 0)]);
const WAITS = [0, 60, 360, 1440] as const;
const FAILED_SOFTLY = [...declined(WAITS), after(1440, did('expire-due'))];
/** What an account has been through before the commands: nothing, or enough for the rarer states to be common. */
const BEGINNINGS: readonly (readonly Draw[])[] = [
  [OPEN],
  [OPEN, BUY, ...LICENSED],
  // Little is left of a pool.
  [OPEN, BUY, ...LICENSED, did('debit', 0, 9, 0, 1, 0)],
  // A recharge has been asked for, and once declined; another has failed.
  [OPEN, BUY, AUTO, did('attempt'), did('outcome', 0, 0, 0)],
  [OPEN, ...LICENSED, BUY, AUTO, ...FAILED],
  // Two in a row have failed, and the third waits for its last attempt.
  [OPEN, BUY, AUTO, ...FAILED_SOFTLY, ...FAILED_SOFTLY, ...declined(WAITS.slice(0, 3)), after(1440, did('expire-due'))],
  // One of the two caps of a plan has been reached.
  [OPEN, BUY, ...LICENSED, did('debit', 0, 11, 1, 2, 0)],
  // A lot that expires in three minutes is held, another is not.
  [OPEN, did('terms', 7), did('purchase'), after(44_637, did('authorise', 2, 1, 2, 0, 0)), BUY],
];

/** None that opens a lot or a hold: what falls due at one instant falls due in no order. */
const BEHIND: readonly string[] = ['debit', 'attempt', 'expire-due', 'policy', 'terms'];

class Subject {
  account: Account = initialAccount('acme');
  readonly reference = new Reference();
  readonly stored: PlacedEvent[] = [];
  readonly told: LedgerEvent[] = [];
  readonly asked: Asked = { nowMs: NOON_MS, count: 0, calls: [], sessions: [], debits: new Map(), recharges: new Map() };

  /** Asks both, and compares what they answer and where they stand. */
  ask(drawn: Draw): void {
    // No two commands within the same millisecond, so that no two deadlines are the same.
    this.asked.nowMs += drawn.minutes * MINUTE + 1;
    const { nowMs } = this.asked;
    const opening = { kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 } as const;
    const meant: LedgerCommand | undefined = drawn.kind === 'open' ? opening : commandOf(drawn, this.asked);
    if (meant === undefined) return;
    // Now and then the asking program's clock is behind.
    const isBehind = drawn.minutes === 7 && BEHIND.includes(drawn.kind);
    const command = isBehind ? { ...meant, nowMs: nowMs - 9 * MINUTE } : meant;
    const answer = this.decided(command);
    const outcome = isLedgerRejection(answer) ? answer.code : answer.map(inShort);
    const expected = this.reference.run(command);
    // What is older than the window may be known still, or forgotten and then too old: in neither case is it debited again.
    const isCall = command.kind === 'debit-call' || command.kind === 'record-call-not-billable';
    const isAged = isCall && effectiveAtMs(command) < nowMs - 35 * 1440 * MINUTE;
    if (!isAged || outcome !== 'cdr-too-old') same(outcome, expected, command);
    same(viewOf(this.account), viewOfReference(this.reference), command);
    this.remember(command, isLedgerRejection(answer) ? [] : answer);
  }

  private decided(command: LedgerCommand): ReturnType<typeof decide> {
    const evidence = ledgerDecider.evidenceFor(command, this.account).map((revision) => this.stored[revision]!);
    const answer = decide(ledgerDecider.withEvidence(command, evidence), this.account);
    if (isLedgerRejection(answer)) return answer;
    const { account, stored } = record(this.account, answer);
    for (const event of stored) this.stored.push({ ...event, stream: 'credit-acme', revision: this.stored.length });
    this.account = ledgerDecider.settle(account);
    return answer;
  }

  private remember(command: LedgerCommand, events: readonly LedgerEvent[]): void {
    const { calls, debits, recharges, sessions } = this.asked;
    for (const event of events) {
      const revision = this.told.push(event) - 1;
      if (event.type === 'RechargeRequested.v1') recharges.set(event.data.rechargeId, 0);
      if (event.type === 'PaymentAttempted.v1') recharges.set(event.data.rechargeId, event.data.attempt);
      if (event.type === 'ReservationMade.v1' && command.kind === 'authorise') sessions.push(command);
      if (event.type === 'CallNotBillable.v1' && command.kind === 'record-call-not-billable') calls.push(command);
      if (event.type !== 'CallDebited.v1') continue;
      if (command.kind === 'debit-call') calls.push(command);
      const charge = command.kind === 'debit-call' || command.kind === 'rerate-call' ? command.charge : undefined;
      if (charge !== undefined) debits.set(event.data.cdr.id, { revision, generation: event.data.cdr.generation, charge });
    }
  }

  /** What the stream says by itself, without the reference. */
  addsUp(): void {
    const again = this.stored.reduce(ledgerDecider.evolve, initialAccount('acme'));
    if (!isDeepStrictEqual(again, this.account)) expect(again).toStrictEqual(this.account);
    const revived = accountFromSnapshot('acme', snapshotOf(this.account));
    if (!isDeepStrictEqual(revived, this.account)) expect(revived).toStrictEqual(this.account);
    const faults = faultsOf(this.told);
    if (faults.length > 0) expect(faults).toEqual([]);
  }
}

/** A command of fast-check's: whatever was drawn can be asked at any time. */
class Step implements fc.Command<object, Subject> {
  constructor(private readonly drawn: Draw) {}
  check(): boolean {
    return true;
  }
  run(_model: object, subject: Subject): void {
    subject.ask(this.drawn);
  }
  toString(): string {
    return JSON.stringify(this.drawn);
  }
}

test(`any story of an account is told as the reference tells it, ${RUNS} times`, () => {
  const story = fc.commands([draw.map((drawn) => new Step(drawn))], { size: '+1', maxCommands: 40 });
  fc.assert(
    fc.property(fc.constantFrom(...BEGINNINGS), story, (beginning, steps) => {
      const subject = new Subject();
      for (const drawn of beginning) subject.ask(drawn);
      fc.modelRun(() => ({ model: {}, real: subject }), steps);
      subject.addsUp();
    }),
    { numRuns: RUNS },
  );
}, 600_000);

/** The comparison itself is of texts, which is quick; the difference is shown when there is one. */
function same(actual: unknown, expected: unknown, command: LedgerCommand): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    expect({ command, outcome: actual }).toEqual({ command, outcome: expected });
}

const micros = (text: string): number => Math.round(Number(text) * 1e6);

/** An event in the words of the reference: its type, its amount, and what its kind has besides. */
function inShort({ type, data }: LedgerEvent): string {
  const name = type.slice(0, -'.v1'.length);
  switch (type) {
    case 'CallDebited.v1':
      return `${name} ${micros(data.amount)} ${data.coverage} ${data.pool?.usedMs ?? 0} ${data.replaces === null ? (data.unauthorised ?? '') : 'same mark'}`;
    case 'ReservationMade.v1':
    case 'ReservationExtended.v1':
      return `${name} ${micros(data.amount)} ${data.pool?.heldMs ?? 0} ${data.grantedSeconds} ${data.isFinal}`;
    case 'ReservationTerminated.v1':
      return `${name} ${micros(data.amount)} ${data.pool?.heldMs ?? 0}`;
    case 'ReservationExpired.v1':
      return `${name} ${micros(data.releases.amount)} ${data.releases.pool?.heldMs ?? 0} ${Date.parse(data.effectiveAt)}`;
    case 'LotExpired.v1':
      return `${name} ${micros(data.amount)} ${Date.parse(data.effectiveAt)}`;
    case 'RechargeRequested.v1':
      return `${name} ${micros(data.amount)} ${data.cause === 'auto'}`;
    case 'PaymentAttempted.v1':
      return `${name} ${micros(data.amount)} ${data.attempt}`;
    case 'PaymentDeclined.v1':
      return `${name} ${Date.parse(data.retryAt)}`;
    case 'RechargeFailed.v1':
      return `${name} ${data.autoRechargeSuspended}`;
    case 'BurstDetected.v1':
      return `${name} ${data.cause} ${micros(data.spent)}`;
    case 'CreditAdjusted.v1':
      return `${name} ${micros(data.amount)} ${data.direction}`;
    case 'PeriodClosed.v1':
      return name;
    default:
      return 'amount' in data ? `${name} ${micros(data.amount)}` : name;
  }
}

const sorted = <Item>(items: Iterable<Item>): readonly Item[] => [...items].toSorted((a, b) => (String(a) < String(b) ? -1 : 1));

function viewOf(account: Account): object {
  const { balanceMicros, credit, pools, reservations, recharges, purchases } = account;
  const { autoRechargeSuspended, failuresInRow, rechargeFromMs, revision } = account;
  return {
    balance: Number(balanceMicros),
    available: Number(availableOf(account)),
    lots: credit.lots.map(({ lotId, remainingMicros, expiresAtMs }) => [lotId, Number(remainingMicros), expiresAtMs]),
    overdraft: Number(credit.overdraftMicros),
    used: sorted(poolsOf(pools, 'used')),
    held: sorted(poolsOf(pools, 'held')),
    open: sorted(
      [...reservations.values()].flatMap(({ sessionId, status, amountMicros, pool, grantedSeconds, usedSeconds, deadlineMs }) =>
        status === 'lapsed'
          ? []
          : [[sessionId, status, Number(amountMicros), pool?.heldMs ?? 0, grantedSeconds, usedSeconds, deadlineMs]],
      ),
    ),
    recharges: [...recharges].map(([id, { status, attempt, amountMicros }]) => [id, status, attempt, Number(amountMicros)]),
    refunded: [...purchases].map(([id, { refundedMicros }]) => [id, Number(refundedMicros)]),
    automatic: [autoRechargeSuspended, failuresInRow, rechargeFromMs, revision],
  };
}

function* poolsOf(pools: Account['pools'], which: 'used' | 'held'): Iterable<readonly [string, number]> {
  for (const [key, state] of pools.entries())
    for (const [meter, ms] of Object.entries(state[which])) if (ms > 0) yield [`${key} ${meter}`, ms];
}

function viewOfReference({ s, balance, available }: Reference): object {
  const held = new Map<string, number>();
  for (const { judged, ms } of s.holds.values()) if (ms > 0) held.set(judged.pool!, (held.get(judged.pool!) ?? 0) + ms);
  const named = (pools: ReadonlyMap<string, number>) =>
    sorted([...pools].flatMap(([pool, ms]) => (ms > 0 ? [[pool.replaceAll('|', ' '), ms]] : [])));
  return {
    balance,
    available,
    lots: s.lots.flatMap(({ id, left, expires }) => (left > 0 ? [[id, left, expires]] : [])),
    overdraft: s.overdraft,
    used: named(s.pools),
    held: named(held),
    open: sorted(
      [...s.holds].flatMap(([id, hold]) =>
        hold.status === 'lapsed' ? [] : [[id, hold.status, hold.micros, hold.ms, hold.granted, hold.used, hold.until]],
      ),
    ),
    recharges: [...s.recharges].map(([id, { status, attempt, micros: amount }]) => [id, status, attempt, amount]),
    refunded: [...s.purchases].map(([id, { refunded }]) => [id, refunded]),
    automatic: [s.isSuspended, s.failures, s.from, s.revision],
  };
}
