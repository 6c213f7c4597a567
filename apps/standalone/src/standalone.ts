// All programs in one process: rating, projections, payments, notifications and the API as modules of one Nest application.

import { Module, type DynamicModule } from '@nestjs/common';
import {
  ApiModule,
  createHttpApp,
  DEFAULT_EXPIRY_SWEEP_MS,
  DEFAULT_MINIMUM_PURCHASE,
  parseMinimumPurchase,
} from '@tollkeeper/app-api';
import {
  noticeFaults,
  noticeOptions,
  NoticeSettings,
  NotificationsModule,
  NotificationsRunner,
  notificationsWatch,
  type NotificationsOptions,
} from '@tollkeeper/app-notifications';
import { DEFAULT_SWEEP_INTERVAL_MS, openRechargesIn, PaymentsModule } from '@tollkeeper/app-payments';
import { ProjectionsModule, projectionsMetrics, ProjectionsRunner, type ProjectionsOptions } from '@tollkeeper/app-projections';
import { RatingModule, ratingMetrics, type RatingOptions } from '@tollkeeper/app-rating';
import { openDeckShelf, type DeckShelf } from '@tollkeeper/decks';
import { httpGateway, simulatorJournal } from '@tollkeeper/payment-gateway';
import { createMetrics, Readiness, readSettings, type Logger, type Running } from '@tollkeeper/program';
import type { StandaloneOptions } from './command-line.js';
import type { DataFolder } from './data-folder.js';
import { demoIntake } from './demo.js';
import { publishDemo, waitUntilDrained } from './demo-run.js';
import { openEngines, TOPICS, type Engines } from './engines.js';
import { summaryTable, tenantSummaries } from './summary.js';

@Module({})
class StandaloneModule {}

const HOST = '127.0.0.1';
const RATING_GROUP = 'rating';
const GATEWAY_TIMEOUT_MS = 5_000;

export async function startStandalone(
  options: StandaloneOptions,
  folder: DataFolder,
  logger: Logger,
  signal: AbortSignal,
): Promise<Running> {
  const registry = createMetrics('tollkeeper');
  const readiness = new Readiness(['read-models', 'publishers']);
  const rating = ratingMetrics(registry);
  const engines = await openEngines(folder, rating.onConflict);
  const decks = openDeckShelf(engines.eventStore, {
    onError: (error) => logger.warn({ error }, 'A rate deck could not be read ahead'),
  });
  const { promise: failed, reject: onFatal } = Promise.withResolvers<void>();
  decks.failed.catch(onFatal);
  const around = { logger, registry, readiness, onFatal };
  const projections = projectionsOptions(engines, around);
  const notifications = notificationsOptions(engines, around);
  if (options.rebuild) {
    await new ProjectionsRunner(projections).rebuild();
    await new NotificationsRunner(notifications).rebuild();
  }
  await decks.ready;
  const app = await createHttpApp({
    module: StandaloneModule,
    imports: [
      ProjectionsModule.register(projections),
      RatingModule.register(ratingOptions(engines, decks, around, rating)),
      paymentsModule(engines, around),
      NotificationsModule.register(notifications),
      apiModule(engines, decks, around, { allowPrivateWebhooks: notifications.allowPrivateWebhooks, payments: folder.payments }),
    ],
  });
  await app.listen(options.port, HOST);
  folder.listensOn(await app.getUrl());
  if (!options.empty) await publishDemo(folder.demo, engines);
  const drained = showWhenDrained(options, engines, await app.getUrl(), signal);
  return {
    finished: Promise.race([failed, options.once ? drained : drained.then(() => failed)]),
    async stop() {
      await app.close();
      await decks.close();
      await engines.close();
      folder.release();
    },
  };
}

/** What a process has once, whatever it runs. */
type Around = {
  readonly logger: Logger;
  readonly registry: ReturnType<typeof createMetrics>;
  readonly readiness: Readiness;
  readonly onFatal: (error: unknown) => void;
};

