// Bench, what the baselines append: a few CDRs are rated in memory; one of the events that come of it goes out.

import { openEmbedded } from './embedded-engines.js';
import { ratingModule, startModules } from './embedded-rating.js';
import type { Prebuilt } from './bare-store.js';
import { workload } from './workload.js';

const SAMPLE = 200;

export async function sampleEvent(folder: string, nowMs: number): Promise<Prebuilt> {
  const load = workload('benchsample000000', 'hot', nowMs);
  const engines = await openEmbedded(folder, false, load, SAMPLE, nowMs);
  let rated = 0;
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const onMessages = (count: number): void => {
    rated += count;
    if (rated === SAMPLE) resolve();
  };
  const application = await startModules([ratingModule(engines, onMessages, reject)]);
  await done;
  await application.close();
  for await (const page of engines.eventStore.readAll({ streamPrefix: 'credit-' })) {
    const debit = page.findLast(({ type }) => type === 'CallDebited.v1');
    if (debit === undefined) continue;
    await engines.close();
    return { type: debit.type, data: debit.data, metadata: debit.metadata };
  }
  throw new Error('rating a sample left no debit in the store');
}
