// What the embedded program composes of rating.

export { RatingModule } from './rating.module.js';
export type { RatingOptions } from './rating-runner.js';
export { ratingMetrics } from './metrics.js';
