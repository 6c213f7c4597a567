// Report tests: CDRs in the canonical format come in by a topic and are rated and debited as the rating program does it, on engines in
// memory; the store, the bus and the keys that they left are there to be asked.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RatingWorker } from '@tollkeeper/app-rating';
import type { ExplainParts } from '@tollkeeper/audit';
import { keptOnBus } from '@tollkeeper/audit';
import { openDeckShelf } from '@tollkeeper/decks';
import { inMemoryEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand, type LedgerEvent, type Licence } from '@tollkeeper/ledger';
import { inMemoryMessageBus, type MessageBus } from '@tollkeeper/message-bus';
import { personOf, prepareNames } from '@tollkeeper/people';
import { compileIntake, parseSources } from '@tollkeeper/rating';
import { openKeyRing, openKeyStore, type KeyRing } from '@tollkeeper/sealing';
import { useDeck } from '../stage/index.js';

export const NOON_MS = Date.parse('2026-03-03T12:00:00Z');
export const TENANT = 'acme';
const TOPIC = 'cdr';
const DAY_MS = 86_400_000;
const SOURCES = [
  { name: 'pbx', topics: [TOPIC], trustTenantField: true, defaultCountry: 'FR' },
  { name: 'sbc', topics: [], trustTenantField: true, defaultCountry: 'FR' },
];

export type CallStage = {
  readonly eventStore: EventStore;
  readonly bus: MessageBus;
  readonly ring: KeyRing;
  /** What an explanation needs of all this. */
  readonly parts: ExplainParts;
  execute(command: LedgerCommand): Promise<readonly LedgerEvent[]>;
  holds(user: string, country: string, licences: readonly Licence[]): Promise<void>;
  pseudonym(user: string): string;
  /** Sends one message with these records, and has it rated. */
  send(records: readonly object[], source?: string): Promise<void>;
  close(): Promise<void>;
};

export async function openCallStage(deckCsv: string): Promise<CallStage> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-calls-'));
  const [eventStore, bus] = [inMemoryEventStore(), inMemoryMessageBus()];
  await bus.ensureTopics([TOPIC, 'dlt', 'parked'].map((name) => ({ name, partitions: 1 })));
  await useDeck(eventStore, deckCsv);
  const decks = openDeckShelf(eventStore, { onError: () => undefined });
  await decks.ready;
  const keys = await openKeyStore(`sqlite:${join(folder, 'keys.db')}`, {});
  const ring = openKeyRing(keys);
  await prepareNames(ring, TENANT);
  const intake = intakeOf();
  const newWriter = () => new StreamWriter({ store: eventStore, decider: ledgerDecider, maxCachedStreams: 10 });
  const rejected: string[] = [];
  const worker = new RatingWorker({
    writer: newWriter(),
    eventStore,
    bus,
    ring,
    intake,
    decks,
    unratedCalls: 'free',
    clock: () => NOON_MS,
    topics: { deadLetters: 'dlt', parked: 'parked' },
    watch: { onBatch: (outcome) => rejected.push(...outcome.rejected), onSetAside: (_, reason) => rejected.push(reason) },
  });
  let sent = 0n;
  const stage: CallStage = {
    eventStore,
    bus,
    ring,
    parts: {
      eventStore,
      decks: { deck: (hash) => decks.deck(hash), versions: () => decks.versions() },
      ring,
      rawAt: keptOnBus(bus),
      sourceNamed: (name) => intake.sources.get(name),
    },
    async execute(command) {
      const writer = newWriter();
      const [result] = await writer.execute(streamOf(TENANT), [command]);
      await writer.close();
      if (result?.kind !== 'recorded') throw new Error(JSON.stringify(result));
      return result.events;
    },
    async holds(user, country, licences) {
      const person = personOf(ring, TENANT, user);
      if (person === undefined) throw new Error('the key is gone');
      await stage.execute({ kind: 'assign-licences', nowMs: NOON_MS - DAY_MS, ...person, country, licences, fromMs: 0 });
    },
    pseudonym: (user) => ring.pseudonym(TENANT, user) ?? '',
    async send(records, source) {
      const value = JSON.stringify(records.length === 1 ? records[0] : records);
      await bus.publish(TOPIC, [{ key: TENANT, value, headers: source === undefined ? {} : { 'cdr-source': source } }]);
      const messages = await bus.read(TOPIC, 0, sent, 1);
      sent += 1n;
      await worker.handle({ topic: TOPIC, partition: 0, messages, isOwned: () => true, heartbeat: async () => undefined });
      if (rejected.length > 0) throw new Error(`rejected: ${rejected.join(', ')}`);
    },
    async close() {
      await decks.close();
      await Promise.all([eventStore.close(), bus.close(), keys.close()]);
      rmSync(folder, { recursive: true });
    },
  };
  const nowMs = NOON_MS - DAY_MS;
  await stage.execute({ kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 });
  return stage;
}

function intakeOf() {
  const parsed = parseSources(SOURCES);
  const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  return compiled.intake;
}
