// Audit: the ledger's streams, read by somebody who asks what happened, why, and whether it is right.

export {
  verifyCharges,
  type ChargeDifference,
  type ChargeOptions,
  type ChargeParts,
  type ChargeVerification,
} from './charges.js';
export { callAgain, debitsOf, isGivenFree, isWithin, type CallAgain, type Debit, type Period } from './debits.js';
