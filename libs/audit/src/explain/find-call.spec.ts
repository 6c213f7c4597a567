// Finding a call: by the streams, by the read model, and by both of them where the read model has not followed everything.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inMemoryEventStore, StreamWriter, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import {
  ledgerDecider,
  STREAM_PREFIX,
  streamOf,
  type Account,
  type LedgerCommand,
  type LedgerEvent,
  type LedgerRejection,
} from '@tollkeeper/ledger';
import { isDeckRejection, isRatingRejection, parseDeck, rate } from '@tollkeeper/rating';
import { MIGRATIONS, PROJECTIONS, Projector, type Projection, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { findCalls, type CallQuery } from './find-call.js';

const FIRST = '2026-03-03T12:00:00.000Z';
const LATER = '2026-03-03T12:05:00.000Z';
/** The intake window has forgotten the first call by then. */
const AGAIN = '2026-06-01T12:00:00.000Z';
const DECK = 'prefix,destination,rate,increment\n33,France,0.02,60\n';
const CALLS = PROJECTIONS.find(({ model }) => model.name === 'calls') as Projection;

let folder: string;
let store: EventStore;
let readStore: ReadStore<Tables>;
let writer: StreamWriter<Account, LedgerCommand, LedgerEvent, LedgerRejection>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-find-'));
  store = inMemoryEventStore();
  writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 4 });
  readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'read-models.sqlite')}`);
  await readStore.migrate(MIGRATIONS);
  for (const tenant of ['acme', 'bolt']) {
    await execute(tenant, {
      kind: 'open-account',
      nowMs: Date.parse(FIRST),
      currency: 'EUR',
      plan: 'default',
      intakeWindowDays: 35,
    });
    await debit(tenant, 'once', LATER);
  }
  await debit('acme', 'again', FIRST);
  await execute('acme', { kind: 'set-alert-threshold', nowMs: Date.parse('2026-05-20T12:00:00Z'), thresholdMicros: 5n });
  await debit('acme', 'again', AGAIN);
});
afterEach(async () => {
  await Promise.all([store.close(), readStore.close()]);
  rmSync(folder, { recursive: true });
});

async function execute(tenant: string, command: LedgerCommand): Promise<void> {
  const [result] = await writer.execute(streamOf(tenant), [command]);
  if (result?.kind !== 'recorded') throw new Error(JSON.stringify(result));
}

async function debit(tenant: string, id: string, answerTime: string): Promise<void> {
  const [answerTimeMs, usageMs] = [Date.parse(answerTime), 60_000];
  const call = { plan: 'default', currency: 'EUR', category: 'outbound', calledNumber: '+33123456789', answerTimeMs, usageMs };
  const deck = parseDeck(DECK, { currency: 'EUR' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  const charge = rate(call, deck);
  if (isRatingRejection(charge)) throw new Error(charge.reason);
  const cdr = {
    answerTime,
    callId: null,
    conferenceId: null,
    endTime: null,
    fingerprint: `1:${id} ${answerTime}`,
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
  await execute(tenant, { kind: 'debit-call', nowMs: answerTimeMs + 120_000, cdr, charge, parties: 'v1.x', report: {} });
}

async function events(): Promise<readonly RecordedEvent[]> {
  const read: RecordedEvent[] = [];
  for await (const page of store.readAll({ streamPrefix: STREAM_PREFIX })) read.push(...page);
  return read;
}

async function project(projection: Projection = CALLS): Promise<void> {
  const recorded = await events();
  await new Projector(projection, readStore, () => undefined).handle(recorded, recorded.at(-1)?.position ?? 0n);
}

/** The read model of a program that cannot fold what stands at these places. */
function failingFrom(revision: number, tenant: string): Projection {
  const { model } = CALLS;
  const fold: typeof model.fold = (row, event) => {
    if (event.tenant === tenant && event.revision >= revision) throw new Error('it cannot be folded');
    return model.fold(row, event);
  };
  return { ...CALLS, model: { ...model, fold } };
}

const answeredIn = (calls: Awaited<ReturnType<typeof findCalls>>) =>
  calls.map(({ tenant, answeredAt, revision }) => [tenant, answeredAt, revision]);
const byStreams = async (query: CallQuery) => answeredIn(await findCalls({ eventStore: store }, query));
const byReadModel = async (query: CallQuery) => answeredIn(await findCalls({ eventStore: store, readStore }, query));

describe('a call whose id its switch has used again', () => {
  const both = [
    ['acme', FIRST, 2],
    // Two months' books were closed in between.
    ['acme', AGAIN, 6],
  ];

  test.each<[string, typeof byStreams]>([
    ['the streams', byStreams],
    ['the read model', byReadModel],
  ])('is found beside the other by %s, and alone by its answer', async (_, found) => {
    await project();
    expect(await found({ cdrId: 'again' })).toEqual(both);
    expect(await found({ cdrId: 'again', tenant: 'acme', source: 'pbx' })).toEqual(both);
    expect(await found({ cdrId: 'again', answeredAtMs: Date.parse(FIRST) })).toEqual([both[0]]);
    expect(await found({ cdrId: 'again', answeredAtMs: Date.parse(AGAIN) })).toEqual([both[1]]);
    expect(await found({ cdrId: 'again', answeredAtMs: Date.parse(LATER) })).toEqual([]);
  });
});

describe('a call of a tenant that the read model has set aside', () => {
  test('is found, those of before and those of after', async () => {
    await project(failingFrom(4, 'acme'));
    expect(await readStore.db.selectFrom('set_aside').selectAll().execute()).toMatchObject([{ tenant: 'acme', revision: 6 }]);
    expect(await byReadModel({ cdrId: 'again' })).toEqual(await byStreams({ cdrId: 'again' }));
  });

  test('is found where it has no row at all, and only its own stream is read, from there on', async () => {
    await project(failingFrom(0, 'acme'));
    let read = 0;
    const parts = { eventStore: store, readStore, onRead: (count: number) => void (read += count) };
    expect(answeredIn(await findCalls(parts, { cdrId: 'once' }))).toEqual([
      ['acme', LATER, 1],
      ['bolt', LATER, 1],
    ]);
    expect(read).toBe(6);
    expect(await findCalls(parts, { cdrId: 'once', tenant: 'bolt' })).toHaveLength(1);
    expect(read).toBe(6);
  });
});
