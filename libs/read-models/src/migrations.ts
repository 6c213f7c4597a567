// What makes the tables of the read models, step by step; a step that has run anywhere never changes.

import type { Migration } from '@tollkeeper/read-store';

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
  { name: '2026-11-audit', up: auditTables },
  {
    name: '2026-11-recharges-of-tenant',
    async up(db) {
      const columns = ['tenant', 'requested_at', 'requested_revision'];
      await db.schema.createIndex('auto_recharge_of_tenant').on('auto_recharge').columns(columns).execute();
    },
  },
  {
    // For lists of what was put aside by page, and how many of each code there are.
    name: '2026-11-dead-letter-pages',
    async up(db) {
      const place = ['put_aside_at', 'letter_id'];
      await db.schema.createIndex('dead_letter_pages').on('dead_letter').columns(place).execute();
      await db.schema
        .createIndex('dead_letter_of_code')
        .on('dead_letter')
        .columns(['code', ...place])
        .execute();
    },
  },
];

async function auditTables(db: Parameters<Migration['up']>[0]): Promise<void> {
  await db.schema
    .createTable('call')
    .addColumn('call_key', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('cdr_id', 'text', (column) => column.notNull())
    .addColumn('format', 'text', (column) => column.notNull())
    .addColumn('call_id', 'text')
    .addColumn('conference_id', 'text')
    .addColumn('answered_at', 'text', (column) => column.notNull())
    .addColumn('setup_at', 'text')
    .addColumn('end_at', 'text')
    .addColumn('usage_ms', 'bigint', (column) => column.notNull())
    .addColumn('billable', 'integer', (column) => column.notNull())
    .addColumn('category', 'text', (column) => column.notNull())
    .addColumn('prefix', 'text', (column) => column.notNull())
    .addColumn('destination', 'text', (column) => column.notNull())
    .addColumn('currency', 'text', (column) => column.notNull())
    .addColumn('amount', 'text', (column) => column.notNull())
    .addColumn('connect_charge', 'text', (column) => column.notNull())
    .addColumn('coverage', 'text', (column) => column.notNull())
    .addColumn('pool_ms', 'bigint', (column) => column.notNull())
    .addColumn('unauthorised', 'text')
    .addColumn('report', 'text', (column) => column.notNull())
    .addColumn('parties', 'text')
    .addColumn('generation', 'integer', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('recorded_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('call_of_tenant').on('call').columns(['tenant', 'answered_at', 'call_key']).execute();
  await db.schema.createIndex('call_of_cdr').on('call').column('cdr_id').execute();
  await db.schema
    .createTable('balance_day')
    .addColumn('day_key', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('day', 'text', (column) => column.notNull())
    .addColumn('balance', 'text', (column) => column.notNull())
    .addColumn('available', 'text', (column) => column.notNull())
    .addColumn('lowest_available', 'text', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('balance_day_of_tenant').on('balance_day').columns(['tenant', 'day']).execute();
  await db.schema
    .createTable('ledger_stretch')
    .addColumn('stretch_key', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('first_revision', 'bigint', (column) => column.notNull())
    .addColumn('last_revision', 'bigint', (column) => column.notNull())
    .addColumn('movement', 'text', (column) => column.notNull())
    .addColumn('purchases', 'text', (column) => column.notNull())
    .addColumn('calls', 'text', (column) => column.notNull())
    .addColumn('expiries', 'text', (column) => column.notNull())
    .addColumn('adjustments', 'text', (column) => column.notNull())
    .addColumn('refunds', 'text', (column) => column.notNull())
    .addColumn('events_moved', 'integer', (column) => column.notNull())
    .addColumn('calls_debited', 'integer', (column) => column.notNull())
    .addColumn('calls_reversed', 'integer', (column) => column.notNull())
    .addColumn('earliest_effective_at', 'text')
    .addColumn('latest_effective_at', 'text')
    .addColumn('late', 'text', (column) => column.notNull())
    .addColumn('last_recorded_at', 'text', (column) => column.notNull())
    .addColumn('first_balance', 'text', (column) => column.notNull())
    .addColumn('last_balance', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('ledger_stretch_of_tenant').on('ledger_stretch').columns(['tenant', 'first_revision']).execute();
  await db.schema
    .createTable('read_model_rebuild')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('events', 'bigint', (column) => column.notNull())
    .addColumn('position', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addColumn('finished_at', 'text')
    .addColumn('error', 'text')
    .execute();
  await db.schema
    .createTable('verification')
    .addColumn('verification_id', 'text', (column) => column.primaryKey())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text')
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addColumn('finished_at', 'text')
    .addColumn('checks', 'text', (column) => column.notNull())
    .addColumn('error', 'text')
    .execute();
}
