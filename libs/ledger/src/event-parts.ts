// Debit step's building blocks: the parts that every event has, with their keys in canonical order.

import { decimalOf } from '@tollkeeper/money';
import type { Account } from './account.js';
import type { LedgerAccount, Posting } from './fact.js';

export type CommonParts = {
  readonly available: string;
  readonly balance: string;
  readonly effectiveAt: string;
  readonly recordedAt: string;
  readonly tenant: string;
};

/** Instants are milliseconds since 1970; the balance is that after the event, by default unchanged. */
export function common(
  account: Account,
  effectiveAtMs: number,
  nowMs: number,
  balanceMicros = account.balanceMicros,
): CommonParts {
  return {
    available: decimalOf(balanceMicros - account.reservedMicros),
    balance: decimalOf(balanceMicros),
    effectiveAt: new Date(effectiveAtMs).toISOString(),
    recordedAt: new Date(nowMs).toISOString(),
    tenant: account.tenant,
  };
}

/** Dr `debit` / Cr `credit`, seen from the operator's side. */
export function posted(amountMicros: bigint, debit: LedgerAccount, credit: LedgerAccount): Posting {
  return { amount: decimalOf(amountMicros), credit, debit };
}
