// Ledger's vocabulary, smallest parts: amounts, instants, postings, and what lots and pools give to a call.

import type { PoolMeter } from './pools.js';

/** Decimal text of an amount in the account's currency, such as `12.5` or `-0.004`. */
export type Amount = string;

/** ISO 8601 instant in UTC with milliseconds. */
export type Instant = string;

/** What every fact carries. The balance after stands in each, so that a projection assigns and never adds. */
export type Common = {
  readonly tenant: string;
  /** When it counts: the answer time of a call, the due instant of an expiry. */
  readonly effectiveAt: Instant;
  /** When the ledger took it down; never falls along a stream. */
  readonly recordedAt: Instant;
  /** Open lots less overdraft, after this fact. */
  readonly balance: Amount;
  /** Balance less what is reserved, after this fact. */
  readonly available: Amount;
};

export const LEDGER_ACCOUNTS = ['tenant-credit', 'call-revenue', 'cash-clearing', 'expired-credit', 'adjustments'] as const;

export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number];

/** One positive amount and two accounts, so that an imbalance cannot be written down. Null where nothing moves. */
export type Posting = { readonly amount: Amount; readonly credit: LedgerAccount; readonly debit: LedgerAccount };

export type OpenedLot = { readonly amount: Amount; readonly expiresAt: Instant; readonly lotId: string };

export type LotUse = { readonly amount: Amount; readonly lotId: string };

/** Included minutes of a call; the remaining ones are those of its meter after it, less what calls in progress hold. */
export type PoolUse = {
  readonly capMs: number;
  readonly meter: PoolMeter;
  readonly month: string;
  readonly pool: string;
  readonly remainingMs: number;
  readonly usedMs: number;
};

/** Milliseconds of a pool that a call in progress holds. */
export type PoolHold = { readonly heldMs: number; readonly meter: PoolMeter; readonly month: string; readonly pool: string };

/** What a reservation held, and what is free again. */
export type Release = { readonly amount: Amount; readonly pool: PoolHold | null };
