// Webhooks, their table: where a tenant wants to be told, what of, and how it has answered lately.

import type { Migration } from '@tollkeeper/read-store';

export type WebhookEndpointRow = {
  readonly endpoint_id: string;
  readonly tenant: string;
  readonly url: string;
  /** `{ secret: 'whsec_…' }`, sealed: whoever copies the table cannot sign. */
  readonly sealed_secret: string;
  /** JSON list of message types; null: all. */
  readonly types: string | null;
  readonly status: 'active' | 'disabled';
  readonly disabled_reason: DisabledReason | null;
  readonly disabled_at: string | null;
  /** Attempts in a row that failed, whichever messages they were for. */
  readonly failures: number;
  readonly failing_since: string | null;
  /** Nothing is sent before it: an endpoint that fails is left alone for a while, with everything that waits for it. */
  readonly retry_at: string | null;
  readonly created_at: string;
};

export type WebhookTables = { readonly webhook_endpoint: WebhookEndpointRow };

/** `gone`: it answered 410. `failing`: see `DISABLE_AFTER_FAILURES`. `asked`: by a person. */
export type DisabledReason = 'gone' | 'failing' | 'asked';

/** What the tenant is shown of an endpoint: everything but its secret. */
export type WebhookEndpoint = {
  readonly id: string;
  readonly tenant: string;
  readonly url: string;
  /** Null: all. */
  readonly types: readonly string[] | null;
  readonly status: 'active' | 'disabled';
  readonly disabledReason: DisabledReason | null;
  readonly disabledAt: string | null;
  readonly failures: number;
  readonly failingSince: string | null;
  readonly createdAt: string;
};

export function endpointOf(row: WebhookEndpointRow): WebhookEndpoint {
  return {
    id: row.endpoint_id,
    tenant: row.tenant,
    url: row.url,
    types: typesOf(row),
    status: row.status,
    disabledReason: row.disabled_reason,
    disabledAt: row.disabled_at,
    failures: row.failures,
    failingSince: row.failing_since,
    createdAt: row.created_at,
  };
}

export function typesOf({ types }: Pick<WebhookEndpointRow, 'types'>): readonly string[] | null {
  return types === null ? null : (JSON.parse(types) as readonly string[]);
}

/** Run by every program that uses endpoints; the store runs it once. */
export const WEBHOOK_MIGRATIONS: readonly Migration[] = [
  {
    name: '2026-11-webhook-endpoints',
    async up(db) {
      await db.schema
        .createTable('webhook_endpoint')
        .addColumn('endpoint_id', 'text', (column) => column.primaryKey())
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('url', 'text', (column) => column.notNull())
        .addColumn('sealed_secret', 'text', (column) => column.notNull())
        .addColumn('types', 'text')
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('disabled_reason', 'text')
        .addColumn('disabled_at', 'text')
        .addColumn('failures', 'integer', (column) => column.notNull())
        .addColumn('failing_since', 'text')
        .addColumn('retry_at', 'text')
        .addColumn('created_at', 'text', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('webhook_endpoint_tenant').on('webhook_endpoint').column('tenant').execute();
    },
  },
];
