// Story tests: a rate deck and the first day come in; the whole product goes out, in one process on a folder as `npm start` keeps it,
// with a clock that the test turns. What people do they do over HTTP or the command line; what a gateway does, the simulator does.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { ApiModule, createHttpApp } from '@tollkeeper/app-api';
import {
  noticeOptions,
  NoticeSettings,
  NotificationsModule,
  notificationsWatch,
  type NoticeOptions,
} from '@tollkeeper/app-notifications';
import { openRechargesIn, PaymentsModule, startSimulator, type Simulator } from '@tollkeeper/app-payments';
import { ProjectionsModule, type ProjectionsOptions } from '@tollkeeper/app-projections';
import { RatingModule } from '@tollkeeper/app-rating';
import { openDeckShelf } from '@tollkeeper/decks';
import { openEventStore, StreamWriter, type RecordedEvent } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf } from '@tollkeeper/ledger';
import { openMessageBus } from '@tollkeeper/message-bus';
import { httpGateway } from '@tollkeeper/payment-gateway';
import { createLogger, createMetrics, Readiness, readSettings } from '@tollkeeper/program';
import { compileIntake, parseSources } from '@tollkeeper/rating';
import type { Tables } from '@tollkeeper/read-models';
import { openReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore } from '@tollkeeper/sealing';
import { waitFor } from '@tollkeeper/testing';
import { openMailServer, useDeck, type MailServer } from '../stage/index.js';

export type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

