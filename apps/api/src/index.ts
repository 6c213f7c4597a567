// The HTTP API, for whoever runs it: the module, the server around it, and what both are made of.

export { ApiModule } from './api.module.js';
export { createHttpApp } from './http-app.js';
export { DEFAULT_MINIMUM_PURCHASE, parseMinimumPurchase, type MinimumPurchase } from './minimum-purchase.js';
export {
  DEFAULT_CDR_TOPIC,
  DEFAULT_EXPIRY_SWEEP_MS,
  type ApiOptions,
  type ApiParts,
  type LedgerWriter,
  type ReadTables,
} from './parts.js';
export { type BalanceView, type CdrsAnswer, type RecordAnswer, type WriteAnswer } from './answers.js';
export { type Problem } from './problem.js';
