// Alert step: ledger events → whether each tenant stands below its threshold, and one alert per downward crossing.
// The alert's id is made of tenant and revision, so that the same crossing is the same alert however often it is replayed.

import { microsOf } from '@tollkeeper/money';
import type { PlacedLedgerEvent, ReadModel } from './read-model.js';

export type LowBalanceRow = {
  readonly tenant: string;
  readonly currency: string;
  readonly threshold: string | null;
  /** 1 while below: the next alert needs a credit first that brings the balance to the threshold or above. */
  readonly below: number;
  readonly alerts: number;
  readonly revision: number;
};

export type LowBalanceAlert = {
  readonly alert_id: string;
  readonly tenant: string;
  readonly currency: string;
  readonly threshold: string;
  readonly available: string;
  readonly revision: number;
  /** Of the event that raised it: publishers keep their cursor by it. */
  readonly position: number;
  readonly raised_at: string;
};

export const lowBalance: ReadModel<LowBalanceRow> = {
  name: 'low-balance-alert',
  keyOf: (event) => event.tenant,
  fold(row, event) {
    const { tenant, revision } = event;
    const before = row ?? { tenant, currency: '', threshold: null, below: 0, alerts: 0, revision };
    if (row !== undefined && revision !== row.revision + 1) {
      throw new Error(`low balance of ${tenant}: revision ${revision} after ${row.revision}`);
    }
    const currency = event.type === 'AccountOpened.v1' ? event.data.currency : before.currency;
    const threshold = event.type === 'AlertThresholdSet.v1' ? event.data.threshold : before.threshold;
    // The debit that replaces a reversed one follows in the same append: the crossing is judged on both.
    if (event.type === 'CallReversed.v1') return { ...before, revision };
    const below = threshold !== null && microsOf(event.data.available) < microsOf(threshold) ? 1 : 0;
    const crossed = below === 1 && before.below === 0 && event.type !== 'AlertThresholdSet.v1';
    return { tenant, currency, threshold, below, alerts: before.alerts + (crossed ? 1 : 0), revision };
  },
};

/** The alert that this event raised, if it took the balance from the threshold or above to below it. */
export function alertRaised(
  before: LowBalanceRow | undefined,
  after: LowBalanceRow,
  event: PlacedLedgerEvent,
): LowBalanceAlert | undefined {
  if (after.alerts === (before?.alerts ?? 0) || after.threshold === null) return undefined;
  const { tenant, currency, threshold, revision } = after;
  const { available, recordedAt } = event.data;
  const alert_id = `${tenant}:${revision}`;
  return { alert_id, tenant, currency, threshold, available, revision, position: Number(event.position), raised_at: recordedAt };
}
