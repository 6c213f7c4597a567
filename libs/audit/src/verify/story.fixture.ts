// For tests of the proof: what happens to one tenant, command by command; its events stand in the store.

import type { Charge } from '@tollkeeper/charge';
import { StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { microsOf } from '@tollkeeper/money';
import type { ListedPayment } from '@tollkeeper/payment-gateway';
import { isRatingRejection, rate, type Deck } from '@tollkeeper/rating';
import type { KeyRing } from '@tollkeeper/sealing';

export const START_MS = Date.parse('2026-01-20T12:00:00Z');
const MINUTE_MS = 60_000;

type DistributiveOmit<Command, Key extends PropertyKey> = Command extends unknown ? Omit<Command, Key> : never;
export type Asked = DistributiveOmit<LedgerCommand, 'nowMs'>;

/** One tenant's, command by command, each a minute later. */
export class Story {
  nowMs = START_MS;
  revision = -1;
  readonly paid: ListedPayment[] = [];
  readonly #writer: StreamWriter<any, LedgerCommand, any, any>;
  #calls = 0;

  constructor(
    private readonly tenant: string,
    private readonly store: EventStore,
    private readonly ring: KeyRing,
    private readonly deck: Deck,
  ) {
    this.#writer = new StreamWriter<any, LedgerCommand, any, any>({ store, decider: ledgerDecider, maxCachedStreams: 1 });
  }

  turn(byMs: number): void {
    this.nowMs += byMs;
  }

  async does(...asked: readonly Asked[]): Promise<void> {
    const commands = asked.map((command) => ({ ...command, nowMs: (this.nowMs += MINUTE_MS) }) as LedgerCommand);
    for (const result of await this.#writer.execute(streamOf(this.tenant), commands)) {
      if (result.kind === 'refused') throw new Error(`${this.tenant}: ${JSON.stringify(result.refusal)}`);
    }
    this.revision = await this.#writer.query(streamOf(this.tenant), (account: { revision: number }) => account.revision);
  }

  async open(): Promise<void> {
    await this.does({ kind: 'open-account', currency: 'EUR', plan: 'default', intakeWindowDays: 35 });
    await this.does({ kind: 'set-alert-threshold', thresholdMicros: microsOf('4') });
  }

  async calls(count: number): Promise<void> {
    const month = new Date(this.nowMs).toISOString().slice(0, 7);
    await this.ring.prepare([{ tenant: this.tenant, month }]);
    for (let call = 0; call < count; call += 1) {
      const usageMs = 61_000 + call * 13_000;
      await this.does(this.#debit(`${this.tenant}-${(this.#calls += 1)}`, usageMs, null));
      const due = await this.#lastRequested();
      if (due !== undefined) await this.pay(due, `pay-${this.tenant}-${due}`, '20');
    }
    const cdr = cdrFacts('silent', { answerTime: null, setupTime: new Date(this.nowMs).toISOString(), usageMs: 0 });
    await this.does({
      kind: 'record-call-not-billable',
      cdr: { ...cdr, id: `${this.tenant}-silent-${this.#calls}` },
      parties: this.#sealed('x'),
      reason: 'unanswered',
    });
  }

  #debit(id: string, usageMs: number, sessionId: string | null): Asked {
    const answerTime = new Date(this.nowMs - usageMs).toISOString();
    const charge = this.charge(usageMs, Date.parse(answerTime), this.deck);
    return {
      kind: 'debit-call',
      cdr: cdrFacts(id, { answerTime, usageMs, sessionId }),
      charge,
      parties: this.#sealed(id),
      report: {},
    };
  }

  charge(usageMs: number, answerTimeMs: number, deck: Deck): Charge {
    const call = { plan: 'default', currency: 'EUR', category: 'outbound', calledNumber: '+33123456789', answerTimeMs, usageMs };
    const charge = rate(call, deck);
    if (isRatingRejection(charge)) throw new Error(charge.reason);
    return charge;
  }

  #sealed(id: string): string {
    const month = new Date(this.nowMs).toISOString().slice(0, 7);
    return this.ring.seal(this.tenant, month, `switch\u0000${id}`, { called: '+33123456789', calling: null });
  }

  async #lastRequested(): Promise<string | undefined> {
    for await (const [event] of this.store.readStream(streamOf(this.tenant), { backwards: true, maxCount: 1 })) {
      return event?.type === 'RechargeRequested.v1' ? String(event.data['rechargeId']) : undefined;
    }
    return undefined;
  }

  async pay(rechargeId: string, paymentReference: string, amount: string): Promise<void> {
    await this.does({ kind: 'attempt-payment', rechargeId });
    await this.does({ kind: 'record-payment', rechargeId, attempt: 1, outcome: { paid: true, paymentReference } });
    const createdAt = new Date(this.nowMs).toISOString();
    const payment = { tenant: this.tenant, rechargeId, attempt: 1, amount, currency: 'EUR', createdAt } as const;
    this.paid.push({ ...payment, status: 'paid', reference: paymentReference });
  }

  async decline(rechargeId: string): Promise<void> {
    await this.does({ kind: 'attempt-payment', rechargeId });
    await this.does({
      kind: 'record-payment',
      rechargeId,
      attempt: 1,
      outcome: { paid: false, code: 'expired-card', class: 'hard' },
    });
  }

  /** The last debit, by another deck. */
  async rerate(deck: Deck): Promise<void> {
    for await (const page of this.store.readStream(streamOf(this.tenant), { backwards: true })) {
      const debit = page.find(({ type }) => type === 'CallDebited.v1');
      if (debit === undefined) continue;
      const cdr = debit.data['cdr'] as unknown as { source: string; id: string; generation: number; usageMs: number };
      const charge = this.charge(cdr.usageMs, Date.parse(String(debit.data['effectiveAt'])), deck);
      return this.does({ kind: 'rerate-call', revision: debit.revision, cdr, charge, author: 'test', rerateId: 'rerate-1' });
    }
    throw new Error('there is no debit to rate again');
  }

  /** One that its CDR settles, and one whose switch falls silent. */
  async inProgress(): Promise<void> {
    const rated = {
      plan: 'default',
      category: 'outbound',
      prefix: '33',
      destination: 'France',
      currency: 'EUR',
      deckHash: this.deck.hash,
    };
    const span = { fromMs: 0, rate: '0.02', rateUnitSeconds: 60, incrementSeconds: 60, row: 1 };
    const timeline = { spans: [span], connectFee: '0', rounding: 'up', decimals: 4, maxCost: null } as const;
    for (const sessionId of ['settled', 'silent']) {
      await this.does({
        kind: 'authorise',
        sessionId,
        fingerprint: sessionId,
        parties: this.#sealed(sessionId),
        traits: { direction: 'outbound', users: [], destinationCountry: 'FR', supported: true },
        presumedAnswerMs: this.nowMs,
        requestedSeconds: 120,
        rated: { ...rated, timeline, ratedSeconds: Infinity },
      });
      await this.does({ kind: 'extend-reservation', sessionId, usedSeconds: 60, requestedSeconds: 120 });
    }
    await this.does({ kind: 'terminate-reservation', sessionId: 'settled', usedSeconds: 90 });
    await this.does(this.#debit('settled', 90_000, 'settled'));
  }
}

function cdrFacts(id: string, change: object) {
  return {
    answerTime: null,
    callId: null,
    conferenceId: null,
    endTime: null,
    fingerprint: `1:${id}`,
    format: 'canonical',
    generation: 0,
    id,
    origin: { kind: 'file', name: 'calls.json', record: 1 } as const,
    parserVersion: 1,
    rawSha256: 'ab'.repeat(32),
    sessionId: null,
    setupTime: null,
    source: 'switch',
    switchUsage: null,
    tenantRule: 'field',
    usageMs: 0,
    ...change,
  };
}
