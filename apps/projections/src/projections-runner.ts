// Runs the read models and the publishers over the ledger's events, and the list of dead letters over the bus.

import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { runFeed, type EventStore, type Follower } from '@tollkeeper/event-store';
import { STREAM_PREFIX } from '@tollkeeper/ledger';
import type { Consumer, MessageBus } from '@tollkeeper/message-bus';
import type { Readiness } from '@tollkeeper/program';
import { balanceMessage, rechargeCommand } from '@tollkeeper/projections';
import {
  MIGRATIONS,
  PROJECTIONS,
  Projector,
  readModelNames,
  rebuildReadModel,
  type SetAsideRow,
  type Tables,
} from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import { listDeadLetters } from './dead-letters.js';
import { AlertPublisher, EventPublisher, type OnPublished } from './publishers.js';

export type ProjectionsOptions = {
  readonly eventStore: EventStore;
  readonly bus: MessageBus;
  readonly readStore: ReadStore<Tables>;
  readonly topics: {
    readonly balance: string;
    readonly alert: string;
    readonly rechargeCommand: string;
    readonly deadLetters: string;
  };
  /** Lists the dead letters; every deployment on one bus has its own. */
  readonly group?: string;
  readonly readiness: Readiness;
  readonly watch: ProjectionsWatch;
};

export type ProjectionsWatch = {
  onPublished: OnPublished;
  onPosition(feed: 'read-models' | 'publishers', position: bigint, caughtUp: boolean): void;
  onRetry(feed: string, error: unknown): void;
  onSetAside(row: SetAsideRow): void;
  onFatal(error: unknown): void;
};

export const DEAD_LETTER_GROUP = 'dead-letter-list';
const MAX_DEAD_LETTERS_PER_BATCH = 500;
/** Alerts are looked for after each batch of the read models; this catches those that a failed publication left. */
const ALERT_SWEEP_MS = 5_000;

export class ProjectionsRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly running: Promise<unknown>[] = [];
  private readonly projectors: readonly Projector[];
  private readonly alerts: AlertPublisher;
  private deadLetters: Consumer | undefined;
  private sweep: NodeJS.Timeout | undefined;

  constructor(private readonly options: ProjectionsOptions) {
    const { readStore, bus, topics, watch } = options;
    this.projectors = PROJECTIONS.map((projection) => new Projector(projection, readStore, (row) => this.setAside(row)));
    this.alerts = new AlertPublisher(topics.alert, bus, readStore, watch.onPublished);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { bus, readStore, topics, group = DEAD_LETTER_GROUP, watch } = this.options;
    await readStore.migrate(MIGRATIONS);
    const publishers = [
      new EventPublisher('balance', topics.balance, balanceMessage, bus, readStore, watch.onPublished),
      new EventPublisher('recharge-command', topics.rechargeCommand, rechargeCommand, bus, readStore, watch.onPublished),
    ];
    this.running.push(this.feed('read-models', this.projectors), this.feed('publishers', publishers));
    this.sweep = setInterval(() => this.publishAlerts(), ALERT_SWEEP_MS);
    this.deadLetters = await bus.consume({
      group,
      topics: [topics.deadLetters],
      maxMessages: MAX_DEAD_LETTERS_PER_BATCH,
      handle: (batch) => listDeadLetters(batch, readStore),
      onError: (error) => watch.onRetry(group, error),
    });
    this.deadLetters.failed.catch(watch.onFatal);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.sweep);
    this.stopping.abort();
    await Promise.all([...this.running, this.deadLetters?.stop()]);
    await this.alerts.publishDue().catch(() => undefined);
  }

  /** Before the application starts. @throws RebuildRefused when there is no read model of a name. */
  async rebuild(names: readonly string[] = readModelNames()): Promise<void> {
    const { eventStore, readStore } = this.options;
    await readStore.migrate(MIGRATIONS);
    for (const name of names) await rebuildReadModel(name, { eventStore, readStore, nowMs: Date.now });
  }

  private feed(name: 'read-models' | 'publishers', followers: readonly Follower[]): Promise<void> {
    const { eventStore, readiness, watch } = this.options;
    const feedWatch = {
      onFailure(error: unknown) {
        readiness.set(name, false, String(error));
        watch.onRetry(name, error);
      },
      onProgress: (position: bigint, caughtUp: boolean) => {
        readiness.set(name, true);
        watch.onPosition(name, position, caughtUp);
        if (name === 'read-models') this.publishAlerts();
      },
    };
    return runFeed(eventStore, followers, { streamPrefix: STREAM_PREFIX, watch: feedWatch, signal: this.stopping.signal });
  }

  private publishAlerts(): void {
    this.alerts.publishDue().catch((error: unknown) => this.options.watch.onRetry(this.alerts.name, error));
  }

  private setAside(row: SetAsideRow): void {
    this.options.readiness.set(`${row.model}:${row.tenant}`, false, row.reason);
    this.options.watch.onSetAside(row);
  }
}
