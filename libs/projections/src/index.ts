// Read models of the ledger, each a fold, and the messages that follow from its events.

export { balance, type BalanceRow } from './balance.js';
export { parseLots, type OpenLot } from './lots-column.js';
export { alertRaised, lowBalance, type LowBalanceAlert, type LowBalanceRow } from './low-balance-alert.js';
export { recharge, type RechargeRow } from './auto-recharge.js';
export { alertMessage, balanceMessage, MESSAGE_TYPES, noticeMessage, rechargeCommand, type OutgoingMessage } from './messages.js';
export {
  NOTICE_KINDS,
  noticeAccount,
  noticesRaised,
  type Notice,
  type NoticeAccountRow,
  type NoticeFacts,
  type NoticeKind,
  type NoticeOf,
} from './notices.js';
export { type PoolFacts } from './notice-pools.js';
export { movementOf, placed, type Column, type PlacedLedgerEvent, type ReadModel, type Row } from './read-model.js';
export { users, type HeldFrom, type PolicyFrom, type UserRow } from './users.js';
export { ADVICE_MONTHS, adviceFor, monthsLater, type Advice, type SpentDay } from './advice.js';
export { balanceDay, type BalanceDayRow } from './balance-day.js';
export { callKeyOf, calls, type CallRow } from './calls.js';
export { usageDay, type UsageDayRow } from './usage-day.js';
export { BALANCE_PARTS, balancePartOf, callCount, type BalancePart } from './balance-part.js';
export { lateEvents, STRETCH_EVENTS, stretches, type LateEvent, type StretchRow } from './stretches.js';
export { PACE_DAYS, paceOf, type Pace } from './pace.js';
