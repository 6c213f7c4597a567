// For tests of the proof: a ledger of three tenants over two months in which everything happens that moves money, with its decks, keys,
// read models and the gateway's list, all of them right.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Charge } from '@tollkeeper/charge';
import { activateDeck, importDeck, openDeckShelf, type DeckShelf } from '@tollkeeper/decks';
import { inMemoryEventStore, StreamWriter, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { ledgerDecider, STREAM_PREFIX, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { microsOf } from '@tollkeeper/money';
import type { ListedPayment, PaymentList } from '@tollkeeper/payment-gateway';
import { isDeckRejection, isRatingRejection, parseDeck, rate, type Deck } from '@tollkeeper/rating';
import { MIGRATIONS, PROJECTIONS, Projector, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, type KeyRing } from '@tollkeeper/sealing';

export const NOW_MS = Date.parse('2026-02-25T12:00:00Z');
const START_MS = Date.parse('2026-01-20T12:00:00Z');
const [MINUTE_MS, DAY_MS] = [60_000, 86_400_000];
const DECK = 'prefix,destination,rate,increment\n33,France,0.02,60\n44,Britain,0.05,60\n';
const DEARER = 'prefix,destination,rate,increment\n33,France,0.03,60\n44,Britain,0.05,60\n';

export type Ledger = {
  readonly store: EventStore;
  readonly decks: DeckShelf;
  readonly ring: KeyRing;
  readonly readStore: ReadStore<Tables>;
  /** What the gateway lists; a test may change it. */
  payments: ListedPayment[];
  readonly gateway: PaymentList;
  readonly folder: string;
  events(): Promise<readonly RecordedEvent[]>;
  close(): Promise<void>;
};

export async function openLedger(store: EventStore = inMemoryEventStore()): Promise<Ledger> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-proof-'));
  const keyStore = await openKeyStore(`sqlite:${join(folder, 'keys.sqlite')}`, {});
  const readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'read-models.sqlite')}`);
  await readStore.migrate(MIGRATIONS);
  const ring = openKeyRing(keyStore);
  const payments = await fill(store, ring);
  const decks = openDeckShelf(store, { onError: () => undefined });
  await decks.ready;
  const ledger: Ledger = {
    store,
    decks,
    ring,
    readStore,
    payments,
    gateway: {
      async *list() {
        for (const payment of ledger.payments) yield [payment];
      },
    },
    folder,
    events: () => eventsIn(store),
    async close() {
      await decks.close();
      await Promise.all([store.close(), keyStore.close(), readStore.close()]);
      rmSync(folder, { recursive: true });
    },
  };
  await project(readStore, await ledger.events());
  return ledger;
}

async function eventsIn(store: EventStore): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of store.readAll({ streamPrefix: STREAM_PREFIX })) events.push(...page);
  return events;
}

/** The read models as the projections program keeps them. */
export async function project(readStore: ReadStore<Tables>, events: readonly RecordedEvent[]): Promise<void> {
  for (const projection of PROJECTIONS) {
    const projector = new Projector(projection, readStore, () => undefined);
    await projector.load();
    await projector.handle(events, events.at(-1)?.position ?? 0n);
  }
}

function deckOf(csv: string, currency: string): Deck {
  const deck = parseDeck(csv, { currency });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  return deck;
}

/** What the gateway has taken by the end. */
async function fill(store: EventStore, ring: KeyRing): Promise<ListedPayment[]> {
  const [deck, dearer] = [deckOf(DECK, 'EUR'), deckOf(DEARER, 'EUR')];
  for (const imported of [deck, dearer]) await importDeck(store, imported, { by: 'test', name: 'deck', nowMs: START_MS });
  await activateDeck(store, { plan: 'default', hash: deck.hash, activeFromMs: START_MS - DAY_MS, by: 'test', nowMs: START_MS });
  const [acme, bolt, coda] = ['acme', 'bolt', 'coda'].map((tenant) => new Story(tenant, store, ring, deck)) as [
    Story,
    Story,
    Story,
  ];
  for (const story of [acme, bolt, coda]) await story.open();
  await acme.does({ kind: 'set-auto-recharge', policy: { triggerMicros: microsOf('5'), amountMicros: microsOf('20') } });
  await acme.pay(`acme.${acme.revision}`, 'pay-1', '20');
  await acme.calls(20);
  await bolt.calls(15);
  await coda.does({ kind: 'set-terms', terms: { lotTermMonths: 1, lotWarningDays: 7 } });
  await coda.does(purchase('invoice-1', '12'));
  await coda.calls(10);
  await coda.rerate(dearer);
  await coda.does({ ...MOVED, kind: 'adjust-credit', adjustmentId: 'gift', direction: 'credit', amountMicros: microsOf('3') });
  await coda.does({ ...MOVED, kind: 'adjust-credit', adjustmentId: 'fee', direction: 'debit', amountMicros: microsOf('0.5') });
  await coda.does({
    ...MOVED,
    kind: 'refund-purchase',
    refundId: 'back',
    purchaseId: 'invoice-1',
    amountMicros: microsOf('2'),
    cause: 'refund',
  });
  await bolt.does({ kind: 'request-recharge', rechargeId: 'by-hand', amountMicros: microsOf('7.5') });
  await bolt.decline('by-hand');
  await bolt.does({ kind: 'request-recharge', rechargeId: 'by-hand-2', amountMicros: microsOf('7.5') });
  await bolt.pay('by-hand-2', 'pay-2', '7.5');
  await acme.inProgress();
  for (const story of [acme, bolt, coda]) story.turn(32 * DAY_MS);
  for (const story of [acme, bolt, coda]) await story.calls(8);
  await coda.does({ kind: 'expire-due' });
  await bolt.does({ kind: 'request-recharge', rechargeId: 'still-open', amountMicros: microsOf('7.5') });
  return [...acme.paid, ...bolt.paid, declinedPayment('bolt', 'by-hand')];
}

const MOVED = { author: 'test', reason: 'test' } as const;

function purchase(purchaseId: string, amount: string): Asked {
  return {
    kind: 'purchase-credit',
    purchaseId,
    amountMicros: microsOf(amount),
    origin: { kind: 'invoice', reference: purchaseId },
  };
}

function declinedPayment(tenant: string, rechargeId: string): ListedPayment {
  return { tenant, rechargeId, attempt: 1, amount: '7.5', currency: 'EUR', status: 'declined', reference: null, createdAt: null };
}

type DistributiveOmit<Command, Key extends PropertyKey> = Command extends unknown ? Omit<Command, Key> : never;
type Asked = DistributiveOmit<LedgerCommand, 'nowMs'>;

class Story {
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
