// For tests of the API: the whole of it on engines of this process and a folder, over real HTTP, with read models kept beside it.

import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { activateDeck, importDeck, openDeckShelf } from '@tollkeeper/decks';
import { inMemoryEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, STREAM_PREFIX, type LedgerCommand } from '@tollkeeper/ledger';
import { inMemoryMessageBus, type Message, type MessageBus } from '@tollkeeper/message-bus';
import { createLogger, createMetrics, Readiness } from '@tollkeeper/program';
import { compileIntake, isDeckRejection, parseDeck, parseSources, type Intake } from '@tollkeeper/rating';
import { MIGRATIONS, PROJECTIONS, Projector } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, type KeyRing, type KeyStore } from '@tollkeeper/sealing';
import { ApiModule } from './api.module.js';
import { createHttpApp } from './http-app.js';
import { DEFAULT_MINIMUM_PURCHASE, parseMinimumPurchase } from './minimum-purchase.js';
import {
  DEFAULT_CDR_TOPIC,
  DEFAULT_DEAD_LETTER_TOPIC,
  DEFAULT_PARKED_TOPIC,
  DEFAULT_RATING_GROUP,
  type ApiParts,
  type ReadTables,
} from './parts.js';

export const TOPIC = DEFAULT_CDR_TOPIC;
export const DEAD_LETTER_TOPIC = DEFAULT_DEAD_LETTER_TOPIC;

export type TestApi = {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly eventStore: EventStore;
  readonly bus: MessageBus;
  readonly readStore: ReadStore<ReadTables>;
  readonly ring: KeyRing;
  readonly keyStore: KeyStore;
  readonly clock: { nowMs: number };
  /** Folds what has happened since into the read models, as the projections program does all the time. */
  project(): Promise<void>;
  execute(tenant: string, command: LedgerCommand): Promise<void>;
  published(): Promise<readonly Message[]>;
  close(): Promise<void>;
};

export type TestApiChange = Partial<
  Pick<ApiParts, 'bus' | 'eventStore'> &
    Pick<ApiParts['options'], 'operatorToken' | 'allowPrivateWebhooks'> & {
      readonly readStoreUrl: string;
      readonly consoleFolder: string;
      /** No program has made the tables of the read models yet. */
      readonly isUnmigrated: boolean;
    }
>;

