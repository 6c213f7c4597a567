// Runs followers over a store's events: one subscription, every batch to each follower, from the one that is furthest behind.
// A follower that fails stops the feed, which begins again from the followers' own places after a pause.

import { setTimeout as delay } from 'node:timers/promises';
import { backOff } from './backoff.js';
import type { EventStore, RecordedEvent } from './event-store.js';

export type Follower = {
  readonly name: string;
  /** Where it stands; undefined before its first event. */
  load(): Promise<bigint | undefined>;
  /** Events at or before its own place are skipped by itself. */
  handle(events: readonly RecordedEvent[], position: bigint): Promise<void>;
};

export type FeedWatch = {
  onFailure(error: unknown): void;
  /** After each batch; `caughtUp` when nothing more was waiting. */
  onProgress(position: bigint, caughtUp: boolean): void;
};

export type FeedOptions = { readonly streamPrefix: string; readonly watch: FeedWatch; readonly signal: AbortSignal };

const MAX_BATCH = 2_000;
/**
 * From one batch to the next, unless it is full. A batch costs a dozen round trips to the database whatever its size: at
 * 2,000 events a second and a batch for every few of them, those alone took a quarter of a core.
 */
const BATCH_INTERVAL_MS = 25;
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;

/** Ends when the signal says so, after the batch in hand. */
export async function runFeed(
  store: EventStore,
  followers: readonly Follower[],
  { streamPrefix, watch, signal }: FeedOptions,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      const after = furthestBehind(await Promise.all(followers.map((follower) => follower.load())));
      const options = { streamPrefix, maxBatch: MAX_BATCH, signal, ...(after === undefined ? {} : { after }) };
      for await (const batch of store.subscribe(options)) {
        const nextMs = performance.now() + BATCH_INTERVAL_MS;
        await Promise.all(followers.map((follower) => follower.handle(batch.events, batch.position)));
        failures = 0;
        watch.onProgress(batch.position, batch.caughtUp);
        const earlyMs = nextMs - performance.now();
        if (earlyMs > 0 && batch.events.length < MAX_BATCH) await delay(earlyMs);
      }
    } catch (error) {
      watch.onFailure(error);
      // An abort ends the pause, and the loop with it.
      await backOff(failures, MIN_PAUSE_MS, MAX_PAUSE_MS, signal);
      failures += 1;
    }
  }
}

function furthestBehind(positions: readonly (bigint | undefined)[]): bigint | undefined {
  let least = positions[0];
  for (const position of positions) if (position === undefined || (least !== undefined && position < least)) least = position;
  return least;
}
