// What the embedded program composes of rating, and the worker itself for simulations.

export { RatingModule } from './rating.module.js';
export type { RatingOptions } from './rating-runner.js';
export { RatingWorker, type RatingParts } from './rating-worker.js';
export { type LedgerWriter } from './tenant-batch.js';
export { ratingMetrics } from './metrics.js';
