// Audit's look at Stripe's books: nothing comes in; the account's PaymentIntents that name a recharge go out, newest first.

import { isCurrency } from '@tollkeeper/money';
import type { Stripe } from 'stripe';
import type { ListedPayment, PaymentOutcome } from '../gateway.js';
import { decimalOfStripe } from './amounts.js';
import type { StripeClient, StripeClientOptions } from './stripe-client.js';
import { stripeClient } from './stripe-client.js';

const PAGE_SIZE = 100;

/** For whoever only lists: it needs no customers. */
export function stripePayments(options: StripeClientOptions) {
  return { list: (signal: AbortSignal) => listPayments(stripeClient(options), signal) };
}

export async function* listPayments(client: StripeClient, signal: AbortSignal): AsyncGenerator<readonly ListedPayment[]> {
  let after: string | undefined;
  for (;;) {
    const from = after === undefined ? {} : { starting_after: after };
    const { data, has_more } = await client.ask('Listing payments', signal, (stripe) =>
      stripe.paymentIntents.list({ limit: PAGE_SIZE, ...from }),
    );
    const page = data.flatMap((intent) => listed(intent) ?? []);
    if (page.length > 0) yield page;
    after = data.at(-1)?.id;
    if (!has_more || after === undefined) return;
  }
}

/** Undefined for a payment that this program never asked for. */
function listed(intent: Stripe.PaymentIntent): ListedPayment | undefined {
  const { tenant, rechargeId, attempt } = intent.metadata;
  const currency = intent.currency.toUpperCase();
  if (tenant === undefined || rechargeId === undefined || !isCurrency(currency)) return undefined;
  const status = statusOf(intent);
  return {
    tenant,
    rechargeId,
    attempt: Number(attempt),
    amount: decimalOfStripe(status === 'paid' ? intent.amount_received : intent.amount, currency),
    currency,
    status,
    reference: status === 'paid' ? intent.id : null,
    createdAt: Number.isFinite(intent.created) ? new Date(intent.created * 1000).toISOString() : null,
  };
}

function statusOf({ status }: Stripe.PaymentIntent): PaymentOutcome['kind'] {
  if (status === 'succeeded') return 'paid';
  return status === 'processing' || status === 'requires_capture' ? 'processing' : 'declined';
}
