// Balance step, the lots: what a row says of a tenant's open lots and one more event → what it says after it. The ledger's own
// arithmetic, on a column of JSON.

import { creditAfter, NO_CREDIT, type LedgerEvent } from '@tollkeeper/ledger';
import { decimalOf, microsOf } from '@tollkeeper/money';

export type OpenLot = {
  readonly lotId: string;
  readonly remaining: string;
  readonly expiresAt: string;
  /** Its warning has been written down. */
  readonly warned?: true;
};

export type LotsColumns = {
  /** JSON of `OpenLot`s in the order in which they are drawn. */
  readonly lots: string;
  readonly next_expiry: string | null;
};

export const NO_LOTS: LotsColumns = { lots: '[]', next_expiry: null };

const MOVING = new Set<LedgerEvent['type']>([
  'CallDebited.v1',
  'CallReversed.v1',
  'CreditAdjusted.v1',
  'CreditPurchased.v1',
  'LotExpired.v1',
  'LotExpiryWarned.v1',
  'PurchaseRefunded.v1',
]);

/** @throws RangeError when a lot does not hold what the event takes from it. */
export function lotsAfter(before: LotsColumns & { readonly balance: string }, event: LedgerEvent): LotsColumns {
  // Most calls of a tenant with included minutes cost nothing.
  const isMoving = MOVING.has(event.type) && !('amount' in event.data && event.data.amount === '0');
  if (!isMoving) return { lots: before.lots, next_expiry: before.next_expiry };
  const open = parseLots(before.lots).map(({ lotId, remaining, expiresAt, warned }) => ({
    lotId,
    remainingMicros: microsOf(remaining),
    expiresAtMs: Date.parse(expiresAt),
    ...(warned && { isWarned: warned }),
  }));
  // Balance = open lots − overdraft.
  const overdraftMicros = open.reduce((sum, { remainingMicros }) => sum + remainingMicros, -microsOf(before.balance));
  const { lots } = creditAfter({ ...NO_CREDIT, lots: open, overdraftMicros }, event);
  const after = lots.map(({ lotId, remainingMicros, expiresAtMs, isWarned }): OpenLot => {
    const expiresAt = new Date(expiresAtMs).toISOString();
    return { lotId, remaining: decimalOf(remainingMicros), expiresAt, ...(isWarned && { warned: true }) };
  });
  return { lots: JSON.stringify(after), next_expiry: after[0]?.expiresAt ?? null };
}

export function parseLots(lots: string): readonly OpenLot[] {
  return JSON.parse(lots) as readonly OpenLot[];
}