function ratingOptions(
  engines: Engines,
  decks: DeckShelf,
  { logger, readiness, onFatal }: Around,
  metrics: ReturnType<typeof ratingMetrics>,
): RatingOptions {
  const { writer, eventStore, bus, ring } = engines;
  return {
    writer,
    eventStore,
    bus,
    ring,
    intake: demoIntake(),
    decks,
    unratedCalls: 'dead-letter',
    clock: Date.now,
    intakeTopic: TOPICS.cdr,
    topics: { deadLetters: TOPICS.deadLetters, parked: TOPICS.parked },
    group: RATING_GROUP,
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
  };
}

function projectionsOptions(engines: Engines, { logger, registry, readiness, onFatal }: Around): ProjectionsOptions {
  const { eventStore, bus, readStore } = engines;
  return {
    eventStore,
    bus,
    readStore,
    topics: TOPICS,
    readiness,
    watch: {
      ...projectionsMetrics(registry),
      onRetry: (feed, error) => logger.warn({ feed, error }, 'Tried again after a pause'),
      onSetAside: (row) => logger.error({ ...row }, 'The tenant is set aside in this read model until a rebuild'),
      onFatal,
    },
  };
}

/** Webhooks always, mails when `SMTP_URL` is set. @throws Error when a setting cannot be used. */
function notificationsOptions(
  { eventStore, readStore, ring }: Engines,
  { logger, registry, readiness }: Around,
): NotificationsOptions {
  const { settings, faults = settings && noticeFaults(settings) } = readSettings(NoticeSettings, process.env);
  if (settings === undefined || (faults && faults.length > 0)) throw new Error(faults?.join('; '));
  const engines = { eventStore, readStore: readStore as never, ring };
  return { ...engines, ...noticeOptions(settings), readiness, logger, watch: notificationsWatch(registry, logger) };
}

function paymentsModule({ eventStore, bus, readStore, simulator }: Engines, around: Around): DynamicModule {
  return PaymentsModule.register({
    eventStore,
    bus,
    gateway: httpGateway({ url: simulator.url, timeoutMs: GATEWAY_TIMEOUT_MS }),
    openRecharges: openRechargesIn(readStore, Date.now),
    options: { topic: TOPICS.rechargeCommand, group: 'payments', sweepIntervalMs: DEFAULT_SWEEP_INTERVAL_MS },
    ...around,
  });
}

function apiModule(
  { eventStore, writer, bus, readStore, ring }: Engines,
  decks: DeckShelf,
  { logger, registry, readiness }: Around,
  { allowPrivateWebhooks, payments }: { readonly allowPrivateWebhooks: boolean; readonly payments: string },
): DynamicModule {
  const minimumPurchase = parseMinimumPurchase(process.env['MINIMUM_PURCHASE'] || DEFAULT_MINIMUM_PURCHASE);
  if (minimumPurchase === undefined) throw new Error(`MINIMUM_PURCHASE must be such as ${DEFAULT_MINIMUM_PURCHASE}`);
  return ApiModule.register({
    eventStore,
    streamWriter: writer,
    bus,
    readStore: readStore as never,
    sources: demoIntake(),
    decks,
    ring,
    payments: simulatorJournal(payments),
    logger,
    registry,
    readiness,
    options: {
      cdrTopic: TOPICS.cdr,
      deadLetterTopic: TOPICS.deadLetters,
      parkedTopic: TOPICS.parked,
      ratingGroup: RATING_GROUP,
      expirySweepMs: DEFAULT_EXPIRY_SWEEP_MS,
      operatorToken: process.env['OPERATOR_TOKEN'] || undefined,
      minimumPurchase,
      allowPrivateWebhooks,
      nowMs: Date.now,
    },
  });
}

async function showWhenDrained(options: StandaloneOptions, engines: Engines, url: string, signal: AbortSignal): Promise<void> {
  await waitUntilDrained(engines, signal);
  if (signal.aborted) return;
  const summaries = await tenantSummaries(engines.readStore);
  if (summaries.length > 0) console.log(summaryTable(summaries));
  if (!options.once) console.log(`\nListening on ${url}; Ctrl-C stops.`);
}
