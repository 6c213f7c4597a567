// The payment gateway: the port, its adapters, and the list of what a gateway has taken.

export {
  DECLINE_CODES,
  declineClassOf,
  GATEWAY_ERROR_CODES,
  GatewayError,
  isDeclineCode,
  NEVER_REACHED_GATEWAY,
  traceOf,
  wireKey,
  type DeclineCode,
  type GatewayErrorCode,
  type ListedPayment,
  type PaymentGateway,
  type PaymentList,
  type PaymentOutcome,
  type PaymentRequest,
  type PaymentTrace,
} from './gateway.js';
export { DEFAULT_GATEWAY_TIMEOUT_MS, httpGateway, type HttpGatewayOptions } from './http-gateway.js';
export { simulatorJournal } from './simulator-journal.js';
export { decimalOfStripe, stripeAmountOf } from './stripe/amounts.js';
export { stripeCustomersIn, type StripeCustomer, type StripeCustomers } from './stripe/customers.js';
export { STRIPE_API_URL, type StripeClientOptions } from './stripe/stripe-client.js';
export { stripeGateway, type StripeGatewayOptions } from './stripe/stripe-gateway.js';
export { stripePayments } from './stripe/stripe-list.js';
