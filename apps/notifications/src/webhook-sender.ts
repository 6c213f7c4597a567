// Webhook step: deliveries that are due → signed POSTs to subscribers, until each is answered with 2xx or given up.
//
// What if a message comes twice? A subscriber may see it twice, under one `webhook-id`, and drops the second. Altered? The signature
// covers id, time and body. Out of order? No order is promised, not even for one endpoint: a retry comes after what followed it, so
// a subscriber goes by the `revision` in the data. We die after the answer and before it was written down? It is sent again, under
// the same id.

import { failpoint } from '@tollkeeper/program';
import { SealingError } from '@tollkeeper/sealing';
import type { DisabledReason, WebhookEndpoints } from '@tollkeeper/webhooks';
import { SendingLoop } from './sending-loop.js';
import { postWebhook, WebhookUnanswered } from './webhook-post.js';
import type { ClaimedDelivery, Settled, WebhookOutbox } from './webhook-outbox.js';
import type { WebhookDeliveryRow } from './tables.js';

/** Of an endpoint it tells the id, never the URL: that may hold a token. */
export type WebhookWatch = {
  /** `outcome`: the HTTP status, or why there was none. */
  onDelivery(delivery: WebhookDeliveryRow, status: Settled['status'], outcome: string): void;
  onDisabled(tenant: string, endpointId: string, reason: DisabledReason): void;
  onError(error: unknown): void;
};

export type WebhookSenderParts = {
  readonly outbox: WebhookOutbox;
  readonly endpoints: WebhookEndpoints;
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  readonly watch: WebhookWatch;
  readonly nowMs: () => number;
};

const DELIVERIES_AT_ONCE = 16;
const GONE = 410;

export function webhookSender(parts: WebhookSenderParts): SendingLoop<ClaimedDelivery> {
  return new SendingLoop<ClaimedDelivery>({
    concurrency: DELIVERIES_AT_ONCE,
    claim: (free, busy) => parts.outbox.claim(free, busy),
    keyOf: ({ row }) => row.endpoint_id,
    send: (claimed, signal) => deliver(claimed, parts, signal),
    onError: parts.watch.onError,
  });
}

async function deliver(claimed: ClaimedDelivery, parts: WebhookSenderParts, signal: AbortSignal): Promise<void> {
  const { outbox, watch } = parts;
  const { row, endpoint } = claimed;
  const outcome = await outcomeOf(claimed, parts, signal);
  failpoint('notifications.after-webhook');
  const isGone = outcome === String(GONE);
  const settled = /^2\d\d$/.test(outcome)
    ? await outbox.delivered(claimed, outcome)
    : await outbox.failed(claimed, outcome, isGone, isGone || outcome === SECRET_ERASED);
  watch.onDelivery(row, settled.status, outcome);
  if (settled.disabled !== undefined) watch.onDisabled(endpoint.tenant, endpoint.endpoint_id, settled.disabled);
}

/** The tenant's key was destroyed, and the secret with it. */
const SECRET_ERASED = 'secret-erased';

async function outcomeOf({ row, endpoint }: ClaimedDelivery, parts: WebhookSenderParts, signal: AbortSignal): Promise<string> {
  const { endpoints, allowPrivate, timeoutMs, nowMs } = parts;
  try {
    const secret = await endpoints.secretOf(endpoint);
    if (secret === 'erased') return SECRET_ERASED;
    const post = { url: endpoint.url, secret, id: row.message_id, body: row.body, atMs: nowMs() };
    return String(await postWebhook(post, { timeoutMs, allowPrivate, signal }));
  } catch (error) {
    // A key store that is down for a while, too, is a wait by the schedule.
    if (error instanceof WebhookUnanswered || error instanceof SealingError) return error.code;
    throw error;
  }
}