export type World = {
  readonly clock: { nowMs: number };
  readonly simulator: Simulator;
  readonly mailServer: MailServer;
  /** What `--data` takes. */
  readonly folder: string;
  ask(method: 'GET' | 'PUT' | 'POST', path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Call records as the switch sends them, one a message. */
  send(tenant: string, cdrs: readonly object[]): Promise<void>;
  events(tenant: string): Promise<readonly RecordedEvent[]>;
  /** Waits for what the programs do by themselves. */
  until(what: string, condition: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
};

@Module({})
class StoryModule {}

const TOPICS = {
  cdr: 'telephony.cdr.v1',
  deadLetters: 'telephony.cdr.v1.dlt',
  parked: 'telephony.cdr.v1.parked',
  balance: 'credit.balance.v1',
  alert: 'credit.alert.v1',
  rechargeCommand: 'credit.recharge-command.v1',
  rechargeCommandDeadLetters: 'credit.recharge-command.v1.dlt',
} as const;
const MAX_CDR_MESSAGE_BYTES = 1_048_588;
/** The clock may be turned by months: whatever looks from time to time looks at once. */
const SWEEP_MS = 20;
const WITHIN_MS = 20_000;

export async function openWorld(deckCsv: string, firstDay: string): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'tollkeeper-story-'));
  const clock = { nowMs: Date.parse(firstDay) };
  const nowMs = (): number => clock.nowMs;
  const place = (file: string): string => `sqlite:${join(folder, file)}`;
  const eventStore = openEventStore(place('events.sqlite'));
  const bus = openMessageBus(place('bus.sqlite'), { clientId: 'story' });
  const readStore = await openReadStore<Tables>(place('read-models.sqlite'));
  const keyStore = await openKeyStore(place('keys.sqlite'));
  const ring = openKeyRing(keyStore);
  const simulator = await startSimulator({ port: 0, file: join(folder, 'payments.ndjson') });
  const mailServer = await openMailServer();
  await useDeck(eventStore, deckCsv);
  await bus.ensureTopics(
    Object.values(TOPICS).map((name) => {
      const isPutAside = name === TOPICS.deadLetters || name === TOPICS.parked;
      const bounds = { maxMessageBytes: MAX_CDR_MESSAGE_BYTES };
      return {
        name,
        partitions: 1,
        ...(isPutAside ? { maxMessageBytes: 2 * MAX_CDR_MESSAGE_BYTES, retentionMs: Infinity } : bounds),
      };
    }),
  );
  const writer = new StreamWriter({ store: eventStore, decider: ledgerDecider, maxCachedStreams: 100 });
  const decks = openDeckShelf(eventStore, { onError: () => undefined });
  await decks.ready;
  const troubles: unknown[] = [];
  const onFatal = (error: unknown): void => void troubles.push(error);
  const readiness = new Readiness([]);
  const [logger, registry] = [createLogger('story', { level: 'silent' }), createMetrics('story')];
  const intake = intakeOf();
  const projections: ProjectionsOptions = {
    eventStore,
    bus,
    readStore,
    topics: TOPICS,
    readiness,
    watch: { onPublished: () => undefined, onPosition: () => undefined, onRetry: () => undefined, onSetAside: onFatal, onFatal },
  };
  const app = await createHttpApp({
    module: StoryModule,
    imports: [
      ProjectionsModule.register(projections),
      RatingModule.register({
        writer,
        eventStore,
        bus,
        ring,
        intake,
        decks,
        unratedCalls: 'dead-letter',
        clock: nowMs,
        intakeTopic: TOPICS.cdr,
        topics: { deadLetters: TOPICS.deadLetters, parked: TOPICS.parked },
        group: 'rating',
        readiness,
        onFatal,
        onRetry: onFatal,
        watch: { onBatch: () => undefined, onSetAside: (_, reason) => onFatal(reason) },
      }),
      PaymentsModule.register({
        eventStore,
        bus,
        gateway: httpGateway({ url: simulator.url }),
        openRecharges: openRechargesIn(readStore, nowMs),
        options: { topic: TOPICS.rechargeCommand, group: 'payments', sweepIntervalMs: SWEEP_MS },
        nowMs,
        logger,
        registry: createMetrics('payments'),
        readiness,
        onFatal,
      }),
      NotificationsModule.register({
        eventStore,
        readStore: readStore as never,
        ring,
        ...mailsTo(mailServer),
        readiness,
        logger,
        watch: notificationsWatch(createMetrics('notifications'), logger),
        nowMs,
      }),
      ApiModule.register({
        eventStore,
        streamWriter: writer,
        bus,
        readStore: readStore as never,
        sources: intake,
        decks,
        ring,
        logger,
        registry,
        readiness,
        options: {
          cdrTopic: TOPICS.cdr,
          deadLetterTopic: TOPICS.deadLetters,
          parkedTopic: TOPICS.parked,
          ratingGroup: 'rating',
          expirySweepMs: SWEEP_MS,
          minimumPurchase: new Map(),
          allowPrivateWebhooks: false,
          operatorToken: undefined,
          nowMs,
        },
      }),
    ],
  });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    clock,
    simulator,
    mailServer,
    folder,
    async ask(method, path, body, headers = {}) {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(url + path, { method, headers: { 'content-type': 'application/json', ...headers }, ...sent });
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    },
    send: (tenant, cdrs) =>
      bus.publish(
        TOPICS.cdr,
        cdrs.map((cdr) => ({ key: tenant, value: JSON.stringify(cdr), headers: { 'cdr-source': 'switch' } })),
      ),
    async events(tenant) {
      const events: RecordedEvent[] = [];
      for await (const page of eventStore.readStream(streamOf(tenant))) events.push(...page);
      return events;
    },
    async until(what, condition) {
      await waitFor(
        async () => {
          if (troubles.length > 0) throw new Error(`a program is in trouble: ${String(troubles[0])}`);
          return condition();
        },
        { timeoutMs: WITHIN_MS, what },
      );
    },
    async close() {
      await app.close();
      await decks.close();
      await simulator.close();
      await mailServer.close();
      await Promise.all([eventStore.close(), bus.close(), readStore.close(), keyStore.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

/** As the program would be set; what is older than three days by the story's clock is told to nobody. */
function mailsTo({ url }: MailServer): NoticeOptions {
  const { settings, faults } = readSettings(NoticeSettings, { SMTP_URL: url, MAIL_FROM: 'Tollkeeper <billing@carrier.example>' });
  if (settings === undefined) throw new Error(faults.join('; '));
  return noticeOptions(settings);
}

function intakeOf() {
  const parsed = parseSources([{ name: 'switch', trustTenantField: true }]);
  const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  return compiled.intake;
}
