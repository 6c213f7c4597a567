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
import { ReadStoreError, type ReadStore } from '@tollkeeper/read-store';
import { placesOf, type Projection } from './projector.js';
import type { Tables } from './tables.js';

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

/**
 * For whoever reads beside the programs that make the tables: is each of this version there?
 * @throws ReadStoreError 'not-migrated', with what makes them.
 */
export async function assertTables({ db }: ReadStore<Tables>): Promise<void> {
  try {
    for (const { table } of PROJECTIONS.flatMap(placesOf)) await db.selectFrom(table).selectAll().limit(1).execute();
  } catch (error) {
    if (!(error instanceof ReadStoreError) || error.code !== 'not-migrated') throw error;
    const todo = 'start the server (or projections) of this version once, or run tollkeeper rebuild';
    throw new ReadStoreError(error.code, `${error.message}; ${todo}`, error);
  }
}
