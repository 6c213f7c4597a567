// For tests of the proof: a ledger of three tenants over two months in which everything happens that moves money, with its decks, keys,
// read models and the gateway's list, all of them right.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { activateDeck, importDeck, openDeckShelf, type DeckShelf } from '@tollkeeper/decks';
import { inMemoryEventStore, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { STREAM_PREFIX } from '@tollkeeper/ledger';
import { microsOf } from '@tollkeeper/money';
import type { ListedPayment, PaymentList } from '@tollkeeper/payment-gateway';
import { isDeckRejection, parseDeck, type Deck } from '@tollkeeper/rating';
import { MIGRATIONS, PROJECTIONS, Projector, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, type KeyRing } from '@tollkeeper/sealing';
import { START_MS, Story, type Asked } from './story.fixture.js';

export const NOW_MS = Date.parse('2026-02-25T12:00:00Z');
const DAY_MS = 86_400_000;
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
