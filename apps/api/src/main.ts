// The API program: HTTP → commands on the accounts' streams, CDRs on the bus, balances from the read models.

import 'reflect-metadata';
import { openDeckShelf } from '@tollkeeper/decks';
import { openEventStore, StreamWriter } from '@tollkeeper/event-store';
import { ledgerDecider } from '@tollkeeper/ledger';
import { openMessageBus } from '@tollkeeper/message-bus';
import { readSourcesFile } from '@tollkeeper/operations';
import { createLogger, createMetrics, Readiness, runUntilSignal, settingsOrExit, type Running } from '@tollkeeper/program';
import { openReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore } from '@tollkeeper/sealing';
import { ApiModule } from './api.module.js';
import { createHttpApp } from './http-app.js';
import { parseMinimumPurchase } from './minimum-purchase.js';
import type { ReadTables } from './parts.js';
import { ApiSettings } from './settings.js';
import { conflictCounter } from './request-metrics.js';

const PROGRAM = 'api';

const settings = settingsOrExit(ApiSettings, {
  program: PROGRAM,
  description: 'serves accounts, funding, CDR intake and balances over HTTP',
  checkConfig: ({ sourcesFile }) => readSourcesFile(sourcesFile).faults ?? [],
});
const logger = createLogger(PROGRAM);

async function start(): Promise<Running> {
  const { sources } = readSourcesFile(settings.sourcesFile);
  if (sources === undefined) throw new Error(`${settings.sourcesFile} changed while starting; see --check-config`);
  const eventStore = openEventStore(settings.eventStoreUrl);
  const bus = openMessageBus(settings.brokers, { clientId: PROGRAM });
  const readStore = await openReadStore<ReadTables>(settings.databaseUrl);
  const keyStore = await openKeyStore(settings.databaseUrl, { masterKey: settings.sealingMasterKey });
  const registry = createMetrics(PROGRAM);
  const conflicts = conflictCounter(registry);
  const streamWriter = new StreamWriter({
    store: eventStore,
    decider: ledgerDecider,
    maxCachedStreams: settings.maxCachedAccounts,
    onConflict: () => conflicts.inc(),
  });
  const decks = openDeckShelf(eventStore, { onError: (error) => logger.warn({ error }, 'Rate decks are not followed just now') });
  const readiness = new Readiness([]);
  decks.failed.catch((error: unknown) => {
    readiness.set('rate-decks', false, String(error));
    logger.error({ error }, 'The rate decks cannot be read; nothing is priced');
  });
  const module = ApiModule.register({
    eventStore,
    streamWriter,
    bus,
    readStore,
    sources,
    decks,
    ring: openKeyRing(keyStore),
    logger,
    registry,
    readiness,
    options: {
      cdrTopic: settings.cdrTopic,
      deadLetterTopic: settings.deadLetterTopic,
      parkedTopic: settings.parkedTopic,
      ratingGroup: settings.ratingGroup,
      expirySweepMs: settings.expirySweepMs,
      operatorToken: settings.operatorToken,
      minimumPurchase: parseMinimumPurchase(settings.minimumPurchase) ?? new Map(),
      allowPrivateWebhooks: settings.webhookAllowPrivate,
      nowMs: Date.now,
    },
  });
  const app = await createHttpApp(module);
  await app.listen(settings.port, settings.host);
  logger.info({ url: await app.getUrl() }, 'Serving');
  return {
    async stop() {
      await app.close();
      await decks.close();
      await streamWriter.close();
      await Promise.all([bus.close(), eventStore.close(), readStore.close(), keyStore.close()]);
    },
  };
}

await runUntilSignal(start, logger);
