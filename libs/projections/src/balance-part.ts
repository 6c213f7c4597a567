// What a balance consists of: a ledger event in, the kind of movement that it is out.

import type { LedgerEvent } from '@tollkeeper/ledger';

/** Names of columns too, so they stay as they are. */
export const BALANCE_PARTS = ['purchases', 'calls', 'expiries', 'adjustments', 'refunds'] as const;
export type BalancePart = (typeof BALANCE_PARTS)[number];

/** Undefined for events that move nothing by their nature. */
export function balancePartOf({ type }: LedgerEvent): BalancePart | undefined {
  switch (type) {
    case 'CallDebited.v1':
    case 'CallReversed.v1':
      return 'calls';
    case 'CreditPurchased.v1':
      return 'purchases';
    case 'LotExpired.v1':
      return 'expiries';
    case 'CreditAdjusted.v1':
      return 'adjustments';
    case 'PurchaseRefunded.v1':
      return 'refunds';
    default:
      return undefined;
  }
}

/** 1 for a call's first debit, -1 for a debit reversed, 0 for everything else, a debit that replaces one among it. */
export function callCount(event: LedgerEvent): 1 | -1 | 0 {
  if (event.type === 'CallReversed.v1') return -1;
  return event.type === 'CallDebited.v1' && event.data.replaces === null ? 1 : 0;
}
