// Balance step: ledger events → one row per tenant with what it has and what it has spent.

import { decimalOf, microsOf } from '@tollkeeper/money';
import { movementOf, type PlacedLedgerEvent, type ReadModel } from './read-model.js';

export type BalanceRow = {
  readonly tenant: string;
  readonly currency: string;
  /** As last decided; it may begin at an instant to come. */
  readonly plan: string;
  readonly balance: string;
  readonly available: string;
  readonly calls_debited: number;
  readonly calls_not_billable: number;
  readonly debited: string;
  readonly purchased: string;
  readonly recharged: string;
  readonly expired: string;
  readonly alert_threshold: string | null;
  readonly recharge_trigger: string | null;
  readonly recharge_amount: string | null;
  /** 1 when failures have suspended auto-recharge. */
  readonly recharge_suspended: number;
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
    return { ...before, ...changes(before, event), balance: after, available, revision, recorded_at: recordedAt };
  },
};

function opened(event: PlacedLedgerEvent): BalanceRow {
  if (event.type !== 'AccountOpened.v1')
    throw new Error(`balance of ${event.tenant}: begins with ${event.type}, not with its opening`);
  const { currency, plan, recordedAt } = event.data;
  const nothing = { balance: '0', available: '0', debited: '0', purchased: '0', recharged: '0', expired: '0' };
  const settings = { alert_threshold: null, recharge_trigger: null, recharge_amount: null, recharge_suspended: 0 };
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
    case 'AlertThresholdSet.v1':
      return { alert_threshold: event.data.threshold };
    case 'AutoRechargeSet.v1': {
      const { policy } = event.data;
      return { recharge_trigger: policy?.trigger ?? null, recharge_amount: policy?.amount ?? null, recharge_suspended: 0 };
    }
    case 'RechargeFailed.v1':
      return event.data.autoRechargeSuspended ? { recharge_suspended: 1 } : {};
    default:
      return {};
  }
}

function sum(total: string, amount: string): string {
  return decimalOf(microsOf(total) + microsOf(amount));
}
