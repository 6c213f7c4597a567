// Debit step for money that a person moves: adjustments, refunds and lost disputes → events, nothing for a repeat, or a refusal.

import { decimalOf } from '@tollkeeper/money';
import type { Account, PurchaseState } from './account.js';
import type { AdjustCredit, RefundPurchase } from './commands.js';
import { common, posted } from './event-parts.js';
import type { LedgerEvent } from './events.js';
import type { LotUse } from './fact.js';
import { creditedParts, opensAnotherLot, payable, takenId } from './funding.js';
import { draw, unexpired } from './lots.js';
import { refused, type LedgerRejection } from './rejections.js';

type Decided = readonly LedgerEvent[] | LedgerRejection;

export function decideAdjust(command: AdjustCredit, account: Account, nowMs: number): Decided {
  const { adjustmentId, direction, amountMicros } = command;
  const known = alreadyKnown(account, adjustmentId, `${direction} ${amountMicros}`);
  if (known !== undefined) return known;
  if (direction === 'credit' && opensAnotherLot(adjustmentId, account)) {
    return takenId('adjustment-exists-with-different-content', adjustmentId);
  }
  if (amountMicros <= 0n) return refused('amount-invalid', 'an adjustment moves an amount above 0');
  return [creditAdjusted(command, account, nowMs)];
}

/** A repeat is nothing to do, the same id with other content is refused; undefined when the id is new. */
function alreadyKnown({ adjustments }: Account, id: string, content: string): Decided | undefined {
  const known = adjustments.get(id);
  if (known === undefined) return undefined;
  if (known === content) return [];
  return refused('adjustment-exists-with-different-content', `${id} was recorded as another adjustment or refund`);
}

function creditAdjusted(command: AdjustCredit, account: Account, nowMs: number): LedgerEvent {
  const { adjustmentId, amountMicros, author, direction, reason } = command;
  const isCredit = direction === 'credit';
  const after = account.balanceMicros + (isCredit ? amountMicros : -amountMicros);
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs, after);
  const added = isCredit ? creditedParts(account, adjustmentId, amountMicros, nowMs) : { lot: null, overdraftRepaid: '0' };
  const taken = isCredit ? { lots: [], overdraft: '0' } : takenParts(account, amountMicros, nowMs);
  return {
    type: 'CreditAdjusted.v1',
    data: {
      adjustmentId,
      amount: decimalOf(amountMicros),
      author,
      available,
      balance,
      direction,
      effectiveAt,
      lot: added.lot,
      lots: taken.lots,
      overdraft: taken.overdraft,
      overdraftRepaid: added.overdraftRepaid,
      posting: isCredit
        ? posted(amountMicros, 'adjustments', 'tenant-credit')
        : posted(amountMicros, 'tenant-credit', 'adjustments'),
      reason,
      recordedAt,
      tenant,
    },
  };
}

function takenParts(
  { credit }: Account,
  amountMicros: bigint,
  nowMs: number,
  own: readonly string[] = [],
): { readonly lots: readonly LotUse[]; readonly overdraft: string } {
  const { uses, overdraftMicros } = draw(credit, amountMicros, new Set(own), unexpired(credit, nowMs));
  const lots = uses.map((use) => ({ amount: decimalOf(use.amountMicros), lotId: use.lotId }));
  return { lots, overdraft: decimalOf(overdraftMicros) };
}

export function decideRefund(command: RefundPurchase, account: Account, nowMs: number): Decided {
  const { refundId, purchaseId, amountMicros, cause } = command;
  const known = alreadyKnown(account, refundId, `${cause} ${purchaseId} ${amountMicros}`);
  if (known !== undefined) return known;
  const purchase = account.purchases.get(purchaseId);
  if (purchase === undefined) return refused('purchase-unknown', `tenant ${account.tenant} has no purchase ${purchaseId}`);
  return payable(amountMicros, account) ?? tooMuch(command, purchase, account) ?? [purchaseRefunded(command, account, nowMs)];
}

function tooMuch(
  { purchaseId, amountMicros }: RefundPurchase,
  purchase: PurchaseState,
  { currency }: Account,
): LedgerRejection | undefined {
  const left = purchase.amountMicros - purchase.refundedMicros;
  if (amountMicros <= left) return undefined;
  return refused('refund-exceeds-purchase', `${decimalOf(left)} ${currency} of purchase ${purchaseId} are left to refund`);
}

/** The purchase's own lot pays first, then the others as for a call, then overdraft. */
function purchaseRefunded(command: RefundPurchase, account: Account, nowMs: number): LedgerEvent {
  const { amountMicros, author, cause, purchaseId, reason, refundId } = command;
  const after = account.balanceMicros - amountMicros;
  const { available, balance, effectiveAt, recordedAt, tenant } = common(account, nowMs, nowMs, after);
  const { lots, overdraft } = takenParts(account, amountMicros, nowMs, [purchaseId]);
  return {
    type: 'PurchaseRefunded.v1',
    data: {
      amount: decimalOf(amountMicros),
      author,
      available,
      balance,
      cause,
      effectiveAt,
      lots,
      overdraft,
      posting: posted(amountMicros, 'tenant-credit', 'cash-clearing'),
      purchaseId,
      reason,
      recordedAt,
      refundId,
      tenant,
    },
  };
}
