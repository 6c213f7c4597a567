// Webhook step's rows: messages → one delivery for each endpoint that wants them; those that are due → claimed, then settled.
//
// What if a message comes twice? Its delivery stands under the same endpoint and id, and is left alone. What if two instances look at
// once? The claim says in its `where` that nobody holds the row. What if one dies with rows in hand? The lease runs out, and they are
// sent again under the same `webhook-id`.

import { createHash, randomUUID } from 'node:crypto';
import type { OutgoingMessage } from '@tollkeeper/projections';
import type { ReadStore } from '@tollkeeper/read-store';
import { isSubscribed, type DisabledReason, type WebhookEndpointRow, type WebhookEndpoints } from '@tollkeeper/webhooks';
import type { Tables, WebhookDeliveryRow } from './tables.js';

/** Far above what an attempt may take, with room for clocks that differ between instances. */
export const WEBHOOK_LEASE_MS = 120_000;
const [SECOND_MS, MINUTE_MS, HOUR_MS] = [1_000, 60_000, 3_600_000];
/** The schedule that Standard Webhooks recommends: waits after the first, second … attempt; a tenth that fails is the last. */
export const RETRY_AFTER_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
/** Part of each wait that is added by chance, so that what failed together does not come back together. */
const JITTER = 0.2;
/** Of one endpoint in hand at once: one that is slow leaves room for the others. */
const MAX_PER_ENDPOINT = 4;
/** Looked at for a claim: more than are claimed, because some belong to endpoints that have enough in hand. */
const CANDIDATES = 64;
const ROWS_PER_INSERT = 500;

export type ClaimedDelivery = { readonly row: WebhookDeliveryRow; readonly endpoint: WebhookEndpointRow };

export type Settled = {
  readonly status: WebhookDeliveryRow['status'];
  /** Set when this failure has disabled the endpoint. */
  readonly disabled: DisabledReason | undefined;
};

type Tx = Parameters<Parameters<ReadStore<Tables>['write']>[0]>[0];

/** Adds a delivery of each message for each of the tenant's endpoints that wants its type. Answers how many are new. */
export async function addDeliveries(
  tx: Tx,
  messages: readonly OutgoingMessage[],
  endpoints: readonly WebhookEndpointRow[],
  nowMs: number,
): Promise<number> {
  const now = new Date(nowMs).toISOString();
  const rows = messages.flatMap((message) =>
    endpoints
      .filter((endpoint) => endpoint.tenant === message.subject && isSubscribed(endpoint, message.type))
      .map((endpoint) => deliveryOf(message, endpoint, now)),
  );
  let added = 0;
  for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('webhook_delivery')
      .values(rows.slice(at, at + ROWS_PER_INSERT))
      .onConflict((conflict) => conflict.columns(['endpoint_id', 'message_id']).doNothing())
      .executeTakeFirst();
    added += Number(numInsertedOrUpdatedRows ?? 0n);
  }
  return added;
}

function deliveryOf(message: OutgoingMessage, endpoint: WebhookEndpointRow, now: string): WebhookDeliveryRow {
  const { type, time, data } = message;
  return {
    endpoint_id: endpoint.endpoint_id,
    message_id: webhookIdOf(message),
    tenant: endpoint.tenant,
    type,
    body: JSON.stringify({ type, timestamp: time, data }),
    status: 'due',
    attempts: 0,
    due_at: now,
    lease: null,
    lease_until: null,
    last_outcome: null,
    created_at: now,
  };
}

/** Standard Webhooks signs id, time and body with full stops between them, so an id may hold none; a digest never does. */
export function webhookIdOf({ type, id }: Pick<OutgoingMessage, 'id' | 'type'>): string {
  return `msg_${createHash('sha256').update(`${type}\0${id}`).digest('hex').slice(0, 32)}`;
}

export class WebhookOutbox {
  readonly #instance = randomUUID();

  constructor(
    private readonly store: ReadStore<Tables>,
    private readonly endpoints: WebhookEndpoints,
    private readonly nowMs: () => number,
    private readonly random: () => number = Math.random,
  ) {}

