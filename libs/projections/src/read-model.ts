// What every read model is: a fold over the ledger's events, one row per key, the same rows however often it is replayed.

import { microsOf } from '@tollkeeper/money';
import { decode, tenantOf, type LedgerEvent, type PlacedEvent } from '@tollkeeper/ledger';

/** A ledger event and its place. */
export type PlacedLedgerEvent = LedgerEvent & {
  readonly tenant: string;
  readonly revision: number;
  /** In the whole store. */
  readonly position: bigint;
};

/** One column's value; money is decimal text, an instant ISO 8601, a flag 0 or 1. */
export type Column = string | number | null;
export type Row = Readonly<Record<string, Column>>;

export type ReadModel<R extends Row> = {
  readonly name: string;
  /** Key of the row that the event concerns, or undefined when it concerns none. */
  keyOf(event: PlacedLedgerEvent): string | undefined;
  /** The row after the event. @throws Error when the event does not fit the row: the tenant is set aside. */
  fold(row: R | undefined, event: PlacedLedgerEvent): R;
};

/** @throws Error when the type is unknown to this program. */
export function placed(stored: PlacedEvent & { readonly position: bigint }): PlacedLedgerEvent {
  const { revision, position } = stored;
  return { ...decode(stored), tenant: tenantOf(stored.stream), revision, position };
}

/** How the event moved the balance, micro-units: below zero for a debit, 0n when it moved nothing. */
export function movementOf(event: LedgerEvent): bigint {
  switch (event.type) {
    case 'CallDebited.v1':
    case 'LotExpired.v1':
    case 'PurchaseRefunded.v1':
      return -microsOf(event.data.amount);
    case 'CreditAdjusted.v1':
      return event.data.direction === 'credit' ? microsOf(event.data.amount) : -microsOf(event.data.amount);
    case 'CallReversed.v1':
    case 'CreditPurchased.v1':
      return microsOf(event.data.amount);
    default:
      return 0n;
  }
}
