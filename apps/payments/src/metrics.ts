// What the payments program counts, for `/metrics`.

import { Counter, Histogram, type Registry } from 'prom-client';
import { isDeclineCode, NEVER_REACHED_GATEWAY } from '@tollkeeper/payment-gateway';
import type { PaymentWatch } from './payment-process.js';
import type { WebhookResult } from './webhook-server.js';

export type PaymentMetrics = Omit<PaymentWatch, 'onUnknownOutcome'> & {
  onUnknownOutcome(): void;
  onConflict(): void;
  onDeadLetter(code: string): void;
  onWebhook(result: WebhookResult): void;
};

export function paymentMetrics(registry: Registry): PaymentMetrics {
  const counter = (name: string, help: string, labelNames: readonly string[] = []): Counter =>
    new Counter({ name: `tollkeeper_${name}_total`, help, labelNames, registers: [registry] });
  const attempts = counter('payment_attempts', 'Attempts written to a stream');
  const outcomes = counter('payment_outcomes', 'Outcomes written to a stream; paid has no code', ['kind', 'code']);
  const unknown = counter('payment_outcomes_unknown', 'Times a recharge was left to the sweep without an answer');
  const second = counter('payment_second_payments', 'Payments taken for a recharge that was paid already; refund each of them');
  const conflicts = counter('payment_append_conflicts', 'Times a command was decided again because another writer came first');
  const deadLetters = counter('payment_dead_letters', 'Recharge commands put aside, by code', ['code']);
  const webhooks = counter('payment_webhooks', 'Webhooks of the gateway, by what came of them', ['result']);
  const latency = new Histogram({
    name: 'tollkeeper_payment_gateway_seconds',
    help: 'Time the gateway took to answer, or to fail to, by operation and result',
    labelNames: ['operation', 'result'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return {
    onAttempt: () => attempts.inc(),
    onOutcome: (_, outcome) => outcomes.inc({ kind: outcome.kind, code: outcome.kind === 'paid' ? '' : codeLabel(outcome.code) }),
    onAnswer: (operation, result, durationMs) => latency.observe({ operation, result }, durationMs / 1000),
    onUnknownOutcome: () => unknown.inc(),
    onSecondPayment: () => second.inc(),
    onConflict: () => conflicts.inc(),
    onDeadLetter: (code) => deadLetters.inc({ code }),
    onWebhook: (result) => webhooks.inc({ result }),
  };
}

/** A gateway may invent codes without end; a label may not have as many values. */
function codeLabel(code: string): string {
  return isDeclineCode(code) || code === NEVER_REACHED_GATEWAY ? code : 'other';
}
