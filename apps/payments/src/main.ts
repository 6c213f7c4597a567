// The payments program: environment → engines, gateway and the payment step, until a signal ends it.

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openEventStore } from '@tollkeeper/event-store';
import { openMessageBus } from '@tollkeeper/message-bus';
import { httpGateway, type PaymentGateway, stripeCustomersIn, stripeGateway } from '@tollkeeper/payment-gateway';
import { createLogger, createMetrics, Readiness, retry, runUntilSignal, serveHealth, settingsOrExit } from '@tollkeeper/program';
import type { Logger, Running } from '@tollkeeper/program';
import { openReadStore } from '@tollkeeper/read-store';
import { openRechargesIn, type RechargeTables } from './open-recharges.js';
import { READINESS_CHECKS, type PaymentsParts } from './payments-runner.js';
import { PaymentsModule } from './payments.module.js';
import { PaymentsSettings } from './settings.js';
import { stripeNews } from './stripe/webhook-event.js';

const PROGRAM = 'payments';
/** While an engine is out of reach at the start; readiness is off and says so. */
const START_RETRY = { minMs: 500, maxMs: 10_000, jitter: 0.5 };

const settings = settingsOrExit(PaymentsSettings, {
  program: PROGRAM,
  description: 'takes payments at the gateway for the recharges that tenants are due, and writes down the outcomes',
});
const logger = createLogger(PROGRAM, { level: settings.logLevel });
await runUntilSignal((signal) => start(settings, logger, signal), logger);

async function gatewayOf(given: PaymentsSettings): Promise<PaymentGateway> {
  const { gatewayTimeoutMs: timeoutMs, paymentGateway, paymentGatewayUrl: url } = given;
  if (paymentGateway === 'http') return httpGateway({ url, timeoutMs });
  const customers = await stripeCustomersIn(given.stripeCustomersFile);
  return stripeGateway({ secretKey: given.stripeSecretKey, apiUrl: given.stripeApiUrl, timeoutMs, customers });
}

function webhooksOf(given: PaymentsSettings): Pick<PaymentsParts, 'webhooks'> {
  const { paymentGateway, stripeWebhookSecret, webhookHost: host, webhookPort: port } = given;
  if (paymentGateway !== 'stripe' || port === 0) return {};
  return { webhooks: { port, host, read: stripeNews(stripeWebhookSecret) } };
}

async function start(given: PaymentsSettings, log: Logger, signal: AbortSignal): Promise<Running> {
  const gateway = await gatewayOf(given);
  const registry = createMetrics(PROGRAM);
  const readiness = new Readiness(READINESS_CHECKS);
  const { healthHost: host, healthPort: port } = given;
  const health = port === 0 ? undefined : await serveHealth({ port, host, checks: readiness, registry });
  const eventStore = openEventStore(given.kurrentDbUrl);
  const bus = openMessageBus(given.kafkaBrokers, { clientId: PROGRAM });
  const onRetry = (error: unknown): void => log.warn({ error }, 'An engine cannot be reached yet; trying again');
  await retry(() => bus.ping(), { ...START_RETRY, signal, onRetry });
  const readStore = await retry(() => openReadStore<RechargeTables>(given.databaseUrl, { readOnly: true }), {
    ...START_RETRY,
    signal,
    onRetry,
  });
  const fatal = Promise.withResolvers<void>();
  const module = PaymentsModule.register({
    eventStore,
    bus,
    gateway,
    ...webhooksOf(given),
    openRecharges: openRechargesIn(readStore, Date.now),
    options: { topic: given.rechargeCommandTopic, group: given.consumerGroup, sweepIntervalMs: given.sweepIntervalMs },
    logger: log,
    registry,
    readiness,
    onFatal: fatal.reject,
  });
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  log.info('Payments are taken');
  return {
    finished: fatal.promise,
    async stop() {
      await app.close();
      await Promise.all([bus.close(), eventStore.close(), readStore.close(), health?.close()]);
    },
  };
}
