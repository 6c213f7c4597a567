// Export, what a posting is about: a ledger event in; a description for people and the ids that lead back to its cause out.

import type { LedgerEvent } from '@tollkeeper/ledger';

export type PostingFacts = {
  readonly description: string;
  /** Of the call; null for everything else. */
  readonly source: string | null;
  readonly cdrId: string | null;
  readonly generation: number | null;
  readonly destination: string | null;
  /** Id of the purchase, lot, adjustment, refund or rerate. */
  readonly reference: string | null;
};

const NO_CALL = { source: null, cdrId: null, generation: null, destination: null } as const;

export function factsOf(event: LedgerEvent): PostingFacts {
  switch (event.type) {
    case 'CallDebited.v1': {
      const { cdr, charge, replaces } = event.data;
      const destination = String(charge['destination'] ?? '');
      const call = { source: cdr.source, cdrId: cdr.id, generation: cdr.generation, destination };
      const description = `Call to ${destination}${replaces === null ? '' : ', debited again'}`;
      return { ...call, description, reference: null };
    }
    case 'CallReversed.v1': {
      const { cdr, rerateId } = event.data;
      const call = { source: cdr.source, cdrId: cdr.id, generation: cdr.generation, destination: null };
      return { ...call, description: 'Call reversed', reference: rerateId };
    }
    case 'CreditPurchased.v1': {
      const { origin, purchaseId } = event.data;
      const by = origin.kind === 'invoice' ? `invoice ${origin.reference}` : `payment ${origin.paymentReference}`;
      return { ...NO_CALL, description: `Credit purchased, ${by}`, reference: purchaseId };
    }
    case 'LotExpired.v1':
      return { ...NO_CALL, description: 'Credit expired', reference: event.data.lotId };
    case 'CreditAdjusted.v1': {
      const { adjustmentId, author, direction, reason } = event.data;
      const what = direction === 'credit' ? 'Credit given' : 'Credit taken';
      return { ...NO_CALL, description: `${what} by ${author}: ${reason}`, reference: adjustmentId };
    }
    case 'PurchaseRefunded.v1': {
      const { author, cause, purchaseId, reason, refundId } = event.data;
      const what = cause === 'dispute' ? 'Dispute lost' : 'Purchase refunded';
      return { ...NO_CALL, description: `${what}, ${purchaseId}, by ${author}: ${reason}`, reference: refundId };
    }
    default:
      return { ...NO_CALL, description: event.type, reference: null };
  }
}
