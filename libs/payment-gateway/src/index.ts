// The payment gateway: the port, its adapters, and the list of what a gateway has taken.

export {
  DECLINE_CODES,
  GatewayError,
  isDeclineCode,
  NEVER_REACHED_GATEWAY,
  traceOf,
  type DeclineCode,
  type GatewayErrorCode,
  type ListedPayment,
  type PaymentGateway,
  type PaymentList,
  type PaymentOutcome,
  type PaymentRequest,
} from './gateway.js';
export { DEFAULT_GATEWAY_TIMEOUT_MS, httpGateway } from './http-gateway.js';
export { simulatorJournal } from './simulator-journal.js';
export { decimalOfStripe, stripeAmountOf } from './stripe/amounts.js';
export { stripeCustomersIn, type StripeCustomer, type StripeCustomers } from './stripe/customers.js';
export { STRIPE_API_URL } from './stripe/stripe-client.js';
export { stripeGateway } from './stripe/stripe-gateway.js';
export { stripePayments } from './stripe/stripe-list.js';
