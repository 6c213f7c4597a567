// Start of the payments program: what an operator sets in the environment, checked before anything begins.

import { DEFAULT_GATEWAY_TIMEOUT_MS, STRIPE_API_URL } from '@tollkeeper/payment-gateway';
import { Setting } from '@tollkeeper/program';
import { IsIn, IsInt, IsString, Matches, Max, Min, ValidateIf } from 'class-validator';
import { DEFAULT_CONSUMER_GROUP, DEFAULT_RECHARGE_COMMAND_TOPIC, DEFAULT_SWEEP_INTERVAL_MS } from './payments-runner.js';

const MAX_PORT = 65_535;
/** What Kafka takes for a topic, less the room for `.dlt`. */
const TOPIC_FORM = /^[A-Za-z0-9._-]{1,245}$/;

const BUS_FORM = /^(sqlite:.+|(kafka:(\/\/)?)?[^\s,]+:\d{1,5}(\s*,\s*[^\s,]+:\d{1,5})*)$/;
const EVENT_STORE_FORM = /^(sqlite:.+|(kurrentdb|kurrent|kdb|esdb)(\+discover)?:\/\/\S+)$/;
const READ_STORE_FORM = /^(sqlite:.+|postgres(ql)?:\/\/\S+)$/;

const GATEWAYS = ['http', 'stripe'] as const;

const isHttp = ({ paymentGateway }: PaymentsSettings): boolean => paymentGateway === 'http';
const isStripe = ({ paymentGateway }: PaymentsSettings): boolean => paymentGateway === 'stripe';
const takesWebhooks = (settings: PaymentsSettings): boolean => isStripe(settings) && settings.webhookPort !== 0;

export class PaymentsSettings {
  @Setting({ env: 'KAFKA_BROKERS', description: 'brokers to begin with, or sqlite:PATH', example: 'kafka-1:9092,kafka-2:9092' })
  @Matches(BUS_FORM, { message: 'must be HOST:PORT, several with commas, or sqlite:PATH' })
  readonly kafkaBrokers!: string;

  @Setting({ env: 'KURRENTDB_URL', description: 'the event store, or sqlite:PATH', example: 'kurrentdb://host:2113?tls=false' })
  @Matches(EVENT_STORE_FORM, { message: 'must begin with kurrentdb:// or esdb:// (also with +discover) or be sqlite:PATH' })
  readonly kurrentDbUrl!: string;

  @Setting({ env: 'DATABASE_URL', description: 'the read models', example: 'postgres://user:password@host:5432/tollkeeper' })
  @Matches(READ_STORE_FORM, { message: 'must begin with postgres:// or be sqlite:PATH' })
  readonly databaseUrl!: string;

  @Setting({
    env: 'PAYMENT_GATEWAY',
    description: 'stripe, or http for the gateway of PAYMENT_GATEWAY_URL, such as the simulator',
    default: 'http',
  })
  @IsIn(GATEWAYS, { message: 'must be http or stripe' })
  readonly paymentGateway!: (typeof GATEWAYS)[number];

  @Setting({ env: 'PAYMENT_GATEWAY_URL', description: 'the payment gateway', example: 'https://gateway.example' })
  @ValidateIf(isHttp)
  @Matches(/^https?:\/\/[^\s?#]+$/, { message: 'must begin with http:// or https:// and have no query' })
  readonly paymentGatewayUrl!: string;

  @Setting({ env: 'STRIPE_SECRET_KEY', description: "Stripe's secret or restricted key", example: 'sk_test_…', secret: true })
  @ValidateIf(isStripe)
  @Matches(/^(sk|rk)_(test|live)_[A-Za-z0-9_]{4,250}$/, { message: 'must begin with sk_test_, sk_live_, rk_test_ or rk_live_' })
  readonly stripeSecretKey!: string;

  @Setting({
    env: 'STRIPE_CUSTOMERS_FILE',
    description: 'JSON file, tenant → its customer at Stripe and, if it is not the default one, its payment method',
    example: '{"acme": {"customer": "cus_…", "paymentMethod": "pm_…"}}',
  })
  @ValidateIf(isStripe)
  @Matches(/./, { message: 'must be the path of a file' })
  readonly stripeCustomersFile!: string;

  @Setting({ env: 'STRIPE_API_URL', description: "Stripe's API, or a simulator of it", default: STRIPE_API_URL })
  @Matches(/^https?:\/\/[^\s/?#@]+$/, { message: 'must begin with http:// or https:// and have no path' })
  readonly stripeApiUrl!: string;

  @Setting({
    env: 'STRIPE_WEBHOOK_SECRET',
    description: "what Stripe signs this endpoint's webhooks with",
    example: 'whsec_…',
    secret: true,
  })
  @ValidateIf(takesWebhooks)
  @Matches(/^whsec_\S{4,250}$/, { message: 'must begin with whsec_ when WEBHOOK_PORT is set' })
  readonly stripeWebhookSecret!: string;

  @Setting({ env: 'WEBHOOK_HOST', description: 'address of /webhooks/stripe', default: '127.0.0.1' })
  @IsString()
  readonly webhookHost!: string;

  @Setting({ env: 'WEBHOOK_PORT', description: 'port of /webhooks/stripe; 0 serves none', default: '0' })
  @IsInt()
  @Min(0)
  @Max(MAX_PORT)
  readonly webhookPort!: number;

  @Setting({
    env: 'GATEWAY_TIMEOUT_MS',
    description: 'milliseconds the gateway has for an answer; then the same payment is asked for again',
    default: String(DEFAULT_GATEWAY_TIMEOUT_MS),
  })
  @IsInt()
  @Min(100)
  @Max(120_000)
  readonly gatewayTimeoutMs!: number;

  @Setting({
    env: 'SWEEP_INTERVAL_MS',
    description: 'milliseconds between two passes over open recharges',
    default: String(DEFAULT_SWEEP_INTERVAL_MS),
  })
  @IsInt()
  @Min(100)
  @Max(3_600_000)
  readonly sweepIntervalMs!: number;

  @Setting({
    env: 'RECHARGE_COMMAND_TOPIC',
    description: 'topic of the recharge commands; those that cannot be executed go to the topic of the same name with .dlt',
    default: DEFAULT_RECHARGE_COMMAND_TOPIC,
  })
  @Matches(TOPIC_FORM)
  readonly rechargeCommandTopic!: string;

  @Setting({ env: 'CONSUMER_GROUP', description: 'group that shares the commands', default: DEFAULT_CONSUMER_GROUP })
  @Matches(/^\S{1,255}$/, { message: 'must be 1 to 255 characters without blanks' })
  readonly consumerGroup!: string;

  @Setting({ env: 'HEALTH_HOST', description: 'address of /livez, /readyz and /metrics', default: '127.0.0.1' })
  @IsString()
  readonly healthHost!: string;

  @Setting({ env: 'HEALTH_PORT', description: 'port of /livez, /readyz and /metrics; 0 serves none', default: '0' })
  @IsInt()
  @Min(0)
  @Max(MAX_PORT)
  readonly healthPort!: number;

  @Setting({ env: 'LOG_LEVEL', description: 'fatal, error, warn, info, debug, trace or silent', default: 'info' })
  @Matches(/^(fatal|error|warn|info|debug|trace|silent)$/, { message: 'must be one of them' })
  readonly logLevel!: string;
}
