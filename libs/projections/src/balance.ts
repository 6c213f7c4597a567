// Balance step: ledger events → one row per tenant with what it has and what it has spent.

import { DEFAULT_TERMS } from '@tollkeeper/ledger';
import { decimalOf, microsOf } from '@tollkeeper/money';
import { lotsAfter, NO_LOTS } from './lots-column.js';
import { nextDue } from './next-due.js';
import { movementOf, type PlacedLedgerEvent, type ReadModel } from './read-model.js';

export type BalanceRow = {
  readonly tenant: string;
  readonly currency: string;
  /** As last decided; it may begin at an instant to come. */
  readonly plan: string;
  readonly balance: string;
  readonly available: string;
  /** Balance less available: held for calls in progress. */
  readonly reserved: string;
  /** JSON, in the order in which they are drawn: see `OpenLot`. */
  readonly lots: string;
  readonly next_expiry: string | null;
  readonly calls_debited: number;
  readonly calls_not_billable: number;
  readonly debited: string;
  readonly purchased: string;
  readonly recharged: string;
  readonly expired: string;
  /** Given less taken by adjustments. */
  readonly adjusted: string;
  readonly refunded: string;
  readonly alert_threshold: string | null;
  readonly recharge_trigger: string | null;
  readonly recharge_amount: string | null;
  /** 1 when failures have suspended auto-recharge. */
  readonly recharge_suspended: number;
  readonly lot_warning_days: number;
  /** Nothing of lots and months falls due before. */
  readonly next_due: string | null;
  readonly revision: number;
  readonly recorded_at: string;
};

export const balance: ReadModel<BalanceRow> = {
  name: 'balance',
  keyOf: (event) => event.tenant,
  fold(row, event) {
    const { data, tenant, revision } = event;
    const before = row ?? opened(event);
    if (row !== undefined && revision !== row.revision + 1) {
      throw new Error(`balance of ${tenant}: revision ${revision} after ${row.revision}`);
    }
    if (microsOf(before.balance) + movementOf(event) !== microsOf(data.balance)) {
      throw new Error(
        `balance of ${tenant}: ${before.balance} before and ${data.balance} after revision ${revision} do not differ by its amount`,
      );
    }
    const { balance: after, available, recordedAt } = data;
    const changed = { ...before, ...changes(before, event), ...lotsAfter(before, event) };
    return {
      ...changed,
      balance: after,
      available,
      reserved: decimalOf(microsOf(after) - microsOf(available)),
      next_due: nextDue(changed.lots, changed.lot_warning_days, event),
      revision,
      recorded_at: recordedAt,
    };
  },
};

function opened(event: PlacedLedgerEvent): BalanceRow {
  if (event.type !== 'AccountOpened.v1')
    throw new Error(`balance of ${event.tenant}: begins with ${event.type}, not with its opening`);
  const { currency, plan, recordedAt } = event.data;
  const sums = { debited: '0', purchased: '0', recharged: '0', expired: '0', adjusted: '0', refunded: '0' };
  const nothing = { balance: '0', available: '0', reserved: '0', ...NO_LOTS, ...sums };
  const recharge = { recharge_trigger: null, recharge_amount: null, recharge_suspended: 0 };
  const settings = { alert_threshold: null, ...recharge, lot_warning_days: DEFAULT_TERMS.lotWarningDays, next_due: null };
  const counts = { calls_debited: 0, calls_not_billable: 0, revision: event.revision };
  return { tenant: event.tenant, currency, plan, ...nothing, ...settings, ...counts, recorded_at: recordedAt };
}

function changes(before: BalanceRow, event: PlacedLedgerEvent): Partial<BalanceRow> {
  switch (event.type) {
    case 'CallDebited.v1':
      return { calls_debited: before.calls_debited + 1, debited: sum(before.debited, event.data.amount) };
    case 'CallReversed.v1':
      return {
        calls_debited: before.calls_debited - 1,
        debited: decimalOf(microsOf(before.debited) - microsOf(event.data.amount)),
      };
    case 'PlanChanged.v1':
      return { plan: event.data.plan };
    case 'CallNotBillable.v1':
      return { calls_not_billable: before.calls_not_billable + 1 };
    case 'CreditPurchased.v1': {
      const column = event.data.origin.kind === 'recharge' ? 'recharged' : 'purchased';
      return { [column]: sum(before[column], event.data.amount) };
    }
    case 'LotExpired.v1':
      return { expired: sum(before.expired, event.data.amount) };
    case 'CreditAdjusted.v1':
      return { adjusted: decimalOf(microsOf(before.adjusted) + movementOf(event)) };
    case 'PurchaseRefunded.v1':
      return { refunded: sum(before.refunded, event.data.amount) };
    default:
      return changedSettings(event);
  }
}

function changedSettings(event: PlacedLedgerEvent): Partial<BalanceRow> {
  switch (event.type) {
    case 'TermsSet.v1':
      return { lot_warning_days: event.data.terms.lotWarningDays };
    case 'AlertThresholdSet.v1':
      return { alert_threshold: event.data.threshold };
    case 'AutoRechargeSet.v1': {
      const { policy } = event.data;
      return { recharge_trigger: policy?.trigger ?? null, recharge_amount: policy?.amount ?? null, recharge_suspended: 0 };
    }
    case 'AutoRechargeResumed.v1':
      return { recharge_suspended: 0 };
    case 'RechargeFailed.v1':
      return event.data.autoRechargeSuspended ? { recharge_suspended: 1 } : {};
    default:
      return {};
  }
}

function sum(total: string, amount: string): string {
  return decimalOf(microsOf(total) + microsOf(amount));
}
