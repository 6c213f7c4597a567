// Runs the notice step over the ledger's events, and sends what it raises by mail and to webhooks.

import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { runFeed, type EventStore } from '@tollkeeper/event-store';
import { STREAM_PREFIX } from '@tollkeeper/ledger';
import type { Logger, Readiness } from '@tollkeeper/program';
import { MESSAGE_TYPES } from '@tollkeeper/projections';
import type { ReadStore } from '@tollkeeper/read-store';
import type { KeyRing } from '@tollkeeper/sealing';
import { WebhookEndpoints } from '@tollkeeper/webhooks';
import { BalanceFanOut, NoticeFanOut } from './fan-out.js';
import { forgetOld } from './housekeeping.js';
import { MailOutbox, type ClaimedMail } from './mail-outbox.js';
import { mailSender } from './mail-sender.js';
import type { Mailer } from './mailer.js';
import type { NotificationsWatch } from './metrics.js';
import { NoticeProjector } from './notice-projector.js';
import type { SendingLoop } from './sending-loop.js';
import { MIGRATIONS, type NoticeSetAsideRow, type Tables } from './tables.js';
import { WebhookOutbox, type ClaimedDelivery } from './webhook-outbox.js';
import { webhookSender } from './webhook-sender.js';

export type NotificationsOptions = {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore<Tables>;
  readonly ring: KeyRing;
  /** Undefined: webhooks only. */
  readonly mail: { readonly mailer: Mailer; readonly from: string } | undefined;
  /** `AUTHENTICATION_URL`, with `{tenant}` and `{rechargeId}`. */
  readonly authenticationUrl: string | undefined;
  /** `WEBHOOK_ALLOW_PRIVATE`. */
  readonly allowPrivateWebhooks: boolean;
  readonly webhookTimeoutMs: number;
  /** What is older than this when it comes up is told to nobody. */
  readonly maxAgeMs: number;
  readonly readiness: Readiness;
  readonly logger: Logger;
  readonly watch: NotificationsWatch;
  readonly nowMs?: () => number;
};

export const NOTICES_CHECK = 'notices';
/** Between looks at what is due; what was raised just now is sent at once. */
const LOOK_EVERY_MS = 1_000;
/** Notices are handed to webhooks after each batch that raised some; this catches those that a failure, or another instance's end, left. */
const HAND_ON_EVERY_MS = 5_000;
const FORGET_EVERY_MS = 3_600_000;

export class NotificationsRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly projector: NoticeProjector;
  readonly mails: SendingLoop<ClaimedMail> | undefined;
  readonly webhooks: SendingLoop<ClaimedDelivery>;
  /** For whoever adds endpoints in this process. */
  readonly endpoints: WebhookEndpoints;
  private readonly stopping = new AbortController();
  private readonly balances: BalanceFanOut;
  private readonly fanOut: NoticeFanOut;
  private readonly nowMs: () => number;
  private feed: Promise<void> | undefined;
  private handingOn: NodeJS.Timeout | undefined;
  private forgetting: NodeJS.Timeout | undefined;
  private areRaised = false;

  constructor(private readonly options: NotificationsOptions) {
    const { readStore: store, ring, mail, maxAgeMs, watch, nowMs = Date.now } = options;
    this.nowMs = nowMs;
    const links = { authentication: options.authenticationUrl };
    const { allowPrivateWebhooks: allowPrivate, webhookTimeoutMs: timeoutMs } = options;
    this.endpoints = new WebhookEndpoints({ store, ring, messageTypes: MESSAGE_TYPES, allowPrivate, nowMs });
    this.projector = new NoticeProjector({ store, mails: mail !== undefined, maxAgeMs, watch: this.noticeWatch(), nowMs });
    const fanOut = { store, endpoints: this.endpoints, links, maxAgeMs, nowMs };
    this.balances = new BalanceFanOut(fanOut);
    this.fanOut = new NoticeFanOut(fanOut);
    const deliveries = new WebhookOutbox(store, this.endpoints, nowMs);
    const webhooks = {
      outbox: deliveries,
      endpoints: this.endpoints,
      allowPrivate,
      timeoutMs,
      watch: watch.webhooks,
      nowMs,
    };
    this.webhooks = webhookSender(webhooks);
    const outbox = new MailOutbox(store, maxAgeMs, nowMs);
    this.mails = mail && mailSender({ ...mail, outbox, ring, links, watch: watch.mails });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { eventStore, readStore, readiness, logger, watch } = this.options;
    await readStore.migrate(MIGRATIONS);
    const feedWatch = {
      onFailure(error: unknown) {
        readiness.set(NOTICES_CHECK, false, String(error));
        logger.warn({ error }, 'Notices are tried again after a pause');
      },
      onProgress: (position: bigint, caughtUp: boolean) => {
        readiness.set(NOTICES_CHECK, true);
        watch.onPosition(position, caughtUp);
        this.sendRaised();
      },
    };
    const options = { streamPrefix: STREAM_PREFIX, watch: feedWatch, signal: this.stopping.signal };
    this.feed = runFeed(eventStore, [this.projector, this.balances], options);
    this.webhooks.start(LOOK_EVERY_MS);
    this.mails?.start(LOOK_EVERY_MS);
    this.handingOn = setInterval(() => this.handOn(), HAND_ON_EVERY_MS);
    this.handOn();
    this.forgetting = setInterval(() => this.forget(), FORGET_EVERY_MS);
    this.forget();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.handingOn);
    clearInterval(this.forgetting);
    this.stopping.abort();
    await this.feed;
    // What the last batch raised waits for nobody in the database, whatever comes of handing it on.
    await this.fanOut.tellDue().catch(() => undefined);
    await Promise.all([this.webhooks.stop(), this.mails?.stop()]);
    this.options.mail?.mailer.close();
  }

  /** Forgets the tenants' state; call it before the application starts. Nothing is sent again. */
  async rebuild(): Promise<void> {
    await this.options.readStore.migrate(MIGRATIONS);
    await this.projector.rebuild();
  }

  private sendRaised(): void {
    if (!this.areRaised) return this.webhooks.wake();
    this.areRaised = false;
    this.mails?.wake();
    this.handOn();
  }

  private handOn(): void {
    this.fanOut.tellDue().then(
      () => this.webhooks.wake(),
      (error: unknown) => this.options.logger.warn({ error }, 'Notices could not be handed to webhooks; they are tried again'),
    );
  }

  private noticeWatch(): ConstructorParameters<typeof NoticeProjector>[0]['watch'] {
    const { readiness, logger, watch } = this.options;
    return {
      onRaised: (kind) => {
        this.areRaised = true;
        watch.notices.onRaised(kind);
      },
      onTooOld: watch.notices.onTooOld,
      onSetAside(row: NoticeSetAsideRow) {
        readiness.set(`${NOTICES_CHECK}:${row.tenant}`, false, row.reason);
        logger.error({ ...row }, 'The tenant gets no notices until a rebuild');
      },
    };
  }

  private forget(): void {
    forgetOld(this.options.readStore, this.nowMs()).catch((error: unknown) =>
      this.options.logger.warn({ error }, 'Old notices could not be forgotten; they are tried again'),
    );
  }
}
