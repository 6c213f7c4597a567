// What the embedded program composes of the projections, and their parts for simulations.

export { ProjectionsModule } from './projections.module.js';
export { ProjectionsRunner, type ProjectionsOptions } from './projections-runner.js';
export { MIGRATIONS, type Tables } from './tables.js';
export { listDeadLetters } from './dead-letters.js';
export { PROJECTIONS } from './projections.js';
export { Projector } from './projector.js';
export { AlertPublisher, EventPublisher } from './publishers.js';
export { projectionsMetrics } from './metrics.js';
