// Payment step at Stripe: the error that Stripe keeps with a declined payment → our decline code and its class.

import { declineClassOf, type DeclineCode, type PaymentOutcome } from '../gateway.js';

/** The fields of Stripe's card errors that say why; `decline_code` is the issuer's reason and says more than `code`. */
export type StripeDecline = {
  readonly code?: string | undefined;
  readonly decline_code?: string | undefined;
  readonly advice_code?: string | undefined;
};

/**
 * Stripe's documented codes (docs.stripe.com/declines/codes and /error-codes). Those that only tell the holder to call the
 * issuer, and any that Stripe adds, are not here: they count as `card-declined`, which is tried again a bounded number of times.
 */
const OURS: ReadonlyMap<string, DeclineCode> = new Map<string, DeclineCode>([
  ['authentication_not_handled', 'authentication-required'],
  ['authentication_required', 'authentication-required'],
  ['mobile_device_authentication_required', 'authentication-required'],
  ['payment_intent_authentication_failure', 'authentication-required'],
  ['insufficient_funds', 'insufficient-funds'],
  ['card_decline_rate_limit_exceeded', 'limit-exceeded'],
  ['card_velocity_exceeded', 'limit-exceeded'],
  ['invalid_amount', 'limit-exceeded'], // "invalid, or exceeds the amount that's allowed", and Stripe checked that it is valid
  ['pin_try_exceeded', 'limit-exceeded'],
  ['withdrawal_count_limit_exceeded', 'limit-exceeded'],
  ['approve_with_id', 'processing-error'], // "should be attempted again"
  ['issuer_not_available', 'processing-error'],
  ['payment_method_provider_timeout', 'processing-error'],
  ['processing_error', 'processing-error'],
  ['reenter_transaction', 'processing-error'],
  ['try_again_later', 'processing-error'],
  ['lost_card', 'card-lost-or-stolen'],
  ['pickup_card', 'card-lost-or-stolen'],
  ['restricted_card', 'card-lost-or-stolen'],
  ['stolen_card', 'card-lost-or-stolen'],
  ['currency_not_supported', 'currency-not-supported'],
  ['expired_card', 'expired-card'],
  ['fraudulent', 'fraud-suspected'],
  ['merchant_blacklist', 'fraud-suspected'],
  ['card_not_supported', 'invalid-card'],
  ['incorrect_address', 'invalid-card'],
  ['incorrect_cvc', 'invalid-card'],
  ['incorrect_number', 'invalid-card'],
  ['incorrect_zip', 'invalid-card'],
  ['invalid_account', 'invalid-card'],
  ['invalid_cvc', 'invalid-card'],
  ['invalid_expiry_month', 'invalid-card'],
  ['invalid_expiry_year', 'invalid-card'],
  ['invalid_number', 'invalid-card'],
  ['new_account_information_available', 'invalid-card'],
  ['offline_pin_required', 'invalid-card'], // works only where the holder stands
  ['online_or_offline_pin_required', 'invalid-card'],
  ['testmode_decline', 'invalid-card'],
  ['do_not_try_again', 'payments-forbidden'],
  ['debit_not_authorized', 'payments-forbidden'],
  ['revocation_of_all_authorizations', 'payments-forbidden'],
  ['revocation_of_authorization', 'payments-forbidden'],
  ['stop_payment_order', 'payments-forbidden'],
]);

/** The network's advice overrules a reason that would be tried again: card networks fine those who ask on. */
const ADVICE_AGAINST = 'do_not_try_again';

export function declineOf({ code, decline_code, advice_code }: StripeDecline): PaymentOutcome & { readonly kind: 'declined' } {
  const reason = OURS.get(decline_code ?? '') ?? OURS.get(code ?? '') ?? 'card-declined';
  const stop = advice_code === ADVICE_AGAINST && declineClassOf(reason) === 'soft';
  return declined(stop ? 'payments-forbidden' : reason);
}

export function declined(code: DeclineCode): PaymentOutcome & { readonly kind: 'declined' } {
  return { kind: 'declined', code, class: declineClassOf(code) };
}
