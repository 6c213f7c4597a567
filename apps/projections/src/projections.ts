// The read models that the projections program keeps, each with its table.

import {
  alertRaised,
  balance,
  lowBalance,
  recharge,
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
];
