// For tests of the payment step: a world of in-memory engines and a gateway simulator over real HTTP, with a clock to turn;
// what the gateway is asked goes over the simulator's own API, or through Stripe's SDK.

import { inMemoryEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { inMemoryMessageBus, type Message, type MessageBus } from '@tollkeeper/message-bus';
import { httpGateway, type PaymentGateway, type StripeCustomers, stripeGateway } from '@tollkeeper/payment-gateway';
import { waitFor } from '@tollkeeper/testing';
import { PaymentProcess, type PaymentWatch, type Progress } from './payment-process.js';
import { startPaymentWorker, type CommandWatch } from './payment-worker.js';
import { Recharges, type RechargeKey } from './recharges.js';
import type { Behaviour } from './simulator/behaviours.js';
import { startSimulator, type Simulator, type SimulatorOptions } from './simulator/simulator.js';
import { Sweep } from './sweep.js';

export const NOON_MS = Date.parse('2026-03-03T12:00:00.000Z');
export const HOUR_MS = 3_600_000;
export const TOPIC = 'credit.recharge-command.v1';
export const DEAD_LETTERS = `${TOPIC}.dlt`;
const GROUP = 'payments';
/** Long enough for a machine that runs other tests beside; short only where an answer never comes. */
const PATIENT_MS = 20_000;
export const IMPATIENT_MS = 800;
export const STRIPE_KEY = 'sk_test_tollkeeper0123456789';
/** Every tenant has a customer, but for `stranger`; the customer of `cashier` has no card. */
export const CUSTOMERS: StripeCustomers = async (tenant) => {
  if (tenant === 'stranger') return undefined;
  return { customer: tenant === 'cashier' ? 'cus_nocard' : `cus_${tenant}` };
};
export const GATEWAYS: Readonly<Record<'http' | 'stripe', (url: string, timeoutMs?: number) => PaymentGateway>> = {
  http: (url, timeoutMs = PATIENT_MS) => httpGateway({ url, timeoutMs }),
  stripe: (url, timeoutMs = PATIENT_MS) => stripeGateway({ apiUrl: url, secretKey: STRIPE_KEY, timeoutMs, customers: CUSTOMERS }),
};
export const ACME: RechargeKey = { tenant: 'acme', rechargeId: 'acme:1' };

/** One payments program: what it does is noted in the world it works in. */
export type Program = { readonly process: PaymentProcess; readonly sweep: Sweep; stop(): Promise<void> };

export class World {
  nowMs = NOON_MS;
  open: readonly RechargeKey[] = [ACME];
  readonly answers: string[] = [];
  readonly progress: Progress[] = [];
  readonly swept: Progress[] = [];
  readonly errors: unknown[] = [];
  readonly secondPayments: string[] = [];
  readonly #writer: StreamWriter<any, LedgerCommand, any, any>;
  readonly #programs: Program[] = [];

  private constructor(
    readonly store: EventStore,
    readonly bus: MessageBus,
    readonly simulator: Simulator,
    readonly gateway: PaymentGateway,
  ) {
    this.#writer = new StreamWriter<any, LedgerCommand, any, any>({ store, decider: ledgerDecider, maxCachedStreams: 1 });
  }

  /** With tenant acme's account open and a recharge of 50 EUR requested. */
  static async begin(
    behaviours: readonly Behaviour[] = ['success'],
    { by = 'http', ...options }: { readonly by?: keyof typeof GATEWAYS } & Partial<SimulatorOptions> = {},
  ): Promise<World> {
    const simulator = await startSimulator({ port: 0, behaviours, stripeKey: STRIPE_KEY, ...options });
    const timeoutMs = behaviours.includes('timeout-after-charging') ? IMPATIENT_MS : PATIENT_MS;
    const world = new World(inMemoryEventStore(), inMemoryMessageBus(), simulator, GATEWAYS[by](simulator.url, timeoutMs));
    const topics = [TOPIC, DEAD_LETTERS].map((name) => ({ name, partitions: 1 }));
    await world.bus.ensureTopics(topics);
    await world.request(ACME);
    return world;
  }

  /** By hand: a soft decline fails such a recharge. */
  async request({ tenant, rechargeId }: RechargeKey): Promise<void> {
    const { nowMs } = this;
    await this.ledger(tenant, { kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 });
    await this.ledger(tenant, { kind: 'request-recharge', nowMs, rechargeId, amountMicros: 50_000_000n });
  }

  /** By the account itself, of 50 EUR as well: a soft decline is tried again. Gives the recharge's key, which the sweep lists. */
  async requestAuto(tenant: string): Promise<RechargeKey> {
    const { nowMs } = this;
    await this.ledger(tenant, { kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 });
    const policy = { triggerMicros: 10_000_000n, amountMicros: 50_000_000n };
    await this.ledger(tenant, { kind: 'set-auto-recharge', nowMs, policy });
    const requested = (await this.events(tenant)).find(({ type }) => type === 'RechargeRequested.v1');
    const key = { tenant, rechargeId: String(requested?.data['rechargeId']) };
    this.open = [key];
    return key;
  }

  async ledger(tenant: string, command: LedgerCommand): Promise<void> {
    const [result] = await this.#writer
      .query(streamOf(tenant), () => this.#writer)
      .then((w) => w.execute(streamOf(tenant), [command]));
    if (result?.kind === 'refused') throw new Error(JSON.stringify(result.refusal));
  }

  program(): Program {
    const { store, gateway } = this;
    const nowMs = (): number => this.nowMs;
    const recharges = new Recharges(store, nowMs, () => undefined);
    const stopping = new AbortController();
    const process = new PaymentProcess({ recharges, gateway, watch: this.#paymentWatch(), nowMs, signal: stopping.signal });
    const sweep = new Sweep({
      process,
      openRecharges: async () => this.open,
      watch: {
        onSwept: (_, progress) => void this.swept.push(progress),
        onFailed: (_, error) => void this.errors.push(error),
        onListed: () => undefined,
        onNotListed: (error) => void this.errors.push(error),
      },
      intervalMs: HOUR_MS,
    });
    const program = { process, sweep, stop: () => recharges.close(), recharges };
    this.#programs.push(program);
    return program;
  }

  /** Publishes, has a worker consume all of it, and stops the worker. */
  async deliver(...messages: readonly ReturnType<typeof commandMessage>[]): Promise<void> {
    await this.bus.publish(TOPIC, messages);
    const recharges = new Recharges(
      this.store,
      () => this.nowMs,
      () => undefined,
    );
    const { process } = this.program();
    const parts = { bus: this.bus, process, recharges, watch: this.#commandWatch() };
    const consumer = await startPaymentWorker({ ...parts, topic: TOPIC, deadLetterTopic: DEAD_LETTERS, group: GROUP });
    const consumed = async (): Promise<boolean> => (await this.bus.lag(GROUP, [TOPIC])) === 0n;
    await waitFor(consumed, { timeoutMs: 10_000, what: 'every command to be consumed' });
    await consumer.stop();
    await recharges.close();
  }

  async events(tenant = 'acme'): Promise<readonly { type: string; data: Readonly<Record<string, unknown>> }[]> {
    const events: { type: string; data: Readonly<Record<string, unknown>> }[] = [];
    for await (const page of this.store.readStream(streamOf(tenant), { fromRevision: 2 })) events.push(...page);
    return events;
  }

  /** What stands on acme's stream after the opening and the request. */
  async types(tenant = 'acme'): Promise<readonly string[]> {
    return (await this.events(tenant)).map(({ type }) => type);
  }

  async deadLetters(): Promise<readonly Message[]> {
    const found: Message[] = [];
    const handle = async ({ messages }: { messages: readonly Message[] }): Promise<void> => void found.push(...messages);
    const consumer = await this.bus.consume({ group: 'reader', topics: [DEAD_LETTERS], maxMessages: 100, handle });
    const read = async (): Promise<boolean> => (await this.bus.lag('reader', [DEAD_LETTERS])) === 0n;
    await waitFor(read, { timeoutMs: 5_000, what: 'the dead letters to be read' });
    await consumer.stop();
    return found;
  }

  async end(): Promise<void> {
    for (const program of this.#programs) await program.stop();
    await this.simulator.close();
    await this.bus.close();
    await this.store.close();
  }

  #paymentWatch(): PaymentWatch {
    return {
      onAttempt: () => undefined,
      onOutcome: () => undefined,
      onAnswer: (operation, result) => void this.answers.push(`${operation}: ${result}`),
      onUnknownOutcome: () => undefined,
      onSecondPayment: (_, reference) => void this.secondPayments.push(reference),
    };
  }

  #commandWatch(): CommandWatch {
    return {
      onCommand: (_, progress) => void this.progress.push(progress),
      onDeadLetter: () => undefined,
      onError: (error) => void this.errors.push(error),
    };
  }
}

/** The message as the publisher writes it, with changes to its data and headers. */
export function commandMessage(
  { tenant, rechargeId }: RechargeKey = ACME,
  data: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): { key: string; value: string; headers: Record<string, string> } {
  const stated = { amount: '50', cause: 'manual', currency: 'EUR', rechargeId, revision: 1, tenant };
  return {
    key: tenant,
    value: JSON.stringify({ ...stated, ...data }),
    headers: {
      ce_id: `${tenant}:1`,
      ce_source: '/tollkeeper/ledger',
      ce_specversion: '1.0',
      ce_subject: tenant,
      ce_time: '2026-03-03T12:00:00.000Z',
      ce_type: 'tollkeeper.recharge.requested.v1',
      'content-type': 'application/json',
      ...headers,
    },
  };
}
