// Audit: the ledger's streams, read by somebody who asks what happened, why, and whether it is right.

export { explainCall, type Explained, type ExplainParts } from './explain/explain-call.js';
export type { Explanation } from './explain/explanation.js';
export { type CallQuery, type FoundCall } from './explain/find-call.js';
export { keptOnBus } from './explain/raw-record.js';
export { verifyCharges, type ChargeOptions, type ChargeVerification } from './charges.js';
export { callAgain, debitsOf, isGivenFree, isWithin, type Debit, type Period } from './debits.js';
export { balanceAsOf, StretchesDiffer, type BalanceAsOf, type BalanceQuery } from './as-of.js';
export { stretchesIn } from './as-of-stretches.js';
export { exportLedger, type ExportCounts, type ExportFormat } from './export/export-ledger.js';
export { originText, replayOf, type ReplayedEvent, type ReplayOptions } from './replay.js';
export { statementOf, type Statement, type StatementEntry, type StatementOptions, type StatementTotals } from './statement.js';
export { CheckpointFaulty } from './verify/checkpoint.js';
export { CHECK_NAMES, type CheckLine, type CheckName } from './verify/findings.js';
export { mergedVerification, verifyLedger, type LedgerParts, type LedgerVerification } from './verify/verify-ledger.js';
