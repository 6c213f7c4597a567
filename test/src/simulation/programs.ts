// Simulation's programs: the product's own workers, each put together anew whenever its process begins.

import { openRechargesIn, PaymentProcess, Recharges, startPaymentWorker, type PaymentWatch } from '@tollkeeper/app-payments';
import { AlertPublisher, EventPublisher, listDeadLetters } from '@tollkeeper/app-projections';
import { PROJECTIONS, Projector, type Tables } from '@tollkeeper/read-models';
import { RatingWorker } from '@tollkeeper/app-rating';
import { StreamWriter, type EventStore, type Follower } from '@tollkeeper/event-store';
import {
  ledgerDecider,
  STREAM_PREFIX,
  streamOf,
  type Account,
  type LedgerCommand,
  type LedgerEvent,
  type LedgerRejection,
} from '@tollkeeper/ledger';
import { balanceMessage, rechargeCommand } from '@tollkeeper/projections';
import type { Deck, Intake } from '@tollkeeper/rating';
import type { ReadStore } from '@tollkeeper/read-store';
import type { KeyRing } from '@tollkeeper/sealing';
import { busOf, readStoreOf, storeOf, type SimulatedLog } from './engines.js';
import type { SimulatedGateway } from './gateway.js';
import type { SimulatedProcess } from './scheduler.js';

export const TOPICS = {
  cdrs: 'cdr',
  deadLetters: 'cdr.dlt',
  parked: 'cdr.parked',
  balanceEvents: 'balance',
  alerts: 'alert',
  rechargeCommands: 'recharge-command',
  rechargeDeadLetters: 'recharge-command.dlt',
} as const;

export type World = {
  readonly store: EventStore;
  readonly log: SimulatedLog;
  readonly readStore: ReadStore<Tables>;
  readonly gateway: SimulatedGateway;
  readonly ring: KeyRing;
  readonly intake: Intake;
  readonly deck: Deck;
  readonly nowMs: () => number;
  /** Told of a tenant that was set aside, which no fault of an engine may lead to. */
  readonly onSetAside: (what: string) => void;
};

/** Few, so that accounts are dropped and read anew all the time. */
const MAX_CACHED_ACCOUNTS = 5;
const MAX_MESSAGES = 12;
const EVENTS_PER_BATCH = 20;

function writerOf(process: SimulatedProcess, world: World): StreamWriter<Account, LedgerCommand, LedgerEvent, LedgerRejection> {
  return new StreamWriter({
    store: storeOf(process, world.store),
    decider: ledgerDecider,
    maxCachedStreams: MAX_CACHED_ACCOUNTS,
  });
}

export async function rating(process: SimulatedProcess, world: World): Promise<void> {
  const { ring, intake, deck, nowMs, log, onSetAside } = world;
  const bus = busOf(process, log);
  const worker = new RatingWorker({
    writer: writerOf(process, world),
    bus,
    ring,
    intake,
    eventStore: storeOf(process, world.store),
    decks: { hashAt: () => deck.hash, deck: async () => deck },
    unratedCalls: 'dead-letter',
    clock: nowMs,
    topics: { deadLetters: TOPICS.deadLetters, parked: TOPICS.parked },
    watch: { onBatch: () => undefined, onSetAside },
  });
  await bus.consume({
    group: 'rating',
    topics: [TOPICS.cdrs],
    maxMessages: MAX_MESSAGES,
    handle: (batch) => worker.handle(batch),
  });
}

export async function readModels(process: SimulatedProcess, world: World): Promise<void> {
  const readStore = readStoreOf(process, world.readStore);
  const bus = busOf(process, world.log);
  const projectors = PROJECTIONS.map(
    (projection) => new Projector(projection, readStore, ({ reason }) => world.onSetAside(reason)),
  );
  const alerts = new AlertPublisher(TOPICS.alerts, bus, readStore, () => undefined);
  await bus.consume({
    group: 'letters',
    topics: [TOPICS.deadLetters],
    maxMessages: MAX_MESSAGES,
    handle: (batch) => listDeadLetters(batch, readStore),
  });
  await follow(process, world, projectors, () => alerts.publishDue());
}

