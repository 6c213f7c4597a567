// Bench, latency: CDRs published at a steady pace → how long until each one's balance event is on its topic, by way of the
// rating and the projections program.

import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer } from '@tollkeeper/message-bus';
import { waitFor } from '@tollkeeper/testing';
import { checkDebits } from './check.js';
import { ratingFiles, type Filled, type Ground } from './ground.js';
import { memoryOf } from './processes.js';
import { progress } from './progress.js';
import { startProjections } from './projecting.js';
import { CDRS_PER_SECOND_FOR_LATENCY, WARM_UP_SHARE } from './sizes.js';
import { monotonicMs } from './stopwatch.js';
import { indexOfCdr } from './workload.js';

export type Latency = {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of it, until rating has decided the debit. */
  readonly decidedP99Ms: number;
  readonly ratingPeakRssMiB: number;
  readonly projectionsPeakRssMiB: number;
};

/** Publishing is as even as a timer allows: a few CDRs each time. */
const TICK_MS = 10;
const ARRIVED_WITHIN_MS = 60_000;

export async function measureLatency(ground: Ground): Promise<Latency> {
  const count = ground.sizes.latencySeconds * CDRS_PER_SECOND_FOR_LATENCY;
  const place = await ground.mark();
  const filled = await ground.fill('many', 0);
  const projecting = await startProjections(ground, filled.name, { readModels: place, publishers: place });
  const [deadLetters, parked] = [await ground.topic(`${filled.topic}.dlt`, 2), await ground.topic(`${filled.topic}.parked`, 2)];
  const topics = {
    CDR_TOPIC: filled.topic,
    DEAD_LETTER_TOPIC: deadLetters,
    PARKED_TOPIC: parked,
    CONSUMER_GROUP: `${filled.topic}-rating`,
  };
  const rating = await ground.start('rating', { ...ratingFiles(ground, filled.topic), ...topics });
  await Promise.all([rating.waitReady(), projecting.program.waitReady()]);
  const instants = { arrivedAtMs: new Float64Array(count), decidedAtMs: new Float64Array(count) };
  const arrivals = await watchArrivals(ground, projecting.balanceTopic, instants);
  progress(`publishing ${CDRS_PER_SECOND_FOR_LATENCY} CDRs a second for ${ground.sizes.latencySeconds} s`);
  const publishedAtMs = await publishEvenly(ground, filled, count);
  await waitFor(() => arrivals.count() >= count || rating.hasExited() || projecting.program.hasExited(), {
    timeoutMs: ARRIVED_WITHIN_MS,
    what: `${count} balance events; ${arrivals.count()} came\n${rating.tail()}\n${projecting.program.tail()}`,
  });
  const memory = {
    ratingPeakRssMiB: memoryOf(rating.pid).peakRssMiB,
    projectionsPeakRssMiB: memoryOf(projecting.program.pid).peakRssMiB,
  };
  await arrivals.consumer.stop();
  await Promise.all([rating.kill('SIGTERM'), projecting.stop()]);
  await checkDebits(ground.eventStore, filled.name, count, place);
  const sincePublished = (instantsMs: Float64Array): Float64Array =>
    instantsMs
      .map((atMs, index) => atMs - (publishedAtMs[index] as number))
      .slice(Math.floor(count * WARM_UP_SHARE))
      .toSorted();
  const [latencies, decided] = [sincePublished(instants.arrivedAtMs), sincePublished(instants.decidedAtMs)];
  const measured = {
    p50Ms: at(latencies, 0.5),
    p99Ms: at(latencies, 0.99),
    maxMs: at(latencies, 1),
    decidedP99Ms: at(decided, 0.99),
  };
  return { count: latencies.length, ...measured, ...memory };
}

function at(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}

async function publishEvenly(ground: Ground, { topic, workload }: Filled, count: number): Promise<Float64Array> {
  const publishedAtMs = new Float64Array(count);
  const acknowledged: Promise<void>[] = [];
  const startMs = monotonicMs();
  for (let published = 0; published < count;) {
    const due = Math.min(count, Math.floor(((monotonicMs() - startMs) / 1000) * CDRS_PER_SECOND_FOR_LATENCY));
    if (due > published) {
      const messages = workload.messages(published, due - published);
      publishedAtMs.fill(monotonicMs(), published, due);
      acknowledged.push(ground.bus.publish(topic, messages));
      published = due;
    }
    await delay(TICK_MS);
  }
  await Promise.all(acknowledged);
  return publishedAtMs;
}

type Instants = { readonly arrivedAtMs: Float64Array; readonly decidedAtMs: Float64Array };

/** A balance event that comes twice counts when it came first. */
async function watchArrivals(
  ground: Ground,
  topic: string,
  { arrivedAtMs, decidedAtMs }: Instants,
): Promise<{ readonly consumer: Consumer; count(): number }> {
  let arrived = 0;
  const consumer = await ground.bus.consume({
    group: `${topic}-watch`,
    topics: [topic],
    maxMessages: 1_000,
    async handle({ messages }) {
      const atMs = monotonicMs();
      const wallClockMs = Date.now() - atMs;
      for (const { value, headers } of messages) {
        const { cdrId } = JSON.parse(value?.toString() ?? '{}') as { readonly cdrId?: string | null };
        if (!cdrId) continue;
        const index = indexOfCdr(cdrId);
        if (arrivedAtMs[index] !== 0) continue;
        arrivedAtMs[index] = atMs;
        decidedAtMs[index] = Date.parse(headers['ce_time'] ?? '') - wallClockMs;
        arrived += 1;
      }
    },
  });
  return { consumer, count: () => arrived };
}
