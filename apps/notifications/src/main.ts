// The notifications program: the ledger's events → mails to a tenant's recipients and webhooks to its subscribers.

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openEventStore } from '@tollkeeper/event-store';
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
import { openReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore } from '@tollkeeper/sealing';
import { notificationsWatch } from './metrics.js';
import { NotificationsModule } from './notifications.module.js';
import { NOTICES_CHECK, NotificationsRunner } from './notifications-runner.js';
import { noticeOptions } from './notice-options.js';
import { noticeFaults, NotificationsSettings } from './settings.js';
import type { Tables } from './tables.js';

const PROGRAM = 'notifications';

const settings = settingsOrExit(NotificationsSettings, {
  program: PROGRAM,
  description: 'mails tenants’ recipients and calls their webhooks',
  checkConfig: noticeFaults,
});
const logger = createLogger(PROGRAM);

async function start(): Promise<Running> {
  const registry = createMetrics(PROGRAM);
  const readiness = new Readiness([NOTICES_CHECK]);
  const eventStore = openEventStore(settings.eventStoreUrl);
  const readStore = await openReadStore<Tables>(settings.databaseUrl);
  const keyStore = await openKeyStore(settings.databaseUrl, { masterKey: settings.sealingMasterKey });
  const engines = { eventStore, readStore, ring: openKeyRing(keyStore) };
  const watched = { readiness, logger, watch: notificationsWatch(registry, logger) };
  const options = { ...engines, ...noticeOptions(settings), ...watched };
  if (settings.rebuild !== undefined) {
    await new NotificationsRunner(options).rebuild();
    logger.info('Reading the ledger anew');
  }
  const health = await serveHealth({ host: settings.healthHost, port: settings.healthPort, checks: readiness, registry });
  const app = await NestFactory.createApplicationContext(NotificationsModule.register(options), {
    logger: false,
    abortOnError: false,
  });
  const engineWatch = watchEngines({ 'event-store': eventStore, 'read-store': readStore }, readiness);
  logger.info({ healthPort: health.port, mails: options.mail !== undefined }, 'Notifying');
  return {
    async stop() {
      await engineWatch.stop();
      await app.close();
      await Promise.all([health.close(), eventStore.close(), readStore.close(), keyStore.close()]);
    },
  };
}

await runUntilSignal(start, logger);
