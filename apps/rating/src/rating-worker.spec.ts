// The rating worker on in-memory engines: what cannot be rated, a plan that changes, letters that are tried again however late.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inMemoryEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { inMemoryMessageBus, type Batch, type Message, type MessageBus } from '@tollkeeper/message-bus';
import { compileIntake, isDeckRejection, parseDeck, parseSources, type Deck, type Intake } from '@tollkeeper/rating';
import { openKeyRing, openKeyStore, type KeyStore } from '@tollkeeper/sealing';
import type { UnratedCalls } from './command-of.js';
import { RatingWorker } from './rating-worker.js';

const NOON_MS = Date.parse('2026-03-03T12:00:00Z');
const DAY_MS = 86_400_000;
const TOPICS = { deadLetters: 'dlt', parked: 'parked' };

let folder: string;
let store: EventStore;
let bus: MessageBus;
let keys: KeyStore;
let nowMs: number;
let decks: Record<string, Deck>;
let offset: number;
/** Stands in for what reading a deck does, where a test needs it to fail. */
let decksRead: (hash: string) => Promise<Deck> | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-rating-'));
  store = inMemoryEventStore();
  bus = inMemoryMessageBus();
  await bus.ensureTopics(Object.values(TOPICS).map((name) => ({ name, partitions: 1 })));
  keys = await openKeyStore(`sqlite:${join(folder, 'keys.db')}`, {});
  nowMs = NOON_MS;
  offset = 0;
  decksRead = () => undefined;
  decks = { default: deckOf('prefix,rate\n49,0.01'), gold: deckOf('plan,prefix,rate\ngold,49,0.05') };
  await execute({ kind: 'open-account', nowMs: NOON_MS - 400 * DAY_MS, currency: 'EUR', plan: 'default', intakeWindowDays: 35 });
});
afterEach(async () => {
  await Promise.all([bus.close(), store.close(), keys.close()]);
  rmSync(folder, { recursive: true });
});

function deckOf(csv: string): Deck {
  const deck = parseDeck(csv, { currency: 'EUR' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  return deck;
}

function intakeOf(): Intake {
  const parsed = parseSources([{ name: 'switch', topics: ['cdr'], trustTenantField: true, defaultCountry: 'US' }]);
  const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  return compiled.intake;
}

async function execute(command: LedgerCommand): Promise<void> {
  const writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 1 });
  const [result] = await writer.execute(streamOf('acme'), [command]);
  if (result?.kind !== 'recorded') throw new Error(JSON.stringify(result));
  await writer.close();
}

function worker(unratedCalls: UnratedCalls = 'dead-letter'): RatingWorker {
  return new RatingWorker({
    writer: new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 10 }),
    eventStore: store,
    bus,
    ring: openKeyRing(keys),
    intake: intakeOf(),
    decks: {
      hashAt: (plan) => decks[plan]?.hash,
      deck: async (hash) => decksRead(hash) ?? (Object.values(decks).find((deck) => deck.hash === hash) as Deck),
    },
    unratedCalls,
    clock: () => nowMs,
    topics: TOPICS,
    watch: { onBatch: () => undefined, onSetAside: () => undefined },
  });
}

type Cdr = { readonly id: string; readonly answeredMs?: number; readonly called?: string; readonly usageMs?: number };

function message({ id, answeredMs = NOON_MS - 3_600_000, called = '+4930123456', usageMs = 60_000 }: Cdr, headers = {}): Message {
  const [answerTime, endTime] = [answeredMs, answeredMs + usageMs].map((atMs) => new Date(atMs).toISOString());
  const value = Buffer.from(JSON.stringify({ id, tenant: 'acme', calledNumber: called, answerTime, endTime }));
  return {
    topic: 'cdr',
    partition: 0,
    offset: BigInt(offset++),
    key: Buffer.from('acme'),
    value,
    headers,
    timestampMs: nowMs,
  } as Message;
}

async function handle(rating: RatingWorker, ...messages: readonly Message[]): Promise<void> {
  const batch: Batch = { topic: 'cdr', partition: 0, messages, isOwned: () => true, heartbeat: async () => undefined };
  await rating.handle(batch);
}

async function debits(): Promise<readonly string[]> {
  const told: string[] = [];
  for await (const page of store.readStream(streamOf('acme'))) {
    for (const { type, data } of page)
      if (type === 'CallDebited.v1') told.push(`${(data['cdr'] as { id: string }).id} ${String(data['amount'])}`);
  }
  return told;
}

