// Publishing step: ledger events and alerts → CloudEvents on the bus, each publisher from a cursor of its own that stands
// outside the read models, so that a rebuild sends nothing again.
//
// What if we die after publishing and before the cursor moved? The same messages go out again under the same ids, which are
// made of tenant and revision; subscribers recognise them. Two instances at once do the same, and one cursor gives way.

import type { Follower, RecordedEvent } from '@tollkeeper/event-store';
import { isLedgerEventType } from '@tollkeeper/ledger';
import type { MessageBus } from '@tollkeeper/message-bus';
import { failpoint } from '@tollkeeper/program';
import { alertMessage, placed, type OutgoingMessage, type PlacedLedgerEvent } from '@tollkeeper/projections';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import { cloudEventMessage } from './cloud-event.js';

/** Told of each batch that was published, for metrics. */
export type OnPublished = (publisher: string, messages: number) => void;

/** Publishes what `messageOf` makes of an event, and keeps the cursor `publisher:<name>`. */
export class EventPublisher implements Follower {
  readonly name: string;
  private position: bigint | undefined;

  constructor(
    name: string,
    private readonly topic: string,
    private readonly messageOf: (event: PlacedLedgerEvent) => OutgoingMessage | undefined,
    private readonly bus: MessageBus,
    private readonly store: ReadStore<Tables>,
    private readonly onPublished: OnPublished,
  ) {
    this.name = `publisher:${name}`;
  }

  async load(): Promise<bigint | undefined> {
    this.position = await this.store.checkpoint(this.name);
    return this.position;
  }

  async handle(events: readonly RecordedEvent[], position: bigint): Promise<void> {
    const from = this.position;
    if (from !== undefined && position <= from) return;
    const messages: OutgoingMessage[] = [];
    for (const event of events) {
      // A type that this program does not know is the read models' to report; it has no message here.
      if ((from !== undefined && event.position <= from) || !isLedgerEventType(event.type)) continue;
      const message = this.messageOf(placed(event));
      if (message !== undefined) messages.push(message);
    }
    if (messages.length > 0) await this.bus.publish(this.topic, messages.map(cloudEventMessage));
    failpoint('projections.after-publish');
    await this.store.advance(this.name, from, position, nothingMore);
    this.position = position;
    this.onPublished(this.name, messages.length);
  }
}

/** Alerts in one publication. */
const MAX_ALERTS = 1_000;

/** Publishes the rows of `low_balance_alert` past its cursor; `publishDue` is called whenever the read model has moved. */
export class AlertPublisher {
  readonly name = 'publisher:alert';
  private underWay: Promise<void> = Promise.resolve();

  constructor(
    private readonly topic: string,
    private readonly bus: MessageBus,
    private readonly store: ReadStore<Tables>,
    private readonly onPublished: OnPublished,
  ) {}

  /** One run at a time; resolves when everything there was at the call has been published. */
  publishDue(): Promise<void> {
    this.underWay = this.underWay.catch(() => undefined).then(() => this.publishAll());
    return this.underWay;
  }

  private async publishAll(): Promise<void> {
    for (;;) {
      const from = await this.store.checkpoint(this.name);
      const due = await this.store.db
        .selectFrom('low_balance_alert')
        .selectAll()
        .where('position', '>', Number(from ?? -1n))
        .orderBy('position')
        .limit(MAX_ALERTS)
        .execute();
      const last = due.at(-1);
      if (last === undefined) return;
      await this.bus.publish(
        this.topic,
        due.map((alert) => cloudEventMessage(alertMessage(alert))),
      );
      failpoint('projections.after-alerts');
      await this.store.advance(this.name, from, BigInt(last.position), nothingMore);
      this.onPublished(this.name, due.length);
    }
  }
}

async function nothingMore(): Promise<void> {}
