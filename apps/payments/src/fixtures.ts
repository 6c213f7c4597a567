// For tests of the payment step: a world of in-memory engines and a gateway simulator over real HTTP, with a clock to turn.

import { inMemoryEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { inMemoryMessageBus, type Message, type MessageBus } from '@tollkeeper/message-bus';
import { waitFor } from '@tollkeeper/testing';
import { httpGateway } from './http-gateway.js';
import { PaymentProcess, type PaymentWatch, type Progress } from './payment-process.js';
import { startPaymentWorker, type CommandWatch } from './payment-worker.js';
import { Recharges, type RechargeKey } from './recharges.js';
import type { Behaviour } from './simulator/behaviours.js';
import { startSimulator, type Simulator } from './simulator/simulator.js';
import { Sweep } from './sweep.js';

export const NOON_MS = Date.parse('2026-03-03T12:00:00.000Z');
export const HOUR_MS = 3_600_000;
export const TOPIC = 'credit.recharge-command.v1';
export const DEAD_LETTERS = `${TOPIC}.dlt`;
const GROUP = 'payments';
const GATEWAY_TIMEOUT_MS = 400;
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
  ) {
    this.#writer = new StreamWriter<any, LedgerCommand, any, any>({ store, decider: ledgerDecider, maxCachedStreams: 1 });
  }

  /** With tenant acme's account open and a recharge of 50 EUR requested. */
  static async begin(behaviours: readonly Behaviour[] = ['success']): Promise<World> {
    const world = new World(inMemoryEventStore(), inMemoryMessageBus(), await startSimulator({ port: 0, behaviours }));
    const topics = [TOPIC, DEAD_LETTERS].map((name) => ({ name, partitions: 1 }));
    await world.bus.ensureTopics(topics);
    await world.request(ACME);
    return world;
  }

  async request({ tenant, rechargeId }: RechargeKey): Promise<void> {
    const { nowMs } = this;
    await this.ledger(tenant, { kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 });
    await this.ledger(tenant, { kind: 'request-recharge', nowMs, rechargeId, amountMicros: 50_000_000n });
  }

  async ledger(tenant: string, command: LedgerCommand): Promise<void> {
    const [result] = await this.#writer
      .query(streamOf(tenant), () => this.#writer)
      .then((w) => w.execute(streamOf(tenant), [command]));
    if (result?.kind === 'refused') throw new Error(JSON.stringify(result.refusal));
  }

  program(): Program {
    const { store, simulator } = this;
    const nowMs = (): number => this.nowMs;
    const recharges = new Recharges(store, nowMs, () => undefined);
    const gateway = httpGateway({ url: simulator.url, timeoutMs: GATEWAY_TIMEOUT_MS });
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
  async types(): Promise<readonly string[]> {
    return (await this.events()).map(({ type }) => type);
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
