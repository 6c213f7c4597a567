// What the embedded program composes of the projections, and their parts for simulations.

export { ProjectionsModule } from './projections.module.js';
export { ProjectionsRunner, type ProjectionsOptions } from './projections-runner.js';
export { listDeadLetters } from './dead-letters.js';
export { AlertPublisher, EventPublisher } from './publishers.js';
export { projectionsMetrics } from './metrics.js';
