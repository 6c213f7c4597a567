// Testing: given/when/then for deciders and folds, waiting for a condition, and engines to test on.
export { specFor } from './decider.js';
export type { Decider, Given, When } from './decider.js';
export { foldSpec } from './fold.js';
export type { Fold, GivenEvents } from './fold.js';
export { findLibreOffice, type FoundLibreOffice } from './libreoffice.js';
export { createSchema, findPostgres } from './postgres.js';
export type { FoundPostgres } from './postgres.js';
export { availablePort, waitFor } from './wait.js';
export type { WaitOptions } from './wait.js';
