// Runs the payment step: the consumer of recharge commands, the sweep and the probes of its engines start and stop here.

import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { EventStore } from '@tollkeeper/event-store';
import type { Consumer, MessageBus } from '@tollkeeper/message-bus';
import type { PaymentGateway } from '@tollkeeper/payment-gateway';
import type { Logger, Readiness } from '@tollkeeper/program';
import type { Registry } from 'prom-client';
import { paymentMetrics, type PaymentMetrics } from './metrics.js';
import { PaymentProcess, type PaymentWatch, type Progress } from './payment-process.js';
import { startPaymentWorker, type CommandWatch } from './payment-worker.js';
import { Recharges, type RechargeKey } from './recharges.js';
import type { ReadNews } from './stripe/webhook-event.js';
import { Sweep, type OpenRecharges, type SweepWatch } from './sweep.js';
import { serveWebhooks, type WebhookServer, type WebhookWatch } from './webhook-server.js';

export const DEFAULT_RECHARGE_COMMAND_TOPIC = 'credit.recharge-command.v1';
export const DEFAULT_CONSUMER_GROUP = 'payments';
export const DEFAULT_SWEEP_INTERVAL_MS = 30_000;
const PROBE_EVERY_MS = 5_000;
/** Payments in hand may take this long when the program stops; then they are left to the next start. */
const STOP_GRACE_MS = 3_000;
/** The checks this program sets; the sweep's list is ready when it could last be read. */
export const READINESS_CHECKS = ['payments:message-bus', 'payments:event-store', 'payments:open-recharges'] as const;

export type PaymentsOptions = {
  readonly topic: string;
  readonly group: string;
  readonly sweepIntervalMs: number;
};

export type PaymentsParts = {
  readonly eventStore: EventStore;
  readonly bus: MessageBus;
  readonly gateway: PaymentGateway;
  readonly openRecharges: OpenRecharges;
  /** Where the gateway sends its news; without it only the sweep finds what happens there later. */
  readonly webhooks?: { readonly port: number; readonly host: string; readonly read: ReadNews };
  readonly options: PaymentsOptions;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly readiness: Readiness;
  /** Told when the consumer can never go on by itself; the program ends then and is started again. */
  readonly onFatal: (error: unknown) => void;
  readonly nowMs?: () => number;
};

/** Where commands that cannot be executed are put aside. */
export function deadLetterTopicOf(topic: string): string {
  return `${topic}.dlt`;
}

