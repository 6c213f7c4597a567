// Declines at Stripe: one row = one of Stripe's codes → our code and its class.

import { expect, test } from '@jest/globals';
import { declineOf, type StripeDecline } from './declines.js';

const TABLE = `
approve_with_id                        processing-error         soft
authentication_not_handled             authentication-required  authentication
authentication_required                authentication-required  authentication
call_issuer                            card-declined            soft
card_not_supported                     invalid-card             hard
card_velocity_exceeded                 limit-exceeded           soft
currency_not_supported                 currency-not-supported   hard
do_not_honor                           card-declined            soft
do_not_try_again                       payments-forbidden       hard
duplicate_transaction                  card-declined            soft
expired_card                           expired-card             hard
fraudulent                             fraud-suspected          hard
generic_decline                        card-declined            soft
incorrect_address                      invalid-card             hard
incorrect_cvc                          invalid-card             hard
incorrect_number                       invalid-card             hard
incorrect_zip                          invalid-card             hard
insufficient_funds                     insufficient-funds       soft
invalid_account                        invalid-card             hard
invalid_amount                         limit-exceeded           soft
invalid_cvc                            invalid-card             hard
invalid_expiry_month                   invalid-card             hard
invalid_expiry_year                    invalid-card             hard
invalid_number                         invalid-card             hard
issuer_not_available                   processing-error         soft
lost_card                              card-lost-or-stolen      hard
merchant_blacklist                     fraud-suspected          hard
mobile_device_authentication_required  authentication-required  authentication
new_account_information_available      invalid-card             hard
no_action_taken                        card-declined            soft
not_permitted                          card-declined            soft
offline_pin_required                   invalid-card             hard
online_or_offline_pin_required         invalid-card             hard
pickup_card                            card-lost-or-stolen      hard
pin_try_exceeded                       limit-exceeded           soft
processing_error                       processing-error         soft
reenter_transaction                    processing-error         soft
restricted_card                        card-lost-or-stolen      hard
revocation_of_all_authorizations       payments-forbidden       hard
revocation_of_authorization            payments-forbidden       hard
security_violation                     card-declined            soft
service_not_allowed                    card-declined            soft
stolen_card                            card-lost-or-stolen      hard
stop_payment_order                     payments-forbidden       hard
testmode_decline                       invalid-card             hard
transaction_not_allowed                card-declined            soft
try_again_later                        processing-error         soft
withdrawal_count_limit_exceeded        limit-exceeded           soft
a_code_of_tomorrow                     card-declined            soft
constructor                            card-declined            soft`;

test.each(
  TABLE.trim()
    .split('\n')
    .map((row) => row.split(/\s+/)),
)('%s is %s, %s', (decline_code, code, declineClass) => {
  expect(declineOf({ code: 'card_declined', decline_code })).toEqual({ kind: 'declined', code, class: declineClass });
});

test.each<[string, StripeDecline, string, string]>([
  ['without an issuer, by the error code', { code: 'expired_card', decline_code: '' }, 'expired-card', 'hard'],
  [
    'the issuer says more than the error code',
    { code: 'card_declined', decline_code: 'lost_card' },
    'card-lost-or-stolen',
    'hard',
  ],
  ['too many declines of this card', { code: 'card_decline_rate_limit_exceeded' }, 'limit-exceeded', 'soft'],
  [
    'the holder failed to authenticate',
    { code: 'payment_intent_authentication_failure' },
    'authentication-required',
    'authentication',
  ],
  ['a mandate withdrawn', { code: 'debit_not_authorized' }, 'payments-forbidden', 'hard'],
  ['no word at all', {}, 'card-declined', 'soft'],
  ['advice against', { decline_code: 'generic_decline', advice_code: 'do_not_try_again' }, 'payments-forbidden', 'hard'],
  ['advice against, and a reason', { decline_code: 'expired_card', advice_code: 'do_not_try_again' }, 'expired-card', 'hard'],
  ['advice to wait', { decline_code: 'generic_decline', advice_code: 'try_again_later' }, 'card-declined', 'soft'],
])('%s', (_, decline, code, declineClass) => {
  expect(declineOf(decline)).toEqual({ kind: 'declined', code, class: declineClass });
});
