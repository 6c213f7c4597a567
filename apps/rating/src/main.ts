// The rating program: CDRs from Kafka → debits in the event store. Any number of instances may run.

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
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
import { openKeyRing, openKeyStore } from '@tollkeeper/sealing';
import { ratingMetrics } from './metrics.js';
import { readDeck, readIntake } from './sources-file.js';
import { RatingModule } from './rating.module.js';
import { RatingSettings } from './settings.js';

const PROGRAM = 'rating';

const settings = settingsOrExit(RatingSettings, {
  program: PROGRAM,
  description: 'rates CDRs from Kafka and debits them from their tenants’ accounts',
  checkConfig: ({ sourcesFile, rateDeckFile, rateDeckCurrency }) => [
    ...(readIntake(sourcesFile).faults ?? []),
    ...(readDeck(rateDeckFile, rateDeckCurrency).faults ?? []),
  ],
});
const logger = createLogger(PROGRAM);

async function start(): Promise<Running> {
  const intake = readIntake(settings.sourcesFile).value;
  const deck = readDeck(settings.rateDeckFile, settings.rateDeckCurrency).value;
  if (intake === undefined || deck === undefined)
    throw new Error('the sources or the rate deck changed while starting; see --check-config');
  const registry = createMetrics(PROGRAM);
  const metrics = ratingMetrics(registry);
  const readiness = new Readiness([settings.group]);
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
  const module = RatingModule.register({
    writer,
    bus,
    ring: openKeyRing(keyStore),
    intake,
    deck: () => deck,
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
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  readiness.set(settings.group, true);
  const watch = watchEngines({ 'event-store': eventStore, 'message-bus': bus }, readiness);
  logger.info({ healthPort: health.port, deck: deck.hash, rows: deck.rowCount }, 'Rating');
  return {
    finished,
    async stop() {
      await watch.stop();
      await app.close();
      await Promise.all([health.close(), bus.close(), eventStore.close(), keyStore.close()]);
    },
  };
}

await runUntilSignal(start, logger);