export class PaymentsRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #parts: PaymentsParts;
  readonly #stopping = new AbortController();
  readonly #metrics: PaymentMetrics;
  readonly #recharges: Recharges;
  readonly #process: PaymentProcess;
  readonly #sweep: Sweep;
  #consumer: Consumer | undefined;
  #webhooks: WebhookServer | undefined;
  #probing: NodeJS.Timeout | undefined;

  constructor(parts: PaymentsParts) {
    this.#parts = parts;
    const { eventStore, gateway, openRecharges, options, registry, nowMs = Date.now } = parts;
    this.#metrics = paymentMetrics(registry);
    this.#recharges = new Recharges(eventStore, nowMs, () => this.#metrics.onConflict());
    const { signal } = this.#stopping;
    this.#process = new PaymentProcess({ recharges: this.#recharges, gateway, watch: this.#paymentWatch(), nowMs, signal });
    this.#sweep = new Sweep({
      process: this.#process,
      openRecharges,
      watch: this.#sweepWatch(),
      intervalMs: options.sweepIntervalMs,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { bus, options, onFatal, webhooks } = this.#parts;
    const { topic, group } = options;
    const deadLetterTopic = deadLetterTopicOf(topic);
    await assertTopics(bus, [topic, deadLetterTopic]);
    const watch = this.#commandWatch();
    const recharges = this.#recharges;
    this.#consumer = await startPaymentWorker({ bus, process: this.#process, recharges, watch, topic, deadLetterTopic, group });
    this.#consumer.failed.catch(onFatal);
    const settle = (key: RechargeKey): Promise<Progress> => this.#process.settleLate(key);
    if (webhooks) this.#webhooks = await serveWebhooks({ ...webhooks, settle, watch: this.#webhookWatch() });
    this.#sweep.start();
    this.#probing = setInterval(() => void this.#probe(), PROBE_EVERY_MS);
    await this.#probe();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#probing);
    const grace = setTimeout(() => this.#stopping.abort(new Error('The payments program is stopping')), STOP_GRACE_MS);
    await Promise.all([this.#consumer?.stop(), this.#sweep.stop(), this.#webhooks?.close()]);
    clearTimeout(grace);
    await this.#recharges.close();
  }

  async #probe(): Promise<void> {
    const { bus, eventStore } = this.#parts;
    const probe = async (check: Check, ping: () => Promise<void>): Promise<void> => {
      await ping().then(
        () => this.#ready(check, true),
        (error: unknown) => this.#ready(check, false, error),
      );
    };
    await Promise.all([probe('payments:message-bus', () => bus.ping()), probe('payments:event-store', () => eventStore.ping())]);
  }

  #ready(check: Check, ok: boolean, error?: unknown): void {
    const { readiness, logger } = this.#parts;
    const changed = readiness.set(check, ok, error === undefined ? '' : String(error));
    if (changed && ok) logger.info(`${check} is ready`);
    if (changed && !ok) logger.warn({ error }, `${check} is not ready`);
  }

  #paymentWatch(): PaymentWatch {
    const { logger } = this.#parts;
    const metrics = this.#metrics;
    return {
      ...metrics,
      onOutcome(attempt, outcome) {
        metrics.onOutcome(attempt, outcome);
        logger.info({ ...attempt, outcome }, `Recharge ${attempt.rechargeId}: ${outcome.kind}`);
      },
      onUnknownOutcome(attempt, error) {
        metrics.onUnknownOutcome();
        logger.warn({ ...attempt, error }, `Recharge ${attempt.rechargeId}: the outcome is unknown and is asked for again`);
      },
      onSecondPayment(attempt, paymentReference, reason) {
        metrics.onSecondPayment(attempt, paymentReference, reason);
        logger.error({ ...attempt, paymentReference }, `Recharge ${attempt.rechargeId} was paid twice: ${reason}`);
      },
    };
  }

  #commandWatch(): CommandWatch {
    const { logger } = this.#parts;
    return {
      onCommand: (command, progress) => logger.debug({ ...keyOf(command), progress }, 'Recharge command done'),
      onDeadLetter: ({ topic, partition, offset }, { code, reason }) => {
        this.#metrics.onDeadLetter(code);
        logger.warn({ topic, partition, offset: String(offset), code }, `Recharge command put aside: ${reason}`);
      },
      onError: (error) => logger.warn({ error }, 'Consuming recharge commands failed; it goes on after a pause'),
    };
  }

  #webhookWatch(): WebhookWatch {
    const { logger } = this.#parts;
    return {
      onWebhook: (result, detail) => {
        this.#metrics.onWebhook(result);
        if (result === 'settled' || result === 'ignored') logger.debug(detail, `Webhook ${result}`);
        else logger.warn(detail, `Webhook ${result}; the gateway sends it again if it is the gateway's`);
      },
      onFailed: (key, error) => logger.error({ ...key, error }, `Recharge ${key.rechargeId}: settling it at a webhook failed`),
    };
  }

  #sweepWatch(): SweepWatch {
    const { logger } = this.#parts;
    return {
      onListed: () => this.#ready('payments:open-recharges', true),
      onNotListed: (error) => this.#ready('payments:open-recharges', false, error),
      onSwept: (key, progress) => logger.debug({ ...key, progress }, 'Open recharge swept'),
      onFailed: (key, error) => {
        if (!this.#stopping.signal.aborted) logger.error({ ...key, error }, `Recharge ${key.rechargeId}: the sweep failed`);
      },
    };
  }
}

type Check = (typeof READINESS_CHECKS)[number];

function keyOf({ tenant, rechargeId }: { readonly tenant: string; readonly rechargeId: string }): object {
  return { tenant, rechargeId };
}

async function assertTopics(bus: MessageBus, names: readonly string[]): Promise<void> {
  const described = await Promise.all(names.map((name) => bus.describeTopic(name)));
  const missing = names.filter((_, index) => described[index] === undefined);
  if (missing.length > 0) throw new Error(`Topics are missing on the bus: ${missing.join(', ')}. Make them, then start again.`);
}
