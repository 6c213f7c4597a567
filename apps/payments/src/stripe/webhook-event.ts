// Payment step's news from Stripe: a webhook's bytes and signature come in; the recharge to look after goes out, or why not.

import { Stripe } from 'stripe';
import type { RechargeKey } from '../recharges.js';

/** What Stripe's documentation advises; a captured webhook is worth nothing afterwards. Stripe signs each delivery anew. */
const TOLERANCE_S = 300;

/** The events after which a payment of ours may stand otherwise on the gateway than on the stream. */
const KNOWN: ReadonlySet<string> = new Set([
  'payment_intent.canceled',
  'payment_intent.payment_failed',
  'payment_intent.succeeded',
]);
const MAX_TEXT_CHARACTERS = 200;

export type PaymentNews =
  /** `saysPaid` is no outcome: the gateway is asked. It says only that an answer without a payment is not the last word. */
  | { readonly kind: 'recharge'; readonly eventId: string; readonly key: RechargeKey; readonly saysPaid: boolean }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'forged'; readonly reason: string };

export type ReadNews = (body: Buffer, signature: string | undefined) => PaymentNews;

export function stripeNews(webhookSecret: string, nowMs: () => number = Date.now): ReadNews {
  return (body, signature) => {
    try {
      const event = Stripe.webhooks.constructEvent(body, signature ?? '', webhookSecret, TOLERANCE_S, undefined, nowMs());
      return newsIn(event);
    } catch (error) {
      // The error itself holds header and payload, so only its first line goes on.
      const [reason = ''] = String((error as Error).message).split('\n', 1);
      return { kind: 'forged', reason };
    }
  };
}

/** Signed, so it is Stripe's; its shape is checked all the same, for the account may serve other programs too. */
function newsIn(unchecked: unknown): PaymentNews {
  const { id, type, data } = Object(unchecked) as Readonly<Record<string, unknown>>;
  if (typeof type !== 'string' || !KNOWN.has(type)) return { kind: 'ignored', reason: `nothing is done at ${String(type)}` };
  const { object } = Object(data) as { readonly object?: unknown };
  const { metadata } = Object(object) as { readonly metadata?: unknown };
  const { tenant, rechargeId } = Object(metadata) as Readonly<Record<string, unknown>>;
  if (!isText(tenant) || !isText(rechargeId)) return { kind: 'ignored', reason: 'the payment names no recharge' };
  return { kind: 'recharge', eventId: String(id), key: { tenant, rechargeId }, saysPaid: type === 'payment_intent.succeeded' };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT_CHARACTERS;
}
