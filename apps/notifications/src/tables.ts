// Where notices and webhook deliveries stand: the tables, alike on SQLite and PostgreSQL, and the migrations that make them.
//
// `notice_account` is a read model: a rebuild forgets it. `notice` and `webhook_delivery` are what was sent and what is still to be
// sent: nothing but age ever takes a row from them, so that a rebuild sends nothing again.

import type { NoticeAccountRow, NoticeKind } from '@tollkeeper/projections';
import type { Migration } from '@tollkeeper/read-store';
import { WEBHOOK_MIGRATIONS, type WebhookTables } from '@tollkeeper/webhooks';

/** `nobody`: nobody was to be told. `refused`: the mail server said no for good. `off`: none is sent of this kind, or at all. */
export type MailStatus = 'due' | 'sent' | 'nobody' | 'refused' | 'gave-up' | 'off';

export type NoticeRow = {
  readonly notice_id: string;
  readonly tenant: string;
  readonly kind: NoticeKind;
  readonly currency: string;
  /** JSON, by kind: `NoticeFacts`. */
  readonly facts: string;
  readonly revision: number;
  readonly position: number;
  readonly raised_at: string;
  readonly mail_status: MailStatus;
  readonly mail_attempts: number;
  readonly mail_due_at: string;
  /** Who is sending it, and until when nobody else may. */
  readonly mail_lease: string | null;
  readonly mail_lease_until: string | null;
  /** Code of the last failure; never an address. */
  readonly mail_error: string | null;
  readonly mail_settled_at: string | null;
};

export type WebhookDeliveryRow = {
  readonly endpoint_id: string;
  /** `webhook-id`, made of the message's type and id: the same message is the same delivery. */
  readonly message_id: string;
  readonly tenant: string;
  readonly type: string;
  /** As it is signed and sent, the same at each attempt. */
  readonly body: string;
  readonly status: 'due' | 'delivered' | 'gave-up';
  readonly attempts: number;
  readonly due_at: string;
  readonly lease: string | null;
  readonly lease_until: string | null;
  /** HTTP status of the last attempt, or the code of what kept it from having one. */
  readonly last_outcome: string | null;
  readonly created_at: string;
};

/** A tenant whose events could not be folded: it is told nothing more until a rebuild. */
export type NoticeSetAsideRow = { readonly tenant: string; readonly revision: number; readonly reason: string };

export type Tables = WebhookTables & {
  readonly notice_account: NoticeAccountRow;
  readonly notice: NoticeRow;
  readonly notice_set_aside: NoticeSetAsideRow;
  readonly webhook_delivery: WebhookDeliveryRow;
};

export const MIGRATIONS: readonly Migration[] = [
  ...WEBHOOK_MIGRATIONS,
  {
    name: '2026-11-notices',
    async up(db) {
      await db.schema
        .createTable('notice_account')
        .addColumn('tenant', 'text', (column) => column.primaryKey())
        .addColumn('currency', 'text', (column) => column.notNull())
        .addColumn('threshold', 'text')
        .addColumn('below', 'integer', (column) => column.notNull())
        .addColumn('alerts', 'bigint', (column) => column.notNull())
        .addColumn('balance', 'text', (column) => column.notNull())
        .addColumn('open_recharges', 'text', (column) => column.notNull())
        .addColumn('pools', 'text', (column) => column.notNull())
        .addColumn('sealed_recipients', 'text')
        .addColumn('revision', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('notice')
        .addColumn('notice_id', 'text', (column) => column.primaryKey())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('currency', 'text', (column) => column.notNull())
        .addColumn('facts', 'text', (column) => column.notNull())
        .addColumn('revision', 'bigint', (column) => column.notNull())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .addColumn('raised_at', 'text', (column) => column.notNull())
        .addColumn('mail_status', 'text', (column) => column.notNull())
        .addColumn('mail_attempts', 'integer', (column) => column.notNull())
        .addColumn('mail_due_at', 'text', (column) => column.notNull())
        .addColumn('mail_lease', 'text')
        .addColumn('mail_lease_until', 'text')
        .addColumn('mail_error', 'text')
        .addColumn('mail_settled_at', 'text')
        .execute();
      await db.schema.createIndex('notice_mail_due').on('notice').columns(['mail_status', 'mail_due_at']).execute();
      await db.schema.createIndex('notice_position').on('notice').column('position').execute();
      await db.schema.createIndex('notice_raised_at').on('notice').column('raised_at').execute();
      await db.schema
        .createTable('notice_set_aside')
        .addColumn('tenant', 'text', (column) => column.primaryKey())
        .addColumn('revision', 'bigint', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .execute();
    },
  },
  {
    name: '2026-11-webhook-deliveries',
    async up(db) {
      await db.schema
        .createTable('webhook_delivery')
        .addColumn('endpoint_id', 'text', (column) => column.notNull())
        .addColumn('message_id', 'text', (column) => column.notNull())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('due_at', 'text', (column) => column.notNull())
        .addColumn('lease', 'text')
        .addColumn('lease_until', 'text')
        .addColumn('last_outcome', 'text')
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('webhook_delivery_key', ['endpoint_id', 'message_id'])
        .execute();
      await db.schema.createIndex('webhook_delivery_due').on('webhook_delivery').columns(['status', 'due_at']).execute();
      await db.schema.createIndex('webhook_delivery_created_at').on('webhook_delivery').column('created_at').execute();
    },
  },
];
