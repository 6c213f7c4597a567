// The settings every kafkajs client of ours shares, and its errors turned into the port's: addresses come in, a client goes out.
import kafkajs, { type Kafka as KafkaClient, type KafkaConfig } from 'kafkajs';
import { createRequire } from 'node:module';
import { BusError, type BusErrorCode } from './message-bus.js';

const { Kafka, logLevel } = kafkajs;

const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 15_000;
/**
 * kafkajs nests its retries (connecting inside of sending), so that each level has only few. `factor` is the jitter. The
 * values are spelled out because kafkajs takes others when NODE_ENV is `test`.
 */
const RETRY = { retries: 4, initialRetryTime: 100, multiplier: 2, factor: 0.3, maxRetryTime: 2_000 } as const;

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export type KafkaSettings = {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Gets what kafkajs logs; without it kafkajs is silent, since what matters comes as errors. */
  log?(level: LogLevel, message: string): void;
};

/**
 * A consumer needs a client of its own: kafkajs keeps committed offsets per client and group, and two members of one group
 * would spoil each other's.
 */
export function kafkaClient({ brokers, clientId, log }: KafkaSettings): KafkaClient {
  quietTimers();
  const config: KafkaConfig = {
    brokers: [...brokers],
    clientId,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: RETRY,
    logLevel: log ? logLevel.INFO : logLevel.NOTHING,
  };
  if (!log) return new Kafka(config);
  const logCreator = () => {
    return (entry: { level: number; namespace: string; log: { message: string; error?: unknown } }) => {
      const level = LEVELS[entry.level] ?? 'debug';
      const error = entry.log.error === undefined ? '' : `: ${String(entry.log.error)}`;
      log(level, `${entry.namespace} ${entry.log.message}${error}`);
    };
  };
  return new Kafka({ ...config, logCreator });
}

const LEVELS: Readonly<Record<number, LogLevel>> = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'info',
  [logLevel.DEBUG]: 'debug',
};

type RequestQueue = { pending: unknown[]; throttledUntil: number; scheduleCheckPendingRequests(): void };
let timersAreQuiet = false;

/**
 * kafkajs 2.2.4 starts a timer of about minus now after every answer (`scheduleCheckPendingRequests` in
 * src/network/requestQueue/index.js), on which Node prints TimeoutNegativeWarning. Nothing waits and nothing is throttled
 * then, so the timer is left out.
 */
function quietTimers(): void {
  if (timersAreQuiet) return;
  timersAreQuiet = true;
  const load = createRequire(import.meta.url);
  const { prototype } = load('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleWhenNeeded(this: RequestQueue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}

const CODE_OF_TYPE: Readonly<Record<string, BusErrorCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'unknown-topic',
  INVALID_TOPIC_EXCEPTION: 'unknown-topic',
  MESSAGE_TOO_LARGE: 'too-large',
  REBALANCE_IN_PROGRESS: 'revoked',
  ILLEGAL_GENERATION: 'revoked',
  UNKNOWN_MEMBER_ID: 'revoked',
  NOT_COORDINATOR_FOR_GROUP: 'revoked',
};

/** `doing` reads like "Publishing to topic x". Whatever is not known to be something else may pass by itself. */
export function toBusError(error: unknown, doing: string): BusError {
  if (error instanceof BusError) return error;
  const code = CODE_OF_TYPE[protocolError(error) ?? ''] ?? 'unavailable';
  const { message = String(error), errors = [] } = error as { readonly message?: string; readonly errors?: readonly Error[] };
  const reasons = [message, ...errors.map((inner) => inner.message)].join(': ');
  return new BusError(code, `${doing} failed: ${reasons}.`, { cause: error });
}

/** The broker's own word for what was wrong, which kafkajs wraps up to several times. */
function protocolError(error: unknown): string | undefined {
  type Wrapped = { readonly type?: unknown; readonly cause?: unknown };
  for (let inner = error; typeof inner === 'object' && inner !== null; inner = (inner as Wrapped).cause) {
    const { type } = inner as Wrapped;
    if (typeof type === 'string') return type;
  }
  return undefined;
}

/** kafkajs may retry for longer than a caller can wait; what it does after that no longer matters to the caller. */
export async function within<T>(deadlineMs: number, doing: string, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const text = `${doing} took longer than ${deadlineMs} ms; check that the brokers can be reached.`;
  const timer = setTimeout(() => reject(new BusError('unavailable', text)), deadlineMs);
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw toBusError(error, doing);
  } finally {
    clearTimeout(timer);
  }
}
