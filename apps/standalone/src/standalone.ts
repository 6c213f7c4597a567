// All programs in one process: rating, projections, payments and the API as modules of one Nest application.

import { Module, type DynamicModule } from '@nestjs/common';
import { ApiModule, createHttpApp, DEFAULT_EXPIRY_SWEEP_MS } from '@tollkeeper/app-api';
import { httpGateway, PaymentsModule } from '@tollkeeper/app-payments';
import { ProjectionsModule, projectionsMetrics, ProjectionsRunner, type ProjectionsOptions } from '@tollkeeper/app-projections';
import { RatingModule, ratingMetrics } from '@tollkeeper/app-rating';
import { createMetrics, Readiness, type Logger, type Running } from '@tollkeeper/program';
import { compileIntake, isDeckRejection, parseDeck, parseSources, type Deck, type Intake } from '@tollkeeper/rating';
import type { StandaloneOptions } from './command-line.js';
import type { DataFolder } from './data-folder.js';
import { demoDeckText, demoSources } from './demo.js';
import { publishDemo, waitUntilDrained } from './demo-run.js';
import { openEngines, TOPICS, type Engines } from './engines.js';
import { summaryTable, tenantSummaries } from './summary.js';

@Module({})
class StandaloneModule {}

const HOST = '127.0.0.1';

export async function startStandalone(
  options: StandaloneOptions,
  folder: DataFolder,
  logger: Logger,
  signal: AbortSignal,
): Promise<Running> {
  const registry = createMetrics('tollkeeper');
  const rating = ratingMetrics(registry);
  const engines = await openEngines(folder, rating.onConflict);
  const { promise: failed, reject: onFatal } = Promise.withResolvers<void>();
  const module = composed(engines, { logger, registry, rating, onFatal, rebuild: options.rebuild });
  const app = await createHttpApp(await module);
  await app.listen(options.port, HOST);
  if (!options.empty) await publishDemo(folder.demo, engines);
  const drained = showWhenDrained(options, engines, await app.getUrl(), signal);
  return {
    finished: options.once ? Promise.race([drained, failed]) : Promise.race([failed, drained.then(() => failed)]),
    async stop() {
      await app.close();
      await engines.close();
      folder.release();
    },
  };
}

async function showWhenDrained(options: StandaloneOptions, engines: Engines, url: string, signal: AbortSignal): Promise<void> {
  await waitUntilDrained(engines, signal);
  if (signal.aborted) return;
  const summaries = await tenantSummaries(engines.readStore);
  if (summaries.length > 0) console.log(summaryTable(summaries));
  if (!options.once) console.log(`\nListening on ${url}; Ctrl-C stops.`);
}
