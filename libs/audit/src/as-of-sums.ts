// Balance as of an instant, its sums: events, and stretches of a thousand events as their read model keeps them, in; what they come to
// out.

import type { LedgerEvent } from '@tollkeeper/ledger';
import { decimalOf, microsOf } from '@tollkeeper/money';
import {
  BALANCE_PARTS,
  balancePartOf,
  callCount,
  lateEvents,
  movementOf,
  type BalancePart,
  type StretchRow,
} from '@tollkeeper/projections';
import type { Instant } from './as-of-revision.js';

/** Of a balance, what each kind of event gave (above zero) or took. */
export type Consists = Readonly<Record<BalancePart, string>>;

/** What took place before the instant, though the ledger heard of it after. */
export type RecordedLater = {
  /** Debited for the first time. */
  readonly calls: number;
  /** Debited again at another price; `amount` holds the difference. */
  readonly rerated: number;
  /** What all of it adds to the balance: below zero for debits. */
  readonly amount: string;
};

export type AsOfResult = {
  readonly balance: string;
  readonly consistsOf: Consists;
  /** That moved the balance. */
  readonly events: number;
  readonly recordedLater: RecordedLater;
};

type Moved = { readonly part: BalancePart; readonly micros: bigint; readonly call: 1 | -1 | 0; readonly isLater: boolean };

export class AsOfSums {
  readonly #parts: Record<BalancePart, bigint> = { purchases: 0n, calls: 0n, expiries: 0n, adjustments: 0n, refunds: 0n };
  readonly #later = { calls: 0, rerated: 0, micros: 0n };
  #movedMicros = 0n;
  #events = 0;

  /** @param asOf undefined: whatever is known. */
  constructor(private readonly asOf: Instant | undefined) {}

  /** What all events moved, those of later calls too: the balance in the last of them, if all were added. */
  get movedMicros(): bigint {
    return this.#movedMicros;
  }

  add(event: LedgerEvent): void {
    const micros = movementOf(event);
    const part = balancePartOf(event);
    this.#movedMicros += micros;
    const { effectiveAt, recordedAt } = event.data;
    if (micros === 0n || part === undefined || !this.#counts(effectiveAt)) return;
    this.#move({ part, micros, call: callCount(event), isLater: !this.#counts(recordedAt) });
  }

  /**
   * False when the instant divides the stretch: then its events have to be added one by one.
   * @param since when the event before it was recorded.
   */
  addStretch(row: StretchRow, since: Instant): boolean {
    const { earliest_effective_at: earliest, latest_effective_at: latest, last_recorded_at: until } = row;
    if (earliest === null || latest === null) return true;
    const isLater = !this.#counts(since);
    const isDivided = this.#counts(earliest) && !this.#counts(latest);
    const isPartlyLater = !isLater && !this.#counts(until);
    if (isDivided || isPartlyLater) return false;
    this.#movedMicros += microsOf(row.movement);
    // What is late counts before all others of the stretch.
    if (this.#counts(latest)) this.#moveAll(row, isLater);
    else if (this.#counts(firstOfLate(row) ?? latest)) this.#moveLate(row, isLater);
    return true;
  }

  #counts(instant: Instant): boolean {
    return this.asOf === undefined || instant <= this.asOf;
  }

  #moveAll(row: StretchRow, isLater: boolean): void {
    for (const part of BALANCE_PARTS) this.#parts[part] += microsOf(row[part]);
    this.#events += row.events_moved;
    if (!isLater) return;
    this.#later.micros += microsOf(row.movement);
    this.#later.calls += row.calls_debited;
    this.#later.rerated += row.calls_reversed;
  }

  #moveLate(row: StretchRow, isLater: boolean): void {
    for (const [effectiveAt, moved, part, call] of lateEvents(row)) {
      if (this.#counts(effectiveAt)) this.#move({ part, micros: microsOf(moved), call, isLater });
    }
  }

  #move({ part, micros, call, isLater }: Moved): void {
    this.#parts[part] += micros;
    this.#events += 1;
    if (!isLater) return;
    this.#later.micros += micros;
    if (call === 1) this.#later.calls += 1;
    if (call === -1) this.#later.rerated += 1;
  }

  get result(): AsOfResult {
    const balance = decimalOf(BALANCE_PARTS.reduce((sum, part) => sum + this.#parts[part], 0n));
    const consistsOf = Object.fromEntries(BALANCE_PARTS.map((part) => [part, decimalOf(this.#parts[part])])) as Consists;
    const { micros, ...counts } = this.#later;
    return { balance, consistsOf, events: this.#events, recordedLater: { ...counts, amount: decimalOf(micros) } };
  }
}

const INSTANT_LENGTH = '2026-03-03T12:00:00.000Z'.length;
const BEFORE_INSTANT = '[["'.length;

/** Without parsing them all: most of ten thousand rows have late events, and no instant is before those of most. */
function firstOfLate({ late }: StretchRow): Instant | undefined {
  return late === '[]' ? undefined : late.slice(BEFORE_INSTANT, BEFORE_INSTANT + INSTANT_LENGTH);
}
