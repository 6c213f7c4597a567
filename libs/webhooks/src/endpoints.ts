// Webhooks, their keeper: the API adds, lists, removes and enables a tenant's endpoints; the sender asks for those that are active
// and says how they have answered.
//
// What if two programs change one endpoint at once? Every change says in its `where` what it presumes, and the second finds
// nothing to change. What if we die after adding? The caller never saw the secret: it lists the endpoint, removes it, adds anew.

import { randomBytes, randomUUID } from 'node:crypto';
import type { ReadStore } from '@tollkeeper/read-store';
import { STANDING_MONTH, type KeyRing } from '@tollkeeper/sealing';
import { endpointOf, typesOf } from './endpoint.js';
import type { DisabledReason, WebhookEndpoint, WebhookEndpointRow, WebhookTables } from './endpoint.js';
import { rejected, type WebhookRejection } from './rejection.js';
import { judgeUrl } from './target.js';

export const MAX_ENDPOINTS_PER_TENANT = 20;
/** An endpoint is disabled when at least so many attempts in a row have failed, and the first of them is at least so long ago. */
export const DISABLE_AFTER_FAILURES = 10;
export const DISABLE_AFTER_MS = 3 * 86_400_000;
/** Until the next attempt at an endpoint that has just failed, whichever message it is for: doubled from failure to failure. */
const MIN_REST_MS = 2_000;
const MAX_REST_MS = 300_000;
const SECRET_BYTES = 32;

export type WebhookEndpointsOptions = {
  /** Any read store that has run `WEBHOOK_MIGRATIONS`. */
  readonly store: ReadStore<any>;
  readonly ring: KeyRing;
  /** Everything that can be subscribed to. */
  readonly messageTypes: readonly string[];
  /** `WEBHOOK_ALLOW_PRIVATE`: takes http:// and private addresses too. */
  readonly allowPrivate: boolean;
  readonly nowMs?: () => number;
};

export type NewWebhook = {
  readonly tenant: string;
  readonly url: string;
  /** Null or absent: all. */
  readonly types?: readonly string[] | null;
  /** By default a new one. A caller that may repeat itself gives it: the store refuses one that stands (`constraint`). */
  readonly id?: string;
};

/** The secret is shown this once. */
export type AddedWebhook = { readonly endpoint: WebhookEndpoint; readonly secret: string };

type TransactionOf<Tables> = Parameters<Parameters<ReadStore<Tables>['write']>[0]>[0];
/** Of whichever store the endpoints stand in. */
type Tx = TransactionOf<any>;

export class WebhookEndpoints {
  readonly #store: ReadStore<WebhookTables>;
  readonly #nowMs: () => number;

