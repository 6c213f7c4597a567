// Ledger's vocabulary: every fact an account's stream `credit-<tenant>` can hold, exactly as it is stored.
// Facts are forever: changed only by addition; anything else is a new version with an upcast in codec.ts.

import type { CdrFacts, CallDebited, CallReversed, CallNotBillable } from './call-facts.js';
import type { ReservationMade, ReservationExtended, ReservationTerminated, ReservationExpired } from './reservation-facts.js';
import type {
  CreditPurchased,
  LotExpired,
  LotExpiryWarned,
  CreditAdjusted,
  PurchaseRefunded,
  AutoRechargeSet,
  AutoRechargeResumed,
  RechargeRequested,
  PaymentAttempted,
  PaymentDeclined,
  RechargeSucceeded,
  RechargeFailed,
  BurstDetected,
} from './money-facts.js';
import type {
  AccountOpened,
  PlanChanged,
  AlertThresholdSet,
  TermsSet,
  LicencesAssigned,
  DialOutPolicySet,
  RecipientsSet,
  PeriodClosed,
} from './account-facts.js';

type Facts = {
  'AccountOpened.v1': AccountOpened;
  'AlertThresholdSet.v1': AlertThresholdSet;
  'AutoRechargeResumed.v1': AutoRechargeResumed;
  'AutoRechargeSet.v1': AutoRechargeSet;
  'BurstDetected.v1': BurstDetected;
  'CallDebited.v1': CallDebited;
  'CallNotBillable.v1': CallNotBillable;
  'CallReversed.v1': CallReversed;
  'CreditAdjusted.v1': CreditAdjusted;
  'CreditPurchased.v1': CreditPurchased;
  'DialOutPolicySet.v1': DialOutPolicySet;
  'LicencesAssigned.v1': LicencesAssigned;
  'LotExpired.v1': LotExpired;
  'LotExpiryWarned.v1': LotExpiryWarned;
  'PaymentAttempted.v1': PaymentAttempted;
  'PaymentDeclined.v1': PaymentDeclined;
  'PeriodClosed.v1': PeriodClosed;
  'PlanChanged.v1': PlanChanged;
  'PurchaseRefunded.v1': PurchaseRefunded;
  'RechargeFailed.v1': RechargeFailed;
  'RechargeRequested.v1': RechargeRequested;
  'RechargeSucceeded.v1': RechargeSucceeded;
  'RecipientsSet.v1': RecipientsSet;
  'ReservationExpired.v1': ReservationExpired;
  'ReservationExtended.v1': ReservationExtended;
  'ReservationMade.v1': ReservationMade;
  'ReservationTerminated.v1': ReservationTerminated;
  'TermsSet.v1': TermsSet;
};

export type LedgerEventType = keyof Facts;
export type LedgerEventOf<Type extends LedgerEventType> = { readonly type: Type; readonly data: Facts[Type] };
export type LedgerEvent = { [Type in LedgerEventType]: LedgerEventOf<Type> }[LedgerEventType];

const LEDGER_EVENT_TYPES: { readonly [Type in LedgerEventType]: true } = {
  'AccountOpened.v1': true,
  'AlertThresholdSet.v1': true,
  'AutoRechargeResumed.v1': true,
  'AutoRechargeSet.v1': true,
  'BurstDetected.v1': true,
  'CallDebited.v1': true,
  'CallNotBillable.v1': true,
  'CallReversed.v1': true,
  'CreditAdjusted.v1': true,
  'CreditPurchased.v1': true,
  'DialOutPolicySet.v1': true,
  'LicencesAssigned.v1': true,
  'LotExpired.v1': true,
  'LotExpiryWarned.v1': true,
  'PaymentAttempted.v1': true,
  'PaymentDeclined.v1': true,
  'PeriodClosed.v1': true,
  'PlanChanged.v1': true,
  'PurchaseRefunded.v1': true,
  'RechargeFailed.v1': true,
  'RechargeRequested.v1': true,
  'RechargeSucceeded.v1': true,
  'RecipientsSet.v1': true,
  'ReservationExpired.v1': true,
  'ReservationExtended.v1': true,
  'ReservationMade.v1': true,
  'ReservationTerminated.v1': true,
  'TermsSet.v1': true,
};

export function isLedgerEventType(type: string): type is LedgerEventType {
  return Object.hasOwn(LEDGER_EVENT_TYPES, type);
}

/** The CDR that an event records, whatever generation it is of; undefined for every other event. */
export function mentionedCall({ type, data }: LedgerEvent): CdrFacts | undefined {
  return type === 'CallDebited.v1' || type === 'CallNotBillable.v1' ? data.cdr : undefined;
}
