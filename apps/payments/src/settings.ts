// Start of the payments program: what an operator sets in the environment, checked before anything begins.

import { Setting } from '@tollkeeper/program';
import { IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { DEFAULT_GATEWAY_TIMEOUT_MS } from './http-gateway.js';
import { DEFAULT_CONSUMER_GROUP, DEFAULT_RECHARGE_COMMAND_TOPIC, DEFAULT_SWEEP_INTERVAL_MS } from './payments-runner.js';

const MAX_PORT = 65_535;
/** What Kafka takes for a topic, less the room for `.dlt`. */
const TOPIC_FORM = /^[A-Za-z0-9._-]{1,245}$/;

const BUS_FORM = /^(sqlite:.+|(kafka:(\/\/)?)?[^\s,]+:\d{1,5}(\s*,\s*[^\s,]+:\d{1,5})*)$/;
const EVENT_STORE_FORM = /^(sqlite:.+|(kurrentdb|kurrent|kdb|esdb)(\+discover)?:\/\/\S+)$/;
const READ_STORE_FORM = /^(sqlite:.+|postgres(ql)?:\/\/\S+)$/;

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

  @Setting({ env: 'PAYMENT_GATEWAY_URL', description: 'the payment gateway', example: 'https://gateway.example' })
  @Matches(/^https?:\/\/[^\s?#]+$/, { message: 'must begin with http:// or https:// and have no query' })
  readonly paymentGatewayUrl!: string;

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
