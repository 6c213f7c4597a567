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
export { startSimulator, type Simulator, type SimulatorOptions } from './simulator/simulator.js';
export { BEHAVIOURS, type Behaviour } from './simulator/behaviours.js';
export { type SimulatedPayment } from './simulator/payments.js';
