// Audit step: ledger events → one row per thousand events of a stream with what they moved and between which instants, so that a
// balance as of an instant reads the few stretches that the instant divides and adds up the others.

import { decimalOf, microsOf } from '@tollkeeper/money';
import { balancePartOf, callCount, type BalancePart } from './balance-part.js';
import { movementOf, type PlacedLedgerEvent, type ReadModel } from './read-model.js';

/** What each kind of event moved the balance by, below zero for what was taken. */
type Sums = { readonly [Part in BalancePart]: string };

export type StretchRow = Sums & {
  /** Tenant and number of the stretch. */
  readonly stretch_key: string;
  readonly tenant: string;
  readonly first_revision: number;
  /** Of the events folded so far; the stretch is complete at `first_revision + STRETCH_EVENTS - 1`. */
  readonly last_revision: number;
  /** Sum of what the events moved the balance by. */
  readonly movement: string;
  /** Events that moved the balance, debits of calls among them, and debits that were reversed. */
  readonly events_moved: number;
  readonly calls_debited: number;
  readonly calls_reversed: number;
  /** Of events that moved the balance, those in `late` left out; null while there is none. */
  readonly earliest_effective_at: string | null;
  readonly latest_effective_at: string | null;
  /**
   * JSON of `LateEvent`s, earliest first: the few that count before all others of the stretch. A single call that came a month late would
   * otherwise have the stretch divided by every instant of that month.
   */
  readonly late: string;
  readonly last_recorded_at: string;
  /** Before the first event. */
  readonly first_balance: string;
  readonly last_balance: string;
};

/** When it counts, what it moved the balance by, and as what: see `balancePartOf` and `callCount`. */
export type LateEvent = readonly [effectiveAt: string, moved: string, part: BalancePart, call: 1 | -1 | 0];

export const STRETCH_EVENTS = 1_000;
const MAX_LATE = 16;

type Moved = Pick<
  StretchRow,
  | BalancePart
  | 'movement'
  | 'events_moved'
  | 'calls_debited'
  | 'calls_reversed'
  | 'earliest_effective_at'
  | 'latest_effective_at'
  | 'late'
>;

const NOTHING_MOVED: Moved = {
  movement: '0',
  purchases: '0',
  calls: '0',
  expiries: '0',
  adjustments: '0',
  refunds: '0',
  events_moved: 0,
  calls_debited: 0,
  calls_reversed: 0,
  earliest_effective_at: null,
  latest_effective_at: null,
  late: '[]',
};

export const stretches: ReadModel<StretchRow> = {
  name: 'stretches',
  keyOf: (event) => keyOf(event),
  fold(row, event) {
    const { tenant, revision, data } = event;
    if (row !== undefined && revision !== row.last_revision + 1) {
      throw new Error(`stretches of ${tenant}: revision ${revision} after ${row.last_revision}`);
    }
    const moved = movementOf(event);
    return {
      ...(row ?? NOTHING_MOVED),
      ...(moved === 0n ? {} : movedBy(row ?? NOTHING_MOVED, event, moved)),
      stretch_key: keyOf(event),
      tenant,
      first_revision: row?.first_revision ?? revision,
      last_revision: revision,
      last_recorded_at: data.recordedAt,
      first_balance: row?.first_balance ?? decimalOf(microsOf(data.balance) - moved),
      last_balance: data.balance,
    };
  },
};

function movedBy(before: Moved, event: PlacedLedgerEvent, moved: bigint): Partial<Moved> {
  const part = balancePartOf(event);
  if (part === undefined)
    throw new Error(`stretches of ${event.tenant}: ${event.type} moved the balance, and as what is unknown`);
  const call = callCount(event);
  return {
    movement: sum(before.movement, moved),
    [part]: sum(before[part], moved),
    events_moved: before.events_moved + 1,
    ...(call === 1 ? { calls_debited: before.calls_debited + 1 } : {}),
    ...(call === -1 ? { calls_reversed: before.calls_reversed + 1 } : {}),
    ...between(before, [event.data.effectiveAt, decimalOf(moved), part, call]),
  };
}

/** The latest of too many late ones joins the others. */
function between(before: Moved, event: LateEvent): Partial<Moved> {
  const { earliest_effective_at: earliest, latest_effective_at: latest } = before;
  const [effectiveAt] = event;
  if (earliest === null || latest === null) return { earliest_effective_at: effectiveAt, latest_effective_at: effectiveAt };
  if (effectiveAt >= earliest) return effectiveAt > latest ? { latest_effective_at: effectiveAt } : {};
  const late = lateEvents(before);
  const place = late.findLastIndex(([at]) => at <= effectiveAt) + 1;
  const all = late.toSpliced(place, 0, event);
  const evicted = all.length > MAX_LATE ? all.pop() : undefined;
  return { late: JSON.stringify(all), ...(evicted === undefined ? {} : { earliest_effective_at: evicted[0] }) };
}

export function lateEvents({ late }: Pick<StretchRow, 'late'>): readonly LateEvent[] {
  return late === '[]' ? [] : (JSON.parse(late) as LateEvent[]);
}

function sum(total: string, moved: bigint): string {
  return decimalOf(microsOf(total) + moved);
}

function keyOf({ tenant, revision }: PlacedLedgerEvent): string {
  return `${tenant} ${Math.floor(revision / STRETCH_EVENTS)}`;
}