  constructor(private readonly options: WebhookEndpointsOptions) {
    this.#store = options.store as ReadStore<WebhookTables>;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  async add({
    tenant,
    url: unchecked,
    types = null,
    id: endpointId = randomUUID(),
  }: NewWebhook): Promise<AddedWebhook | WebhookRejection> {
    const { ring, messageTypes, allowPrivate } = this.options;
    const url = judgeUrl(unchecked, allowPrivate);
    if (!(url instanceof URL)) return url;
    const unknown = types?.find((type) => !messageTypes.includes(type));
    if (unknown !== undefined || types?.length === 0) {
      const reason = `${unknown === undefined ? 'an empty list' : 'that'} subscribes to nothing; there are ${messageTypes.join(', ')}`;
      return rejected('webhook-type-unknown', reason);
    }
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    await ring.prepare([{ tenant, month: STANDING_MONTH }]);
    const row: WebhookEndpointRow = {
      endpoint_id: endpointId,
      tenant,
      url: url.href,
      sealed_secret: ring.seal(tenant, STANDING_MONTH, secretKeyOf(endpointId), { secret }),
      types: types === null ? null : JSON.stringify([...new Set(types)]),
      status: 'active',
      disabled_reason: null,
      disabled_at: null,
      failures: 0,
      failing_since: null,
      retry_at: null,
      created_at: this.#now(),
    };
    const isAdded = await this.#store.write(async (tx) => {
      const others = await tx.selectFrom('webhook_endpoint').select('endpoint_id').where('tenant', '=', tenant).execute();
      if (others.length >= MAX_ENDPOINTS_PER_TENANT) return false;
      await tx.insertInto('webhook_endpoint').values(row).execute();
      return true;
    });
    if (!isAdded) return rejected('webhook-too-many', `${tenant} has ${MAX_ENDPOINTS_PER_TENANT} webhooks; remove one first`);
    return { endpoint: endpointOf(row), secret };
  }

  /** In the order in which they were added. */
  async list(tenant: string): Promise<readonly WebhookEndpoint[]> {
    const rows = await this.#store.db.selectFrom('webhook_endpoint').selectAll().where('tenant', '=', tenant).execute();
    return rows.toSorted((a, b) => (a.created_at + a.endpoint_id < b.created_at + b.endpoint_id ? -1 : 1)).map(endpointOf);
  }

  /** Undefined once it is gone. What is on its way may still arrive. */
  async remove(tenant: string, id: string): Promise<WebhookRejection | undefined> {
    const { numDeletedRows } = await this.#store.write((tx) =>
      tx.deleteFrom('webhook_endpoint').where('tenant', '=', tenant).where('endpoint_id', '=', id).executeTakeFirst(),
    );
    return numDeletedRows === 0n ? unknownWebhook(tenant, id) : undefined;
  }

  /** Begins anew, whatever disabled it: what has waited meanwhile is sent, unless it is too old. */
  async enable(tenant: string, id: string): Promise<WebhookEndpoint | WebhookRejection> {
    const clean = { failures: 0, failing_since: null, retry_at: null, disabled_reason: null, disabled_at: null };
    return this.#set(tenant, id, { ...clean, status: 'active' });
  }

  async disable(tenant: string, id: string): Promise<WebhookEndpoint | WebhookRejection> {
    return this.#set(tenant, id, { status: 'disabled', disabled_reason: 'asked', disabled_at: this.#now() });
  }

  /** For the sender: those that are active, of all tenants; a tenant has few and most have none. */
  async active(): Promise<readonly WebhookEndpointRow[]> {
    return this.#store.db.selectFrom('webhook_endpoint').selectAll().where('status', '=', 'active').execute();
  }

  /** 'erased' when the tenant's key was destroyed: nothing can be signed any more. */
  async secretOf({ tenant, endpoint_id, sealed_secret }: WebhookEndpointRow): Promise<string> {
    const opened = await this.options.ring.unseal(tenant, secretKeyOf(endpoint_id), sealed_secret);
    return opened === 'erased' ? opened : (opened as { readonly secret: string }).secret;
  }

  /** An answer ends the failures that came before it. */
  async answered(tx: Tx, endpointId: string): Promise<void> {
    await (tx as TransactionOf<WebhookTables>)
      .updateTable('webhook_endpoint')
      .set({ failures: 0, failing_since: null, retry_at: null })
      .where('endpoint_id', '=', endpointId)
      .where('failures', '>', 0)
      .execute();
  }

  /** Why this failure disabled the endpoint, if it did; of several at once, one is told. */
  async failed(tx: Tx, endpointId: string, isGone: boolean): Promise<DisabledReason | undefined> {
    const own = tx as TransactionOf<WebhookTables>;
    const nowMs = this.#nowMs();
    const found = await own
      .updateTable('webhook_endpoint')
      .set((row) => ({
        failures: row('failures', '+', 1),
        failing_since: row.fn.coalesce('failing_since', row.val(new Date(nowMs).toISOString())),
      }))
      .where('endpoint_id', '=', endpointId)
      .where('status', '=', 'active')
      .returning(['failures', 'failing_since'])
      .executeTakeFirst();
    if (found === undefined) return undefined;
    const { failures, failing_since } = found;
    const isFailing = failures >= DISABLE_AFTER_FAILURES && Date.parse(failing_since ?? '') <= nowMs - DISABLE_AFTER_MS;
    const reason = isGone ? 'gone' : isFailing ? 'failing' : undefined;
    const restMs = Math.min(MAX_REST_MS, MIN_REST_MS * 2 ** Math.min(failures - 1, 20));
    await own
      .updateTable('webhook_endpoint')
      .set({
        retry_at: new Date(nowMs + restMs).toISOString(),
        ...(reason === undefined
          ? {}
          : { status: 'disabled', disabled_reason: reason, disabled_at: new Date(nowMs).toISOString() }),
      })
      .where('endpoint_id', '=', endpointId)
      .execute();
    return reason;
  }

  async #set(tenant: string, id: string, change: Partial<WebhookEndpointRow>): Promise<WebhookEndpoint | WebhookRejection> {
    const rows = await this.#store.write((tx) =>
      tx
        .updateTable('webhook_endpoint')
        .set(change)
        .where('tenant', '=', tenant)
        .where('endpoint_id', '=', id)
        .returningAll()
        .execute(),
    );
    const [row] = rows;
    return row === undefined ? unknownWebhook(tenant, id) : endpointOf(row);
  }

  #now(): string {
    return new Date(this.#nowMs()).toISOString();
  }
}

/** Whether the endpoint wants messages of this type. */
export function isSubscribed(row: Pick<WebhookEndpointRow, 'types'>, type: string): boolean {
  return typesOf(row)?.includes(type) ?? true;
}

function secretKeyOf(endpointId: string): string {
  return `webhook:${endpointId}`;
}

function unknownWebhook(tenant: string, id: string): WebhookRejection {
  return rejected('webhook-unknown', `tenant ${tenant} has no webhook ${id}`);
}