  /** `busy`: how many of each endpoint are in hand here. */
  async claim(limit: number, busy: ReadonlyMap<string, number>): Promise<readonly ClaimedDelivery[]> {
    const now = this.#instant(0);
    const endpoints = new Map((await this.endpoints.active()).map((endpoint) => [endpoint.endpoint_id, endpoint]));
    const awake = [...endpoints.values()].filter(
      ({ endpoint_id, retry_at }) => (retry_at === null || retry_at <= now) && (busy.get(endpoint_id) ?? 0) < MAX_PER_ENDPOINT,
    );
    if (awake.length === 0) return [];
    const due = await this.#due(
      awake.map(({ endpoint_id }) => endpoint_id),
      now,
    );
    const wanted = withinBounds(due, busy, limit);
    if (wanted.length === 0) return [];
    return this.store.write(async (tx) => {
      const claimed: ClaimedDelivery[] = [];
      for (const { endpoint_id, message_id } of wanted) {
        const row = await this.#take(tx, endpoint_id, message_id, now);
        const endpoint = endpoints.get(endpoint_id);
        if (row !== undefined && endpoint !== undefined) claimed.push({ row, endpoint });
      }
      return claimed;
    });
  }

  async delivered({ row }: ClaimedDelivery, outcome: string): Promise<Settled> {
    return this.store.write(async (tx) => {
      await this.#settle(tx, row, { status: 'delivered', last_outcome: outcome });
      await this.endpoints.answered(tx, row.endpoint_id);
      return { status: 'delivered', disabled: undefined };
    });
  }

  /** Due again by the schedule, or given up; with it the endpoint's own account of failures. `isFinal`: no retry can help. */
  async failed({ row }: ClaimedDelivery, outcome: string, isGone: boolean, isFinal = isGone): Promise<Settled> {
    const afterMs = isFinal ? undefined : RETRY_AFTER_MS[row.attempts];
    const status = afterMs === undefined ? 'gave-up' : 'due';
    const due_at = this.#instant((afterMs ?? 0) * (1 + JITTER * this.random()));
    return this.store.write(async (tx) => {
      await this.#settle(tx, row, { status, due_at, last_outcome: outcome });
      return { status, disabled: await this.endpoints.failed(tx, row.endpoint_id, isGone) };
    });
  }

  #due(endpointIds: readonly string[], now: string): Promise<readonly DeliveryKey[]> {
    return this.store.db
      .selectFrom('webhook_delivery')
      .select(['endpoint_id', 'message_id'])
      .where('status', '=', 'due')
      .where('due_at', '<=', now)
      .where('endpoint_id', 'in', endpointIds)
      .where((row) => row.or([row('lease_until', 'is', null), row('lease_until', '<', now)]))
      .orderBy('due_at')
      .limit(CANDIDATES)
      .execute();
  }

  #take(tx: Tx, endpointId: string, messageId: string, now: string): Promise<WebhookDeliveryRow | undefined> {
    return tx
      .updateTable('webhook_delivery')
      .set({ lease: this.#instance, lease_until: this.#instant(WEBHOOK_LEASE_MS) })
      .where('endpoint_id', '=', endpointId)
      .where('message_id', '=', messageId)
      .where('status', '=', 'due')
      .where((row) => row.or([row('lease_until', 'is', null), row('lease_until', '<', now)]))
      .returningAll()
      .executeTakeFirst();
  }

  async #settle(tx: Tx, row: WebhookDeliveryRow, change: Partial<WebhookDeliveryRow>): Promise<void> {
    await tx
      .updateTable('webhook_delivery')
      .set({ ...change, attempts: row.attempts + 1, lease: null, lease_until: null })
      .where('endpoint_id', '=', row.endpoint_id)
      .where('message_id', '=', row.message_id)
      .where('lease', '=', this.#instance)
      .execute();
  }

  #instant(afterMs: number): string {
    return new Date(this.nowMs() + afterMs).toISOString();
  }
}

type DeliveryKey = Pick<WebhookDeliveryRow, 'endpoint_id' | 'message_id'>;

function withinBounds(due: readonly DeliveryKey[], busy: ReadonlyMap<string, number>, limit: number): readonly DeliveryKey[] {
  const inHand = new Map(busy);
  const wanted: DeliveryKey[] = [];
  for (const key of due) {
    if (wanted.length === limit) break;
    const count = inHand.get(key.endpoint_id) ?? 0;
    if (count >= MAX_PER_ENDPOINT) continue;
    inHand.set(key.endpoint_id, count + 1);
    wanted.push(key);
  }
  return wanted;
}
