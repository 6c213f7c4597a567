// Audit step: ledger events → one row per thousand events of a stream with what they moved and between which instants, so that a
// balance as of an instant reads the few stretches that the instant divides and adds up the others.

import { decimalOf, microsOf } from '@tollkeeper/money';
import { movementOf, type PlacedLedgerEvent, type ReadModel } from './read-model.js';

export type StretchRow = {
  /** Tenant and number of the stretch. */
  readonly stretch_key: string;
  readonly tenant: string;
  readonly first_revision: number;
  /** Of the events folded so far; the stretch is complete at `first_revision + STRETCH_EVENTS - 1`. */
  readonly last_revision: number;
  /** Sum of what the events moved the balance by, below zero for what was taken. */
  readonly movement: string;
  /** Of events that moved the balance; null while there is none. */
  readonly earliest_effective_at: string | null;
  readonly latest_effective_at: string | null;
  readonly last_recorded_at: string;
  /** Before the first event. */
  readonly first_balance: string;
  readonly last_balance: string;
};

export const STRETCH_EVENTS = 1_000;

export const stretches: ReadModel<StretchRow> = {
  name: 'stretches',
  keyOf: (event) => keyOf(event),
  fold(row, event) {
    const { tenant, revision, data } = event;
    if (row !== undefined && revision !== row.last_revision + 1) {
      throw new Error(`stretches of ${tenant}: revision ${revision} after ${row.last_revision}`);
    }
    const moved = movementOf(event);
    const { earliest_effective_at: earliest = null, latest_effective_at: latest = null } = row ?? {};
    const { effectiveAt } = data;
    const movement = moved === 0n ? (row?.movement ?? '0') : decimalOf(microsOf(row?.movement ?? '0') + moved);
    return {
      stretch_key: keyOf(event),
      tenant,
      first_revision: row?.first_revision ?? revision,
      last_revision: revision,
      movement,
      earliest_effective_at: moved !== 0n && (earliest === null || effectiveAt < earliest) ? effectiveAt : earliest,
      latest_effective_at: moved !== 0n && (latest === null || effectiveAt > latest) ? effectiveAt : latest,
      last_recorded_at: data.recordedAt,
      first_balance: row?.first_balance ?? decimalOf(microsOf(data.balance) - moved),
      last_balance: data.balance,
    };
  },
};

function keyOf({ tenant, revision }: PlacedLedgerEvent): string {
  return `${tenant} ${Math.floor(revision / STRETCH_EVENTS)}`;
}
