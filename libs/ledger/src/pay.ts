// Debit and reservation step's arithmetic: a charge and who covers it → what the pool pays, and what is left for the credit.

import {
  affordableSeconds,
  costOf,
  endOfIncrementsCovering,
  endOfIncrementsWithin,
  type Price,
  type Timeline,
} from '@tollkeeper/charge';
import type { Account } from './account.js';
import { capsOf, leftInPool, type PoolRef } from './pools.js';
import type { Reservation } from './reservation.js';

/**
 * Milliseconds that a call answered at the instant may use of the pool: what is left for new calls, and what is its own already, held
 * for it or used by the debit that it replaces. That stays its own although the pool has been closed since by the other cap.
 */
export function poolLeftMs(
  { pools, entitlements }: Pick<Account, 'pools' | 'entitlements'>,
  pool: PoolRef,
  atMs: number,
  own: OwnPart | null = null,
): number {
  const isOwn = own !== null && own.pool === pool.pool && own.month === pool.month && own.meter === pool.meter;
  return leftInPool(pools, pool, capsOf(pool.pool, entitlements, atMs)) + (isOwn ? own.ms : 0);
}

/** Counted in the account's pools as used or held. */
export type OwnPart = PoolRef & { readonly ms: number };

export function heldPart({ pool }: Pick<Reservation, 'pool'>): OwnPart | null {
  return pool && { ...pool, ms: pool.heldMs };
}

/**
 * The second up to which a pool pays, in whole increments: all of the call where it lasts, else the split. With 90 s left, a call of
 * 150 s by the minute is paid up to 60.
 */
export function paidByPool(timeline: Timeline, leftMs: number, usageSeconds: number): number {
  const end = endOfIncrementsCovering(timeline, 0, usageSeconds);
  return Math.min(end, endOfIncrementsWithin(timeline, 0, Math.floor(leftMs / 1000)));
}

/** What is left for the credit: increments restart where the pool ends, and the connect fee is due only if it paid nothing. */
export function restAfter(timeline: Timeline, poolSeconds: number, usageSeconds: number): Price {
  return costOf(timeline, poolSeconds, usageSeconds, { connectFee: poolSeconds === 0 && usageSeconds > 0 });
}

/** Where the call ends that the pool, and then the credit, can pay for; Infinity where nothing more is ever charged. */
export function affordableUntil(timeline: Timeline, poolSeconds: number, creditMicros: bigint): number {
  // What costs nothing goes on below zero as well.
  const amountMicros = creditMicros < 0n ? 0n : creditMicros;
  return affordableSeconds(timeline, amountMicros, { fromSecond: poolSeconds, connectFee: poolSeconds === 0 });
}
