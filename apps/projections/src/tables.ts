// Where read models stand: the tables, alike on SQLite and PostgreSQL, and the migrations that make them.

import type { BalanceRow, LowBalanceAlert, LowBalanceRow, RechargeRow, UsageDayRow, UserRow } from '@tollkeeper/projections';
import type { Migration } from '@tollkeeper/read-store';

/** A tenant whose events a read model could not fold: its rows stand still until a rebuild. */
export type SetAsideRow = {
  readonly model: string;
  readonly tenant: string;
  readonly revision: number;
  readonly reason: string;
};

/** A message that was put aside, once however often it was sent. */
export type DeadLetterRow = {
  /** Topic, partition and offset of the original. */
  readonly letter_id: string;
  /** The message's key, which is the tenant where one was known. */
  readonly message_key: string | null;
  readonly code: string;
  readonly reason: string;
  readonly put_aside_at: string;
};

export type Tables = {
  readonly balance: BalanceRow;
  readonly low_balance: LowBalanceRow;
  readonly low_balance_alert: LowBalanceAlert;
  readonly auto_recharge: RechargeRow;
  readonly tenant_user: UserRow;
  readonly usage_day: UsageDayRow;
  readonly set_aside: SetAsideRow;
  readonly dead_letter: DeadLetterRow;
};

export const MIGRATIONS: readonly Migration[] = [
  {
    name: '2026-11-read-models',
    async up(db) {
      await db.schema
        .createTable('balance')
        .addColumn('tenant', 'text', (column) => column.primaryKey())
        .addColumn('currency', 'text', (column) => column.notNull())
        .addColumn('plan', 'text', (column) => column.notNull())
        .addColumn('balance', 'text', (column) => column.notNull())
        .addColumn('available', 'text', (column) => column.notNull())
        .addColumn('calls_debited', 'bigint', (column) => column.notNull())
        .addColumn('calls_not_billable', 'bigint', (column) => column.notNull())
        .addColumn('debited', 'text', (column) => column.notNull())
        .addColumn('purchased', 'text', (column) => column.notNull())
        .addColumn('recharged', 'text', (column) => column.notNull())
        .addColumn('expired', 'text', (column) => column.notNull())
        .addColumn('alert_threshold', 'text')
        .addColumn('recharge_trigger', 'text')
        .addColumn('recharge_amount', 'text')
        .addColumn('recharge_suspended', 'integer', (column) => column.notNull())
        .addColumn('revision', 'bigint', (column) => column.notNull())
        .addColumn('recorded_at', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('low_balance')
        .addColumn('tenant', 'text', (column) => column.primaryKey())
        .addColumn('currency', 'text', (column) => column.notNull())
        .addColumn('threshold', 'text')
        .addColumn('below', 'integer', (column) => column.notNull())
        .addColumn('alerts', 'bigint', (column) => column.notNull())
        .addColumn('revision', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('low_balance_alert')
        .addColumn('alert_id', 'text', (column) => column.primaryKey())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('currency', 'text', (column) => column.notNull())
        .addColumn('threshold', 'text', (column) => column.notNull())
        .addColumn('available', 'text', (column) => column.notNull())
        .addColumn('revision', 'bigint', (column) => column.notNull())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .addColumn('raised_at', 'text', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('low_balance_alert_position').on('low_balance_alert').column('position').execute();
      await db.schema
        .createTable('auto_recharge')
        .addColumn('recharge_id', 'text', (column) => column.primaryKey())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('cause', 'text', (column) => column.notNull())
        .addColumn('amount', 'text', (column) => column.notNull())
        .addColumn('currency', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('last_code', 'text')
        .addColumn('retry_at', 'text')
        .addColumn('payment_reference', 'text')
        .addColumn('requested_at', 'text', (column) => column.notNull())
        .addColumn('requested_revision', 'bigint', (column) => column.notNull())
        .addColumn('revision', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('auto_recharge_status').on('auto_recharge').columns(['status', 'tenant']).execute();
      await db.schema
        .createTable('set_aside')
        .addColumn('model', 'text', (column) => column.notNull())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('revision', 'bigint', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('set_aside_key', ['model', 'tenant'])
        .execute();
      await db.schema
        .createTable('dead_letter')
        .addColumn('letter_id', 'text', (column) => column.primaryKey())
        .addColumn('message_key', 'text')
        .addColumn('code', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('put_aside_at', 'text', (column) => column.notNull())
        .execute();
    },
  },
  {
    name: '2026-11-users',
    async up(db) {
      await db.schema
        .createTable('tenant_user')
        .addColumn('user_key', 'text', (column) => column.primaryKey())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('pseudonym', 'text', (column) => column.notNull())
        .addColumn('sealed_user', 'text')
        .addColumn('held', 'text', (column) => column.notNull())
        .addColumn('policies', 'text', (column) => column.notNull())
        .addColumn('revision', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('tenant_user_of_tenant').on('tenant_user').columns(['tenant', 'pseudonym']).execute();
    },
  },
  {
    name: '2026-11-balance-lots',
    async up(db) {
      const columns = [
        ['reserved', 'text', '0'],
        ['lots', 'text', '[]'],
        ['adjusted', 'text', '0'],
        ['refunded', 'text', '0'],
        ['lot_warning_days', 'integer', 0],
      ] as const;
      for (const [name, type, value] of columns) {
        await db.schema
          .alterTable('balance')
          .addColumn(name, type, (column) => column.notNull().defaultTo(value))
          .execute();
      }
      for (const name of ['next_expiry', 'next_due']) await db.schema.alterTable('balance').addColumn(name, 'text').execute();
      // Lots follow from events only: the rows are folded anew from the first one.
      await db.deleteFrom('balance').execute();
      await db.deleteFrom('read_store_checkpoint').where('name', '=', 'balance').execute();
    },
  },
  {
    name: '2026-11-usage-day',
    async up(db) {
      await db.schema
        .createTable('usage_day')
        .addColumn('day_key', 'text', (column) => column.primaryKey())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('day', 'text', (column) => column.notNull())
        .addColumn('debited', 'text', (column) => column.notNull())
        .addColumn('calls', 'bigint', (column) => column.notNull())
        .addColumn('pool_seconds', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('usage_day_of_tenant').on('usage_day').columns(['tenant', 'day']).execute();
    },
  },
];