export async function publishers(process: SimulatedProcess, world: World): Promise<void> {
  const readStore = readStoreOf(process, world.readStore);
  const bus = busOf(process, world.log);
  const publisherOf = (name: string, topic: string, messageOf: ConstructorParameters<typeof EventPublisher>[2]): EventPublisher =>
    new EventPublisher(name, topic, messageOf, bus, readStore, () => undefined);
  await follow(process, world, [
    publisherOf('balance', TOPICS.balanceEvents, balanceMessage),
    publisherOf('recharge-command', TOPICS.rechargeCommands, rechargeCommand),
  ]);
}

/** As the feed does: from the furthest behind, each batch to all, and from the start again after an error. */
async function follow(
  process: SimulatedProcess,
  { store }: World,
  followers: readonly Follower[],
  then = async (): Promise<void> => undefined,
): Promise<void> {
  for (;;) {
    await process.call();
    try {
      const positions = await Promise.all(followers.map((follower) => follower.load()));
      const after = positions.includes(undefined)
        ? undefined
        : positions.reduce((least, one) => (BigInt(one ?? 0n) < BigInt(least ?? 0n) ? one : least));
      const options = { streamPrefix: STREAM_PREFIX, maxCount: EVENTS_PER_BATCH, ...(after === undefined ? {} : { after }) };
      for await (const events of store.readAll(options)) {
        const position = events.at(-1)?.position ?? 0n;
        await Promise.all(followers.map((follower) => follower.handle(events, position)));
      }
      await then();
    } catch (error) {
      // When one follower fails, another one's batch may still be under way and move its checkpoint after it was read again.
      if ((error as { readonly code?: string }).code !== 'checkpoint-moved') ifRetryable(error);
    }
  }
}

export async function payments(process: SimulatedProcess, world: World): Promise<void> {
  const { nowMs, log, gateway, readStore } = world;
  const recharges = new Recharges(storeOf(process, world.store), nowMs, () => undefined);
  const { signal } = new AbortController();
  const paying = new PaymentProcess({ recharges, gateway: gateway.of(process), watch: NO_WATCH, nowMs, signal });
  await startPaymentWorker({
    bus: busOf(process, log),
    process: paying,
    recharges,
    watch: { onCommand: () => undefined, onDeadLetter: (_, { reason }) => world.onSetAside(reason), onError: () => undefined },
    topic: TOPICS.rechargeCommands,
    deadLetterTopic: TOPICS.rechargeDeadLetters,
    group: 'payments',
  });
  const openRecharges = openRechargesIn(readStore, nowMs);
  for (;;) {
    await process.call();
    for (const key of await openRecharges()) await paying.work(key).catch(ifRetryable);
  }
}

const NO_WATCH: PaymentWatch = {
  onAttempt: () => undefined,
  onOutcome: () => undefined,
  onAnswer: () => undefined,
  onUnknownOutcome: () => undefined,
  onSecondPayment: () => undefined,
};

/** Someone who writes to accounts beside rating, each command until it is certain; `commands` is taken from as they are done. */
export async function customers(
  process: SimulatedProcess,
  world: World,
  commands: { tenant: string; command: LedgerCommand }[],
): Promise<void> {
  const writer = writerOf(process, world);
  for (;;) {
    await process.call();
    const [next] = commands;
    if (next === undefined) continue;
    try {
      await writer.execute(streamOf(next.tenant), [next.command]);
      if (commands[0] === next) commands.shift();
    } catch (error) {
      ifRetryable(error);
    }
  }
}

function ifRetryable(error: unknown): void {
  if ((error as { readonly retryable?: boolean }).retryable !== true) throw error;
}
