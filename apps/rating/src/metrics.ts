// What the rating program counts, for `/metrics`.

import { Counter, Histogram, type Registry } from 'prom-client';
import type { BatchOutcome } from './rating-worker.js';

export type RatingMetrics = {
  onBatch(outcome: BatchOutcome): void;
  onConflict(): void;
};

export function ratingMetrics(registry: Registry): RatingMetrics {
  const registers = [registry];
  const cdrs = new Counter({
    name: 'tollkeeper_cdrs_total',
    help: 'CDRs by outcome: recorded, duplicate, or the code of the rejection',
    labelNames: ['outcome'],
    registers,
  });
  const batches = new Histogram({
    name: 'tollkeeper_rating_batch_seconds',
    help: 'Time from a batch in hand to its debits and dead letters acknowledged',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const conflicts = new Counter({
    name: 'tollkeeper_append_conflicts_total',
    help: 'Times a command was decided again because another writer came first or an answer was lost',
    registers,
  });
  return {
    onBatch({ recorded, duplicates, rejected, durationMs }) {
      cdrs.inc({ outcome: 'recorded' }, recorded);
      cdrs.inc({ outcome: 'duplicate' }, duplicates);
      for (const code of rejected) cdrs.inc({ outcome: code });
      batches.observe(durationMs / 1000);
    },
    onConflict: () => conflicts.inc(),
  };
}
