// Audit: the ledger's streams, read by somebody who asks what happened, why, and whether it is right.

export {
  verifyCharges,
  type ChargeDifference,
  type ChargeOptions,
  type ChargeParts,
  type ChargeVerification,
} from './charges.js';
export { callAgain, debitsOf, isGivenFree, isWithin, type CallAgain, type Debit, type Period } from './debits.js';
export { balanceAsOf, StretchesDiffer, type BalanceAsOf, type BalanceQuery } from './as-of.js';
export { stretchesIn, type StretchTables } from './as-of-stretches.js';
export { EXPORT_FORMATS, exportLedger, type ExportCounts, type ExportFormat, type ExportTarget } from './export/export-ledger.js';
export { originText, replayOf, type ReplayedEvent, type ReplayOptions } from './replay.js';
export {
  statementOf,
  type Statement,
  type StatementCall,
  type StatementEntry,
  type StatementOptions,
  type StatementTotals,
} from './statement.js';
