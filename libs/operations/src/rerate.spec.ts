// Rerating: what is rated again and replaced, and what is left as it is.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inMemoryEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import {
  decode,
  ledgerDecider,
  streamOf,
  type Account,
  type LedgerCommand,
  type LedgerEvent,
  type LedgerRejection,
} from '@tollkeeper/ledger';
import { isDeckRejection, isRatingRejection, parseDeck, rate, type Deck } from '@tollkeeper/rating';
import { openKeyRing, openKeyStore, type KeyRing, type KeyStore } from '@tollkeeper/sealing';
import { Rerating, type Changes, type LedgerWriter } from './rerate.js';

const NOW_MS = Date.parse('2026-05-10T12:00:00Z');
const EVER = { fromMs: 0, toMs: NOW_MS };
const BY = { rerateId: 'r-1', author: 'ada' };
/** The second deck prices mobiles, which the first had under the country's prefix. */
const COUNTRY = deckOf('prefix,destination,rate,increment\n49,Germany,0.02,60\n');
const MOBILES = deckOf('prefix,destination,rate,increment\n49,Germany,0.01,60\n4915,Germany - Mobile,0.10,60\n');

let folder: string;
let store: EventStore;
let keyStore: KeyStore;
let ring: KeyRing;
let writer: LedgerWriter;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rerate-'));
  store = inMemoryEventStore();
  keyStore = await openKeyStore(`sqlite:${join(folder, 'keys.sqlite')}`);
  ring = openKeyRing(keyStore);
  writer = new StreamWriter<Account, LedgerCommand, LedgerEvent, LedgerRejection>({
    store,
    decider: ledgerDecider,
    maxCachedStreams: 4,
  });
  await execute({ kind: 'open-account', nowMs: NOW_MS, currency: 'EUR', plan: 'default', intakeWindowDays: 90 });
  await debit('march', '2026-03-03T12:00:00.000Z');
  await debit('april', '2026-04-03T12:00:00.000Z');
});
afterEach(async () => {
  await Promise.all([store.close(), keyStore.close()]);
  rmSync(folder, { recursive: true });
});

function deckOf(csv: string): Deck {
  const deck = parseDeck(csv, { currency: 'EUR' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  return deck;
}

async function execute(command: LedgerCommand): Promise<void> {
  const [result] = await writer.execute(streamOf('acme'), [command]);
  if (result?.kind !== 'recorded') throw new Error(JSON.stringify(result));
}

/** A minute to a mobile in Germany. */
async function debit(id: string, answerTime: string): Promise<void> {
  const [called, month, answerTimeMs, usageMs] = ['+4915112345678', answerTime.slice(0, 7), Date.parse(answerTime), 60_000];
  const call = { plan: 'default', currency: 'EUR', category: 'outbound', calledNumber: called, answerTimeMs, usageMs };
  const charge = rate(call, COUNTRY);
  if (isRatingRejection(charge)) throw new Error(charge.reason);
  await ring.prepare([{ tenant: 'acme', month }]);
  const cdr = {
    answerTime,
    callId: null,
    conferenceId: null,
    endTime: null,
    fingerprint: `1:${id}`,
    format: 'canonical-json',
    generation: 0,
    id,
    origin: { kind: 'file', name: 'f', record: 1 },
    parserVersion: 1,
    rawSha256: 'ab'.repeat(32),
    sessionId: null,
    setupTime: null,
    source: 'pbx',
    switchUsage: null,
    tenantRule: 'rule',
    usageMs,
  } as const;
  const parties = ring.seal('acme', month, `pbx\u0000${id}`, { called });
  await execute({ kind: 'debit-call', nowMs: NOW_MS, cdr, charge, parties, report: {} });
}

async function reratedBy(deck: Deck): Promise<Changes & { readonly written: number }> {
  const decks = { hashAt: () => deck.hash, deck: async () => deck };
  const rerating = new Rerating({ store, decks, ring, writer });
  const found = await rerating.changes(EVER);
  return { ...found, ...(await rerating.write(found.changes, BY)) };
}

/** What each call stands in the ledger with. */
async function amounts(): Promise<Readonly<Record<string, string>>> {
  const standing: Record<string, string> = {};
  for await (const page of store.readStream(streamOf('acme'))) {
    for (const { type, data } of page.map(decode)) if (type === 'CallDebited.v1') standing[data.cdr.id] = data.amount;
  }
  return standing;
}

test('replaces what another deck prices otherwise, once', async () => {
  expect(await reratedBy(MOBILES)).toMatchObject({ checked: 2, unrated: 0, erased: 0, written: 2 });
  expect(await amounts()).toEqual({ march: '0.1', april: '0.1' });
  expect(await reratedBy(MOBILES)).toMatchObject({ checked: 2, changes: [], written: 0 });
});

test('leaves calls whose number was erased as they are, whatever the prefix that matched would cost now', async () => {
  await ring.destroy('acme', '2026-04', 'ada');
  const changes = [{ cdr: { id: 'april' }, before: '0.02', after: '0.1' }];
  expect(await reratedBy(MOBILES)).toMatchObject({ checked: 2, erased: 1, unrated: 0, written: 1, changes });
  expect(await amounts()).toEqual({ march: '0.02', april: '0.1' });
});

test('counts an erased call once, however often it was rerated before', async () => {
  await reratedBy(MOBILES);
  await ring.destroy('acme', '2026-04', 'ada');
  expect(await reratedBy(COUNTRY)).toMatchObject({ erased: 1, written: 1 });
  expect(await amounts()).toEqual({ march: '0.1', april: '0.02' });
});

test('writes nothing for a call whose number is erased after it was looked at', async () => {
  const decks = { hashAt: () => MOBILES.hash, deck: async () => MOBILES };
  const rerating = new Rerating({ store, decks, ring, writer });
  const { changes } = await rerating.changes(EVER);
  await ring.destroy('acme', '2026-04', 'ada');
  expect(await rerating.write(changes, BY)).toEqual({ written: 1 });
  expect(await amounts()).toEqual({ march: '0.02', april: '0.1' });
});
