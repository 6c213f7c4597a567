// The rating program: CDRs from Kafka → debits in the event store. Any number of instances may run.

import 'reflect-metadata';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { openDeckShelf } from '@tollkeeper/decks';
import { fileSnapshots, openEventStore, StreamWriter } from '@tollkeeper/event-store';
import { accountFromSnapshot, ledgerDecider, snapshotOf, tenantOf } from '@tollkeeper/ledger';
import { openMessageBus } from '@tollkeeper/message-bus';
import {
  createLogger,
  createMetrics,
  Readiness,
  runUntilSignal,
  serveHealth,
  settingsOrExit,
  type Running,
  watchEngines,
} from '@tollkeeper/program';
import { readSources } from '@tollkeeper/rating';
import { openKeyRing, openKeyStore } from '@tollkeeper/sealing';
import { ratingMetrics } from './metrics.js';
import { RatingModule } from './rating.module.js';
import { RatingSettings } from './settings.js';

const PROGRAM = 'rating';
const RATE_DECKS = 'rate-decks';

const textOf = (file: string): string => readFileSync(file, 'utf8');

const settings = settingsOrExit(RatingSettings, {
  program: PROGRAM,
  description: 'rates CDRs from Kafka and debits them from their tenants’ accounts',
  checkConfig: ({ sourcesFile }) => readSources(sourcesFile, textOf).faults ?? [],
});
const logger = createLogger(PROGRAM);

async function start(signal: AbortSignal): Promise<Running> {
  const { sources } = readSources(settings.sourcesFile, textOf);
  if (sources === undefined) throw new Error(`${settings.sourcesFile} changed while starting; see --check-config`);
  const registry = createMetrics(PROGRAM);
  const metrics = ratingMetrics(registry);
  const readiness = new Readiness([settings.group, RATE_DECKS]);
  const { promise: finished, reject: onFatal } = Promise.withResolvers<void>();

  const eventStore = openEventStore(settings.eventStoreUrl);
  const bus = openMessageBus(settings.brokers, { clientId: PROGRAM });
  const keyStore = await openKeyStore(settings.databaseUrl, { masterKey: settings.sealingMasterKey });
  const { snapshotFolder } = settings;
  const snapshots =
    snapshotFolder && fileSnapshots(snapshotFolder, snapshotOf, (stream, bytes) => accountFromSnapshot(tenantOf(stream), bytes));
  const writer = new StreamWriter({
    store: eventStore,
    decider: ledgerDecider,
    maxCachedStreams: settings.maxCachedAccounts,
    onConflict: metrics.onConflict,
    ...(snapshots ? { snapshots } : {}),
  });
  const decks = openDeckShelf(eventStore, { onError: (error) => logger.warn({ error }, 'Rate decks are not followed just now') });
  const module = RatingModule.register({
    writer,
    eventStore,
    bus,
    ring: openKeyRing(keyStore),
    intake: sources,
    decks,
    unratedCalls: settings.unratedCalls,
    clock: Date.now,
    intakeTopic: settings.cdrTopic,
    topics: { deadLetters: settings.deadLetterTopic, parked: settings.parkedTopic },
    group: settings.group,
    readiness,
    onFatal,
    onRetry: (error) => logger.warn({ error }, 'The batch is tried again'),
    watch: {
      onBatch: metrics.onBatch,
      onSetAside(tenant, reason) {
        if (readiness.set(`tenant ${tenant}`, false, reason))
          logger.error({ tenant, reason }, 'The tenant is set aside; its CDRs are parked');
      },
    },
  });
  const health = await serveHealth({ host: settings.healthHost, port: settings.healthPort, checks: readiness, registry });
  // A CDR must not meet a program that does not know yet which deck was active.
  await Promise.race([decks.ready, rejectsOnAbort(signal)]);
  decks.failed.catch(onFatal);
  readiness.set(RATE_DECKS, true);
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  readiness.set(settings.group, true);
  const watch = watchEngines({ 'event-store': eventStore, 'message-bus': bus }, readiness);
  logger.info({ healthPort: health.port, decks: decks.versions().length }, 'Rating');
  return {
    finished,
    async stop() {
      await watch.stop();
      await app.close();
      await decks.close();
      await Promise.all([health.close(), bus.close(), eventStore.close(), keyStore.close()]);
    },
  };
}

async function rejectsOnAbort(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}

await runUntilSignal(start, logger);
