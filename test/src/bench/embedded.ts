// Bench, E2 and its baseline, in a process of its own: everything on SQLite, as in standalone. `rating` debits and nothing
// more; `whole` keeps the read models and publishes balance events besides; `baseline` appends events of the same size in
// the same batches without rating.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ProjectionsModule, type ProjectionsOptions } from '@tollkeeper/app-projections';
import { Readiness } from '@tollkeeper/program';
import type { Tables } from '@tollkeeper/read-models';
import { openReadStore } from '@tollkeeper/read-store';
import { appendAll, byTenant, eventsPerAppend } from './batches.js';
import { eventsLike, type Prebuilt } from './bare-store.js';
import { checkDebits } from './check.js';
import { openEmbedded, type EmbeddedEngines } from './embedded-engines.js';
import { EMBEDDED_GROUP, EMBEDDED_TOPICS, ratingModule, startModules } from './embedded-rating.js';
import { answerApart } from './processes.js';
import { MESSAGES_PER_BATCH } from './sizes.js';
import { Stopwatch, type Span } from './stopwatch.js';
import { workload, type Shape } from './workload.js';

export type EmbeddedTask = {
  readonly mode: 'rating' | 'whole' | 'baseline';
  readonly folder: string;
  readonly count: number;
  readonly workload: { readonly name: string; readonly shape: Shape; readonly nowMs: number };
  readonly eventFile: string;
};

export type EmbeddedResult = { readonly span: Span; readonly peakRssMiB: number };

await answerApart(async (task: EmbeddedTask): Promise<EmbeddedResult> => {
  const {
    folder,
    count,
    workload: { name, shape, nowMs },
  } = task;
  mkdirSync(folder, { recursive: true });
  const engines = await openEmbedded(folder, true, workload(name, shape, nowMs), count, nowMs);
  const span = await (task.mode === 'baseline' ? appendWithoutRating(task, engines) : rate(task, engines));
  if (task.mode !== 'baseline') await checkDebits(engines.eventStore, name, count, 0n);
  await engines.close();
  rmSync(folder, { recursive: true });
  return { span, peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
});

/** In `whole`, a CDR is done when its balance event is published; the read models are no slower, since both feeds run level. */
async function rate({ mode, folder, count }: EmbeddedTask, engines: EmbeddedEngines): Promise<Span> {
  const stopwatch = new Stopwatch(count);
  const { promise: failed, reject: onFatal } = Promise.withResolvers<never>();
  const onDebited = (messages: number): void => (mode === 'rating' ? stopwatch.add(messages) : undefined);
  const modules = [ratingModule(engines, onDebited, onFatal)];
  const readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'read-models.sqlite')}`);
  if (mode === 'whole') {
    let published = 0;
    // Opening and credit of each account are published too; they come before the calls and are no calls.
    const others = await eventsIn(engines);
    const onPublished = (publisher: string, messages: number): void => {
      if (publisher === 'publisher:balance') stopwatch.at(Math.max(0, (published += messages) - others));
    };
    const options: ProjectionsOptions = {
      ...engines,
      readStore,
      topics: EMBEDDED_TOPICS,
      readiness: new Readiness([]),
      watch: {
        onPublished,
        onPosition: () => undefined,
        onRetry: (_, error) => onFatal(error),
        onSetAside: ({ reason }) => onFatal(new Error(reason)),
        onFatal,
      },
    };
    modules.push(ProjectionsModule.register(options));
  }
  const application = await startModules(modules);
  const span = await Promise.race([stopwatch.span, failed]);
  await application.close();
  await readStore.close();
  const left = await engines.bus.lag(EMBEDDED_GROUP, [EMBEDDED_TOPICS.cdr]);
  if (left > 0n) throw new Error(`${left} CDRs were not committed`);
  return span;
}

async function eventsIn({ eventStore }: EmbeddedEngines): Promise<number> {
  let events = 0;
  for await (const page of eventStore.readAll({ streamPrefix: '' })) events += page.length;
  return events;
}

async function appendWithoutRating({ count, eventFile }: EmbeddedTask, { bus, eventStore }: EmbeddedEngines): Promise<Span> {
  const stopwatch = new Stopwatch(count);
  const event = JSON.parse(readFileSync(eventFile, 'utf8')) as Prebuilt;
  const perAppend = eventsPerAppend(event);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const revisions = new Map<string, number>();
  const append = async (tenant: string, events: number): Promise<void> => {
    const { revision } = await eventStore.append(`bench-${tenant}`, revisions.get(tenant) ?? -1, eventsLike(event, events));
    revisions.set(tenant, revision);
  };
  const consumer = await bus.consume({
    group: EMBEDDED_GROUP,
    topics: [EMBEDDED_TOPICS.cdr],
    maxMessages: MESSAGES_PER_BATCH,
    async handle({ messages }) {
      await appendAll(
        byTenant(
          messages.map(({ key }) => key?.toString() ?? ''),
          perAppend,
        ),
        append,
      );
      stopwatch.add(messages.length);
    },
    onError: reject,
  });
  const span = await Promise.race([stopwatch.span, failed]);
  await consumer.stop();
  return span;
}