/** CSV in EUR, active for the calls of that year. */
export async function useDeck({ eventStore, clock: { nowMs } }: TestApi, csv: string): Promise<void> {
  const deck = parseDeck(csv, { currency: 'EUR' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  for (const { version } of await importDeck(eventStore, deck, { by: 'ada', name: 'rates.csv', nowMs })) {
    const { plan, hash } = version;
    await activateDeck(eventStore, { plan, hash, activeFromMs: Date.parse('2026-01-01'), by: 'ada', nowMs });
  }
}

export async function startApi(change: TestApiChange = {}): Promise<TestApi> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-api-'));
  const eventStore = change.eventStore ?? inMemoryEventStore();
  const bus = change.bus ?? inMemoryMessageBus();
  const readStore = await openReadStore<ReadTables>(change.readStoreUrl ?? `sqlite:${join(folder, 'read.db')}`);
  if (change.isUnmigrated !== true) await readStore.migrate(MIGRATIONS);
  await bus.ensureTopics([TOPIC, DEAD_LETTER_TOPIC, DEFAULT_PARKED_TOPIC].map((name) => ({ name, partitions: 3 })));
  const keyStore = await openKeyStore(`sqlite:${join(folder, 'keys.db')}`);
  const ring = openKeyRing(keyStore);
  const streamWriter = new StreamWriter({ store: eventStore, decider: ledgerDecider, maxCachedStreams: 100 });
  const decks = openDeckShelf(eventStore, { onError: () => undefined });
  const clock = { nowMs: Date.parse('2026-03-03T12:00:00Z') };
  const app = await createHttpApp(
    ApiModule.register({
      eventStore,
      streamWriter,
      bus,
      readStore,
      sources: testSources(),
      decks,
      ring,
      logger: createLogger('api', { level: 'silent' }),
      registry: createMetrics('api'),
      readiness: new Readiness([]),
      options: {
        cdrTopic: TOPIC,
        deadLetterTopic: DEAD_LETTER_TOPIC,
        parkedTopic: DEFAULT_PARKED_TOPIC,
        ratingGroup: DEFAULT_RATING_GROUP,
        expirySweepMs: 0,
        operatorToken: change.operatorToken,
        minimumPurchase: parseMinimumPurchase(DEFAULT_MINIMUM_PURCHASE) ?? new Map(),
        allowPrivateWebhooks: change.allowPrivateWebhooks ?? false,
        nowMs: () => clock.nowMs,
      },
    }),
    change.consoleFolder,
  );
  await app.listen(0, '127.0.0.1');
  return {
    url: await app.getUrl(),
    app,
    eventStore,
    bus,
    readStore,
    ring,
    keyStore,
    clock,
    project: () => project(eventStore, readStore),
    async execute(tenant, command) {
      const [result] = await streamWriter.execute(STREAM_PREFIX + tenant, [command]);
      if (result?.kind !== 'recorded') throw new Error(`${command.kind} of ${tenant}: ${JSON.stringify(result)}`);
    },
    published: () => published(bus),
    async close() {
      await app.close();
      await decks.close();
      await Promise.allSettled([bus.close(), eventStore.close(), readStore.close(), keyStore.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

function testSources(): Intake {
  const parsed = parseSources([
    { name: 'default', trustTenantField: true },
    { name: 'pbx', defaultCountry: 'FR', mapping: [{ id: 'acme-1001', match: { accountCode: '1001' }, tenant: 'acme' }] },
    { name: 'asterisk', format: 'asterisk-csv', trustTenantField: true },
  ]);
  const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  return compiled.intake;
}

async function project(eventStore: EventStore, readStore: ReadStore<ReadTables>): Promise<void> {
  for (const projection of PROJECTIONS) {
    const projector = new Projector(projection, readStore as never, () => undefined);
    const from = await projector.load();
    const options = { streamPrefix: STREAM_PREFIX, ...(from === undefined ? {} : { after: from }) };
    for await (const page of eventStore.readAll(options)) {
      const last = page.at(-1);
      if (last !== undefined) await projector.handle(page, last.position);
    }
  }
}

async function published(bus: MessageBus): Promise<readonly Message[]> {
  const messages: Message[] = [];
  const group = `test-${Math.random()}`;
  const expected = await bus.lag(group, [TOPIC]);
  if (expected === 0n) return [];
  const { promise: complete, resolve } = Promise.withResolvers<void>();
  const consumer = await bus.consume({
    group,
    topics: [TOPIC],
    maxMessages: 1_000,
    async handle(batch) {
      messages.push(...batch.messages);
      if (BigInt(messages.length) >= expected) resolve();
    },
  });
  await complete;
  await consumer.stop();
  return messages;
}

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: any };

export async function call(
  api: TestApi,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isText = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(api.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isText ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

export function cdr(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'cdr-1',
    tenant: 'acme',
    calledNumber: '+33123456789',
    callingNumber: '+33987654321',
    answerTime: '2026-03-03T11:50:00Z',
    endTime: '2026-03-03T11:51:01Z',
    ...change,
  };
}

/** 0.60 EUR a minute, in minutes. */
export const RATED_AHEAD = {
  plan: 'default',
  category: 'outbound',
  prefix: '33',
  destination: 'France',
  currency: 'EUR',
  deckHash: 'cd'.repeat(32),
  ratedSeconds: Infinity,
  timeline: {
    spans: [{ fromMs: 0, rate: '0.6', rateUnitSeconds: 60, incrementSeconds: 60, row: 1 }],
    connectFee: '0',
    rounding: 'up',
    decimals: 4,
    maxCost: null,
  },
} as const;
