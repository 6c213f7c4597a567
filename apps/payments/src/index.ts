// The payment step: what standalone composes, and the gateway simulator it may start beside itself.

export { PaymentsModule } from './payments.module.js';
export {
  DEFAULT_CONSUMER_GROUP,
  DEFAULT_RECHARGE_COMMAND_TOPIC,
  DEFAULT_SWEEP_INTERVAL_MS,
  deadLetterTopicOf,
  READINESS_CHECKS,
  type PaymentsOptions,
  type PaymentsParts,
} from './payments-runner.js';
export { PaymentProcess, type PaymentWatch } from './payment-process.js';
export { startPaymentWorker } from './payment-worker.js';
export { Recharges } from './recharges.js';
export { openRechargesIn, type RechargeTables } from './open-recharges.js';
export { type OpenRecharges } from './sweep.js';
export { httpGateway, type HttpGatewayOptions } from './http-gateway.js';
export { stripeGateway, type StripeGatewayOptions } from './stripe/stripe-gateway.js';
export { stripeCustomersIn, type StripeCustomer, type StripeCustomers } from './stripe/customers.js';
export {
  DECLINE_CODES,
  GATEWAY_ERROR_CODES,
  GatewayError,
  type DeclineCode,
  type GatewayErrorCode,
  type PaymentGateway,
  type PaymentOutcome,
  type PaymentRequest,
  type PaymentTrace,
} from './gateway.js';
export { startSimulator, type Simulator, type SimulatorOptions } from './simulator/simulator.js';
export { BEHAVIOURS, type Behaviour } from './simulator/behaviours.js';
export { type SimulatedPayment } from './simulator/payments.js';
