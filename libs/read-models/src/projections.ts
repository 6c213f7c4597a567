// The read models that follow from the ledger's events, each with its table.

import {
  alertRaised,
  balance,
  balanceDay,
  calls,
  lowBalance,
  recharge,
  stretches,
  usageDay,
  users,
  type LowBalanceRow,
  type ReadModel,
  type Row,
} from '@tollkeeper/projections';
import type { Projection } from './projector.js';

export const PROJECTIONS: readonly Projection[] = [
  { model: balance as unknown as ReadModel<Row>, table: 'balance', key: 'tenant' },
  {
    model: lowBalance as unknown as ReadModel<Row>,
    table: 'low_balance',
    key: 'tenant',
    entry: {
      table: 'low_balance_alert',
      key: 'alert_id',
      of: (before, after, event) => alertRaised(before as LowBalanceRow | undefined, after as LowBalanceRow, event),
    },
  },
  { model: recharge as unknown as ReadModel<Row>, table: 'auto_recharge', key: 'recharge_id' },
  { model: users as unknown as ReadModel<Row>, table: 'tenant_user', key: 'user_key' },
  { model: usageDay as unknown as ReadModel<Row>, table: 'usage_day', key: 'day_key' },
  { model: calls as unknown as ReadModel<Row>, table: 'call', key: 'call_key' },
  { model: balanceDay as unknown as ReadModel<Row>, table: 'balance_day', key: 'day_key' },
  { model: stretches as unknown as ReadModel<Row>, table: 'ledger_stretch', key: 'stretch_key' },
];
