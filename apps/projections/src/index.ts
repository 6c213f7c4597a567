// What the embedded program composes of the projections.

export { ProjectionsModule } from './projections.module.js';
export { ProjectionsRunner, type ProjectionsOptions } from './projections-runner.js';
export { MIGRATIONS, type Tables } from './tables.js';
export { projectionsMetrics } from './metrics.js';
