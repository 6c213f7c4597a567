// The ledger: what an account's stream holds, and what may be added to it.

export { decide } from './decide.js';
export { ledgerDecider } from './decider.js';
export {
  availableOf,
  DEFAULT_INTAKE_WINDOW_DAYS,
  evolve,
  initialAccount,
  MAX_AHEAD_MS,
  pendingRechargeMicros,
  planAt,
  type Account,
  type PlanFrom,
  type RechargeState,
} from './account.js';
export { decode, hashOfEvent, idOfHash, STREAM_PREFIX, streamOf, tenantOf, type PlacedEvent, type StoredEvent } from './codec.js';
export { canonicalJson, type JsonObject, type JsonValue } from './canonical-json.js';
export type {
  AttemptPayment,
  ChangePlan,
  DeclineClass,
  DebitCall,
  ExpireDue,
  LedgerCommand,
  OpenAccount,
  PurchaseCredit,
  RecordCallNotBillable,
  RecordPayment,
  RequestRecharge,
  RerateCall,
  SetAlertThreshold,
  SetAutoRecharge,
} from './commands.js';
export {
  isLedgerEventType,
  mentionedCall,
  type CallDebited,
  type CallReversed,
  type CdrFacts,
  type CdrOrigin,
  type LedgerEvent,
  type LedgerEventOf,
  type LedgerEventType,
} from './events.js';
export { MAX_PAYMENT_ATTEMPTS } from './funding.js';
export { isLedgerRejection, LEDGER_REJECTION_CODES, type LedgerRejection, type LedgerRejectionCode } from './rejections.js';
export { accountFromSnapshot, snapshotOf } from './snapshot.js';
