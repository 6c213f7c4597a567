// Read models as they stand in a read store: their tables, and what folds the ledger's events into them.

export { MIGRATIONS } from './migrations.js';
export { assertTables, PROJECTIONS } from './projections.js';
export { placesOf, Projector, type Projection } from './projector.js';
export { REBUILD_LEASE_MS, RebuildRefused, type RebuildProgress } from './rebuild-journal.js';
export { readModelNames, rebuildReadModel, type Rebuilt, type RebuildParts } from './rebuild.js';
export type { DeadLetterRow, RebuildRow, SetAsideRow, Tables, VerificationRow } from './tables.js';
