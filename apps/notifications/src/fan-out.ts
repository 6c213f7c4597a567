// Webhook step's intake: balance events and notices → deliveries for the tenants' endpoints, each from a cursor of its own that
// stands outside the read model, so that a rebuild of it sends nothing again.
//
// What if we die after the deliveries were added? They and the cursor are one transaction. Two instances at once? One cursor gives
// way, and a delivery that stands already is left alone.

import type { Follower, RecordedEvent } from '@tollkeeper/event-store';
import { isLedgerEventType, tenantOf } from '@tollkeeper/ledger';
import { balanceMessage, noticeMessage, placed, type Notice, type OutgoingMessage } from '@tollkeeper/projections';
import type { ReadStore } from '@tollkeeper/read-store';
import type { WebhookEndpoints } from '@tollkeeper/webhooks';
import { authenticationLink, type LetterLinks } from './letter.js';
import { noticeOf } from './notice-projector.js';
import type { Tables } from './tables.js';
import { addDeliveries } from './webhook-outbox.js';

export type FanOutParts = {
  readonly store: ReadStore<Tables>;
  readonly endpoints: WebhookEndpoints;
  readonly links: LetterLinks;
  /** What is older is no news: an endpoint is not told of a ledger's past. */
  readonly maxAgeMs: number;
  readonly nowMs: () => number;
};

/** Tells endpoints of every change of a balance. */
export class BalanceFanOut implements Follower {
  readonly name = 'publisher:webhook-balance';
  private position: bigint | undefined;

  constructor(private readonly parts: FanOutParts) {}

  async load(): Promise<bigint | undefined> {
    this.position = await this.parts.store.checkpoint(this.name);
    return this.position;
  }

  async handle(events: readonly RecordedEvent[], position: bigint): Promise<void> {
    const from = this.position;
    if (from !== undefined && position <= from) return;
    const { store, endpoints, maxAgeMs, nowMs } = this.parts;
    const active = await endpoints.active();
    const tenants = new Set(active.map(({ tenant }) => tenant));
    const oldest = new Date(nowMs() - maxAgeMs).toISOString();
    const messages: OutgoingMessage[] = [];
    for (const event of events) {
      if ((from !== undefined && event.position <= from) || !tenants.has(tenantOf(event.stream))) continue;
      // A type that this program does not know is the notices' to report; it has no message here.
      const message = isLedgerEventType(event.type) ? balanceMessage(placed(event)) : undefined;
      if (message !== undefined && message.time >= oldest) messages.push(message);
    }
    await store.advance(this.name, from, position, async (tx) => {
      await addDeliveries(tx, messages, active, nowMs());
    });
    this.position = position;
  }
}

const MAX_NOTICES = 500;

/** Tells endpoints of the notices past its cursor; called whenever notices may have been raised. */
export class NoticeFanOut {
  readonly name = 'publisher:webhook-notices';
  private underWay: Promise<void> = Promise.resolve();

  constructor(private readonly parts: FanOutParts) {}

  /** One run at a time; resolves when everything there was at the call has been handed on. */
  tellDue(): Promise<void> {
    this.underWay = this.underWay.catch(() => undefined).then(() => this.tellAll());
    return this.underWay;
  }

  private async tellAll(): Promise<void> {
    const { store, endpoints, maxAgeMs, nowMs } = this.parts;
    for (;;) {
      const from = await store.checkpoint(this.name);
      const notices = await this.after(from);
      const last = notices.at(-1);
      if (last === undefined) return;
      const oldest = new Date(nowMs() - maxAgeMs).toISOString();
      const messages = notices.filter(({ raisedAt }) => raisedAt >= oldest).map((notice) => this.messageOf(notice));
      const active = await endpoints.active();
      await store.advance(this.name, from, last.position, async (tx) => {
        await addDeliveries(tx, messages, active, nowMs());
      });
    }
  }

  /** Whole events: what one event raised is never parted by the page's end, since the cursor counts events. */
  private async after(from: bigint | undefined): Promise<readonly Notice[]> {
    const rows = await this.parts.store.db
      .selectFrom('notice')
      .selectAll()
      .where('position', '>', Number(from ?? -1n))
      .orderBy('position')
      .limit(MAX_NOTICES)
      .execute();
    const last = rows.at(-1)?.position;
    const isCut = rows.length === MAX_NOTICES && rows[0]?.position !== last;
    return (isCut ? rows.filter(({ position }) => position !== last) : rows).map(noticeOf);
  }

  private messageOf(notice: Notice): OutgoingMessage {
    const message = noticeMessage(notice);
    if (notice.kind !== 'authentication-required') return message;
    const url = authenticationLink(this.parts.links, notice.tenant, notice.facts.rechargeId);
    return { ...message, data: { ...message.data, authenticationUrl: url ?? null } };
  }
}
