// Simulation: what people and switches ask of an account, with everything filled in, at one instant.

import type { LedgerCommand } from '@tollkeeper/ledger';
import { microsOf } from '@tollkeeper/money';

export const NOW_MS = Date.parse('2026-03-02T12:00:00.000Z');

export function purchase(purchaseId: string, amount: string): LedgerCommand {
  const origin = { kind: 'invoice', reference: `R-${purchaseId}` } as const;
  return { kind: 'purchase-credit', nowMs: NOW_MS, purchaseId, amountMicros: microsOf(amount), origin };
}

/** A call at 0.06 a minute, by the minute. */
export function authorise(sessionId: string, currency: string, requestedSeconds: number | null = null): LedgerCommand {
  const span = { fromMs: 0, rate: '0.06', rateUnitSeconds: 60, incrementSeconds: 60, row: 1 };
  return {
    kind: 'authorise',
    nowMs: NOW_MS,
    sessionId,
    fingerprint: sessionId,
    parties: 'sealed',
    traits: { direction: 'outbound', users: [], destinationCountry: 'FR', supported: true },
    presumedAnswerMs: NOW_MS,
    requestedSeconds,
    rated: {
      plan: 'default',
      category: 'outbound',
      prefix: '33',
      destination: 'France',
      currency,
      deckHash: 'deck',
      timeline: { spans: [span], connectFee: '0', rounding: 'up', decimals: 4, maxCost: null },
      ratedSeconds: Infinity,
    },
  };
}