/** Code of each letter, or `settled`, at the original's offset. */
async function letters(): Promise<readonly string[]> {
  const total = Number(await bus.lag('nobody', [TOPICS.deadLetters]));
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const consumer = await bus.consume({
    group: `letters-${Math.random()}`,
    topics: [TOPICS.deadLetters],
    maxMessages: 100,
    async handle({ messages }) {
      for (const { headers } of messages) {
        const said =
          headers['cdr-retry-settled'] === undefined ? headers['kafka_dlt-exception-message']?.split(':')[0] : 'settled';
        told.push(`${headers['kafka_dlt-original-offset']} ${said}`);
      }
      if (told.length >= total) resolve();
    },
  });
  if (total > 0) await promise;
  await consumer.stop();
  return told;
}

describe('a call that no row prices', () => {
  test('is a dead letter by default', async () => {
    await handle(worker(), message({ id: 'far', called: '+88112345678' }), message({ id: 'near' }));
    expect([await debits(), await letters()]).toEqual([['near 0.01'], ['0 no-rate']]);
  });

  test('is given free by setting, recorded as a FREECALL, and stands there once', async () => {
    const rating = worker('free');
    await handle(rating, message({ id: 'far', called: '+88112345678' }));
    await handle(rating, message({ id: 'far', called: '+88112345678' }));
    expect([await debits(), await letters()]).toEqual([['far 0'], []]);
    for await (const [debit] of store.readStream(streamOf('acme'), { backwards: true, maxCount: 1 })) {
      expect(debit?.data).toMatchObject({
        report: { capability: 'FREECALL' },
        charge: { deckHash: decks['default']?.hash, rows: [], destination: 'Not rated' },
      });
    }
  });

  test('without a deck for its plan is no-plan, by either setting; an emergency call passes all the same, free', async () => {
    decks = {};
    await handle(worker('free'), message({ id: 'near' }), message({ id: 'help', called: '911' }));
    expect([await debits(), await letters()]).toEqual([['help 0'], ['0 no-plan']]);
  });
});

test('a deck that cannot be read puts the calls that it prices aside, and no others', async () => {
  await execute({ kind: 'change-plan', nowMs, plan: 'gold', fromMs: NOON_MS - 1_800_000 });
  const broken = decks['gold']?.hash;
  decksRead = (hash) => (hash === broken ? Promise.reject(new Error('deckcontent-… holds other rows')) : undefined);
  await handle(worker(), message({ id: 'before' }), message({ id: 'after', answeredMs: NOON_MS - 60_000 }));
  expect([await debits(), await letters()]).toEqual([['before 0.01'], ['1 no-plan']]);
});

test('a plan that changed after the account was looked up is rated anew, not put aside', async () => {
  const rating = worker();
  await handle(rating, message({ id: 'one' }));
  await execute({ kind: 'change-plan', nowMs, plan: 'gold', fromMs: NOON_MS - 7_200_000 });
  await handle(rating, message({ id: 'two' }));
  expect([await debits(), await letters()]).toEqual([['one 0.01', 'two 0.05'], []]);
});

describe('a letter that is retried', () => {
  const RETRY = { 'cdr-retry': 'cdr/0/0' };

  test('is settled once it is recorded, and stays one letter when it is refused again', async () => {
    const rating = worker();
    await handle(rating, message({ id: 'far', called: '+88112345678' }));
    await handle(rating, message({ id: 'far', called: '+88112345678' }, RETRY));
    decks = { ...decks, default: deckOf('prefix,rate\n49,0.01\n881,2') };
    await handle(rating, message({ id: 'far', called: '+88112345678' }, RETRY));
    expect([await debits(), await letters()]).toEqual([['far 2'], ['0 no-rate', '0 no-rate', '0 settled']]);
  });

  test('beyond the intake window is taken after the stream was read for it, once', async () => {
    const rating = worker();
    const old = { id: 'old', answeredMs: NOON_MS - 100 * DAY_MS };
    await handle(rating, message(old));
    await handle(rating, message(old, RETRY), message(old, RETRY));
    await handle(worker(), message(old, RETRY));
    expect([await debits(), await letters()]).toEqual([['old 0.01'], ['0 cdr-too-old', '0 settled', '0 settled', '0 settled']]);
  });

  test('beyond the window, when the stream holds it long since, is a duplicate or a conflict', async () => {
    nowMs = NOON_MS - 100 * DAY_MS;
    const old = { id: 'old', answeredMs: nowMs - 3_600_000 };
    await handle(worker(), message(old));
    nowMs = NOON_MS;
    await execute({
      kind: 'purchase-credit',
      nowMs,
      purchaseId: 'p',
      amountMicros: 10_000_000n,
      origin: { kind: 'invoice', reference: 'i' },
    });
    await handle(worker(), message(old), message(old, RETRY), message({ ...old, usageMs: 90_000 }, RETRY));
    expect([await debits(), await letters()]).toEqual([
      ['old 0.01'],
      ['1 cdr-too-old', '0 cdr-exists-with-different-content', '0 settled'],
    ]);
  });
});
