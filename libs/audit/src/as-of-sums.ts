// Balance as of an instant, its sums: events, and stretches of a thousand events as read models keep them, in; what they come to out.

import type { LedgerEvent } from '@tollkeeper/ledger';
import { decimalOf } from '@tollkeeper/money';
import { movementOf } from '@tollkeeper/projections';
import type { Instant } from './as-of-revision.js';

export const BALANCE_PARTS = ['purchases', 'calls', 'expiries', 'adjustments', 'refunds'] as const;
export type BalancePart = (typeof BALANCE_PARTS)[number];

/** Of the balance, what each kind of event gave (above zero) or took. */
export type Consists = Readonly<Record<BalancePart, string>>;

/** Debits whose calls took place before the instant, though the ledger heard of them after it. */
export type RecordedLater = {
  readonly calls: number;
  /** Debited again at another price; `amount` holds the difference. */
  readonly rerated: number;
  /** What all that was recorded later adds to the balance: below zero for debits. */
  readonly amount: string;
};

type PlacedEvent = LedgerEvent & { readonly data: { readonly effectiveAt: Instant; readonly recordedAt: Instant } };

export class AsOfSums {
  readonly #parts: Record<BalancePart, bigint> = { purchases: 0n, calls: 0n, expiries: 0n, adjustments: 0n, refunds: 0n };
  #balanceMicros = 0n;
  #movedMicros = 0n;
  #events = 0;
  #later = { calls: 0, rerated: 0, amountMicros: 0n };

  /** @param asOf undefined: whatever is known. */
  constructor(private readonly asOf: Instant | undefined) {}

  /** What all events moved, those of later calls too: it must be the balance in the last one. */
  get movedMicros(): bigint {
    return this.#movedMicros;
  }

  add(event: PlacedEvent): void {
    const movedMicros = movementOf(event);
    this.#movedMicros += movedMicros;
    const part = partOf(event);
    if (part === undefined || !this.#counts(event.data.effectiveAt)) return;
    this.#balanceMicros += movedMicros;
    this.#parts[part] += movedMicros;
    this.#events += 1;
    if (this.asOf === undefined || event.data.recordedAt <= this.asOf) return;
    this.#later.amountMicros += movedMicros;
    if (event.type === 'CallReversed.v1') this.#later.rerated += 1;
    if (event.type === 'CallDebited.v1' && event.data.replaces === null) this.#later.calls += 1;
  }

  #counts(effectiveAt: Instant): boolean {
    return this.asOf === undefined || effectiveAt <= this.asOf;
  }

  get result(): {
    readonly balance: string;
    readonly consistsOf: Consists;
    readonly events: number;
    readonly recordedLater: RecordedLater;
  } {
    const consistsOf = Object.fromEntries(BALANCE_PARTS.map((part) => [part, decimalOf(this.#parts[part])])) as Consists;
    const { amountMicros, ...later } = this.#later;
    const recordedLater = { ...later, amount: decimalOf(amountMicros) };
    return { balance: decimalOf(this.#balanceMicros), consistsOf, events: this.#events, recordedLater };
  }
}

/** Undefined for events that move nothing by their nature. */
export function partOf({ type }: LedgerEvent): BalancePart | undefined {
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
