// The projections program: the ledger's events → read models, balance events, alerts and recharge commands.

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openEventStore } from '@tollkeeper/event-store';
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
import type { Tables } from '@tollkeeper/read-models';
import { openReadStore } from '@tollkeeper/read-store';
import { projectionsMetrics } from './metrics.js';
import { ProjectionsModule } from './projections.module.js';
import { ProjectionsRunner, type ProjectionsOptions } from './projections-runner.js';
import { ProjectionsSettings } from './settings.js';

const PROGRAM = 'projections';

const settings = settingsOrExit(ProjectionsSettings, {
  program: PROGRAM,
  description: 'keeps the read models and publishes balance events, alerts and recharge commands',
});
const logger = createLogger(PROGRAM);

async function start(): Promise<Running> {
  const registry = createMetrics(PROGRAM);
  const metrics = projectionsMetrics(registry);
  const readiness = new Readiness(['read-models', 'publishers']);
  const { promise: finished, reject: onFatal } = Promise.withResolvers<void>();
  const eventStore = openEventStore(settings.eventStoreUrl);
  const bus = openMessageBus(settings.brokers, { clientId: PROGRAM });
  const readStore = await openReadStore<Tables>(settings.databaseUrl);
  const options: ProjectionsOptions = {
    eventStore,
    bus,
    readStore,
    topics: {
      balance: settings.balanceTopic,
      alert: settings.alertTopic,
      rechargeCommand: settings.rechargeCommandTopic,
      deadLetters: settings.deadLetterTopic,
    },
    group: settings.group,
    readiness,
    watch: {
      ...metrics,
      onRetry: (feed, error) => logger.warn({ feed, error }, 'Tried again after a pause'),
      onSetAside: (row) => logger.error({ ...row }, 'The tenant is set aside in this read model until a rebuild'),
      onFatal,
    },
  };
  if (settings.rebuild !== undefined) {
    await new ProjectionsRunner(options).rebuild(settings.rebuild);
    logger.info({ rebuild: settings.rebuild }, 'Rebuilt');
  }
  const health = await serveHealth({ host: settings.healthHost, port: settings.healthPort, checks: readiness, registry });
  const app = await NestFactory.createApplicationContext(ProjectionsModule.register(options), {
    logger: false,
    abortOnError: false,
  });
  const watch = watchEngines({ 'event-store': eventStore, 'message-bus': bus, 'read-store': readStore }, readiness);
  logger.info({ healthPort: health.port }, 'Projecting');
  return {
    finished,
    async stop() {
      await watch.stop();
      await app.close();
      await Promise.all([health.close(), bus.close(), eventStore.close(), readStore.close()]);
    },
  };
}

await runUntilSignal(start, logger);
