// Gateway simulator's books in Stripe's words: a payment comes in; its PaymentIntent, or the error that Stripe gives, goes out.

import { type DeclineCode, stripeAmountOf } from '@tollkeeper/payment-gateway';
import type { StripePayment } from './payments.js';

/** What the issuer said, for each of our codes; a card that is missing altogether is found out before Stripe is asked. */
const STRIPE_CODES: Readonly<Record<Exclude<DeclineCode, 'payment-cancelled'>, readonly [code: string, declineCode: string]>> = {
  'authentication-required': ['authentication_required', 'authentication_required'],
  'card-declined': ['card_declined', 'generic_decline'],
  'card-lost-or-stolen': ['card_declined', 'lost_card'],
  'currency-not-supported': ['card_declined', 'currency_not_supported'],
  'expired-card': ['expired_card', 'expired_card'],
  'fraud-suspected': ['card_declined', 'fraudulent'],
  'insufficient-funds': ['card_declined', 'insufficient_funds'],
  'invalid-card': ['incorrect_number', 'incorrect_number'],
  'limit-exceeded': ['card_declined', 'card_velocity_exceeded'],
  'payment-method-missing': ['card_declined', 'invalid_account'],
  'payments-forbidden': ['card_declined', 'do_not_try_again'],
  'processing-error': ['processing_error', 'processing_error'],
};

export type Intent = { readonly id: string; readonly status: string; readonly last_payment_error: object | null };

export function intentOf(payment: StripePayment): Intent {
  const { at, body, customer, paymentMethod, reference } = payment;
  const currency = body.currency.toLowerCase();
  const amount = stripeAmountOf(body.amount, body.currency);
  const status = statusOf(payment);
  return {
    id: reference,
    object: 'payment_intent',
    livemode: false,
    ...(at === undefined ? {} : { created: Math.floor(Date.parse(at) / 1000) }),
    amount,
    currency,
    customer,
    amount_received: status === 'succeeded' ? amount : 0,
    capture_method: 'automatic',
    next_action: null,
    payment_method: status === 'requires_payment_method' ? null : paymentMethod,
    last_payment_error: status === 'succeeded' || status === 'processing' ? null : lastError(payment),
    metadata: {
      tenant: body.tenant,
      rechargeId: body.rechargeId,
      attempt: String(body.attempt),
    },
    status,
  } as Intent;
}

function statusOf({ state, result }: StripePayment): string {
  if (state === 'processing') return 'processing';
  if (state === 'authenticated' || result === 'paid') return 'succeeded';
  return state === 'cancelled' || result === 'payment-cancelled' ? 'canceled' : 'requires_payment_method';
}

function lastError({ result, paymentMethod }: StripePayment): object | null {
  if (result === 'paid' || result === 'payment-cancelled') return null;
  const [code, decline_code] = STRIPE_CODES[result];
  const payment_method = { id: paymentMethod, object: 'payment_method' };
  return { type: 'card_error', code, decline_code, message: 'Your card was declined.', payment_method };
}

/** The answer to the request that made the payment, and for ever after to the same request: status and body. */
export function answerOf(payment: StripePayment): readonly [status: number, body: object] {
  const intent = intentOf(payment);
  if (intent.status !== 'requires_payment_method') return [200, intent];
  return [402, { error: { ...intent.last_payment_error, payment_intent: intent } }];
}

/** The event of a payment that has come to an end. */
export function eventTypeOf(payment: StripePayment): string {
  const { status } = intentOf(payment);
  if (status === 'succeeded') return 'payment_intent.succeeded';
  return status === 'canceled' ? 'payment_intent.canceled' : 'payment_intent.payment_failed';
}
