// The ledger: what an account's stream holds, and what may be added to it.

export { decide } from './decide.js';
export { ledgerDecider } from './decider.js';
export {
  availableOf,
  DEFAULT_INTAKE_WINDOW_DAYS,
  initialAccount,
  MAX_AHEAD_MS,
  pendingRechargeMicros,
  planAt,
  type Account,
  type PlanFrom,
  type PurchaseState,
  type RechargeState,
} from './account.js';
export { evolve } from './evolve.js';
export { decode, hashOfEvent, idOfHash, STREAM_PREFIX, streamOf, tenantOf, type PlacedEvent, type StoredEvent } from './codec.js';
export { canonicalJson, type JsonObject, type JsonValue } from './canonical-json.js';
export type {
  AdjustCredit,
  AssignLicences,
  AttemptPayment,
  Authorise,
  AutoRecharge,
  ChangePlan,
  DeclineClass,
  DebitCall,
  ExpireDue,
  ExtendReservation,
  LedgerCommand,
  OpenAccount,
  PurchaseCredit,
  RecordCallNotBillable,
  RecordPayment,
  RefundPurchase,
  RequestRecharge,
  RerateCall,
  ResumeAutoRecharge,
  SetAlertThreshold,
  SetAutoRecharge,
  SetDialOutPolicy,
  SetRecipients,
  SetTerms,
  TerminateReservation,
} from './commands.js';
export type { AccountTerms } from './account-facts.js';
export { creditAfter } from './credit-after.js';
export { DIAL_OUT_POLICIES, type DialOutPolicy, isLicence, type Licence, LICENCES, licencesAssignedAt } from './entitlements.js';
export type { PoolUse } from './fact.js';
export type { CallDebited, CallReversed, CdrFacts, CdrOrigin } from './call-facts.js';
export { isLedgerEventType, mentionedCall, type LedgerEvent, type LedgerEventOf, type LedgerEventType } from './events.js';
export { MAX_PAYMENT_ATTEMPTS } from './funding.js';
export { NO_CREDIT, type Credit } from './lots.js';
export { capsOf, leftInPool, monthOf, POOL_METERS, usedOfPool, type PoolMeter } from './pools.js';
export type { Reservation } from './reservation.js';
export { DEFAULT_TERMS } from './terms.js';
export type { CallTraits } from './waterfall.js';
export {
  CALL_REFUSAL_CODES,
  type CallRefusalCode,
  isLedgerRejection,
  LEDGER_REJECTION_CODES,
  type LedgerRejection,
  type LedgerRejectionCode,
} from './rejections.js';
export { accountFromSnapshot, snapshotOf } from './snapshot.js';
