// For tests of notices: a ledger in memory, a read store with its keys, and a clock to turn.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inMemoryEventStore, NO_STREAM, type EventStore, type Follower, type JsonObject } from '@tollkeeper/event-store';
import { streamOf, STREAM_PREFIX, type LedgerEventType } from '@tollkeeper/ledger';
import { createLogger, createMetrics, Readiness } from '@tollkeeper/program';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, STANDING_MONTH, type KeyRing, type KeyStore } from '@tollkeeper/sealing';
import { createSchema } from '@tollkeeper/testing';
import { smtpMailer } from './mailer.js';
import { notificationsWatch } from './metrics.js';
import { NOTICES_CHECK, type NotificationsOptions } from './notifications-runner.js';
import { RECIPIENTS_KEY, type Recipients } from './recipients.js';
import { MIGRATIONS, type NoticeRow, type Tables, type WebhookDeliveryRow } from './tables.js';

export const NOON_MS = Date.parse('2026-03-03T12:00:00.000Z');
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const FROM = 'Tollkeeper <billing@carrier.example>';

export type Told = { readonly type: LedgerEventType } & JsonObject;

/** A database without tables: a new file, or a schema of its own. */
export type Place = { readonly url: string; readonly keysUrl: string; remove(): Promise<void> };

export async function sqlitePlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-notifications-'));
  const [url, keysUrl] = ['read', 'keys'].map((name) => `sqlite:${join(folder, name)}.db`) as [string, string];
  return { url, keysUrl, remove: async () => rmSync(folder, { recursive: true, force: true }) };
}

export async function postgresPlace(url: string): Promise<Place> {
  const schema = await createSchema(url);
  return { url: schema.url, keysUrl: schema.url, remove: schema.drop };
}

export class World {
  nowMs = NOON_MS;
  readonly eventStore: EventStore = inMemoryEventStore();
  readonly #revisions = new Map<string, number>();
  readonly #stores: ReadStore<Tables>[] = [];

  private constructor(
    readonly place: Place,
    readonly readStore: ReadStore<Tables>,
    readonly keyStore: KeyStore,
    readonly ring: KeyRing,
  ) {}

  static async begin(createPlace: () => Promise<Place>): Promise<World> {
    const place = await createPlace();
    const readStore = await openReadStore<Tables>(place.url);
    await readStore.migrate(MIGRATIONS);
    const keyStore = await openKeyStore(place.keysUrl);
    return new World(place, readStore, keyStore, openKeyRing(keyStore));
  }

  async end(): Promise<void> {
    await Promise.all([this.eventStore.close(), this.readStore.close(), this.keyStore.close()]);
    await Promise.all(this.#stores.map((store) => store.close()));
    await this.place.remove();
  }

  /** Another program's connection to the same database. */
  async anotherStore(): Promise<ReadStore<Tables>> {
    const store = await openReadStore<Tables>(this.place.url);
    this.#stores.push(store);
    return store;
  }

  /** What a runner is given; everything of it can be replaced. */
  options(change: Partial<NotificationsOptions> = {}): NotificationsOptions {
    const logger = createLogger('notifications', { level: 'silent' });
    return {
      eventStore: this.eventStore,
      readStore: this.readStore,
      ring: this.ring,
      mail: undefined,
      authenticationUrl: undefined,
      allowPrivateWebhooks: true,
      webhookTimeoutMs: 1_000,
      maxAgeMs: 3 * DAY_MS,
      readiness: new Readiness([NOTICES_CHECK]),
      logger,
      watch: notificationsWatch(createMetrics('notifications'), logger),
      nowMs: () => this.nowMs,
      ...change,
    };
  }

  mailTo(smtpUrl: string): NonNullable<NotificationsOptions['mail']> {
    return { mailer: smtpMailer(smtpUrl, FROM), from: FROM };
  }

  /** Events of a tenant as the ledger would have written them, recorded now; the first opens the account. */
  async tell(tenant: string, ...told: readonly Told[]): Promise<void> {
    const recordedAt = new Date(this.nowMs).toISOString();
    const common = { balance: '10', effectiveAt: recordedAt, recordedAt, tenant };
    const revision = this.#revisions.get(tenant);
    const opening: Told = { type: 'AccountOpened.v1', currency: 'EUR', plan: 'default', intakeWindowDays: 35, balance: '0' };
    const events = (revision === undefined ? [opening, ...told] : told).map(({ type, ...facts }) => {
      const data = { ...common, available: facts['balance'] ?? common.balance, ...facts };
      return { id: randomUUID(), type, data, metadata: {} };
    });
    const result = await this.eventStore.append(streamOf(tenant), revision ?? NO_STREAM, events);
    this.#revisions.set(tenant, result.revision);
  }

  async tellRecipients(tenant: string, recipients: Recipients): Promise<void> {
    await this.ring.prepare([{ tenant, month: STANDING_MONTH }]);
    const sealedRecipients = this.ring.seal(tenant, STANDING_MONTH, RECIPIENTS_KEY, recipients);
    await this.tell(tenant, { type: 'RecipientsSet.v1', sealedRecipients });
  }

  /** Everything there is, to each follower from its own place. */
  async follow(...followers: readonly Follower[]): Promise<void> {
    for (const follower of followers) await this.followUpTo(follower, Number.MAX_SAFE_INTEGER);
  }

  /** At most so many more events. */
  async followUpTo(follower: Follower, maxCount: number): Promise<void> {
    const after = await follower.load();
    const options = { streamPrefix: STREAM_PREFIX, maxCount, ...(after === undefined ? {} : { after }) };
    for await (const page of this.eventStore.readAll(options)) await follower.handle(page, page.at(-1)?.position ?? 0n);
  }

  notices(): Promise<readonly NoticeRow[]> {
    return this.readStore.db.selectFrom('notice').selectAll().orderBy('position').orderBy('notice_id').execute();
  }

  deliveries(): Promise<readonly WebhookDeliveryRow[]> {
    return this.readStore.db.selectFrom('webhook_delivery').selectAll().orderBy('created_at').orderBy('message_id').execute();
  }
}

/** One event of each kind of notice, and which it raises. */
export const CAUSES: readonly (readonly [kind: NoticeRow['kind'], told: readonly Told[]])[] = [
  [
    'recharge-succeeded',
    [
      { type: 'RechargeRequested.v1', rechargeId: 'acme.3', amount: '1250.5', cause: 'auto', currency: 'EUR' },
      {
        type: 'CreditPurchased.v1',
        amount: '1250.5',
        balance: '1260.5',
        origin: { kind: 'recharge', rechargeId: 'acme.3', paymentReference: 'pay-<1>' },
      },
    ],
  ],
  [
    'recharge-failed',
    [
      { type: 'RechargeRequested.v1', rechargeId: 'acme.4', amount: '50', cause: 'manual', currency: 'EUR' },
      { type: 'RechargeFailed.v1', rechargeId: 'acme.4', attempt: 1, code: 'expired-card', autoRechargeSuspended: false },
    ],
  ],
  [
    'auto-recharge-suspended',
    [
      { type: 'RechargeRequested.v1', rechargeId: 'acme.5', amount: '50', cause: 'auto', currency: 'EUR' },
      { type: 'RechargeFailed.v1', rechargeId: 'acme.5', attempt: 1, code: 'odd-<code>', autoRechargeSuspended: true },
    ],
  ],
  [
    'authentication-required',
    [
      { type: 'RechargeRequested.v1', rechargeId: 'a&b c', amount: '50', cause: 'auto', currency: 'EUR' },
      {
        type: 'PaymentDeclined.v1',
        rechargeId: 'a&b c',
        attempt: 1,
        code: 'authentication-required',
        retryAt: '2026-03-04T12:00:00.000Z',
      },
    ],
  ],
  ['balance-zero', [{ type: 'CallDebited.v1', amount: '10.0201', balance: '-0.0201', pool: null, cdr: { id: 'cdr-1' } }]],
  ['pool-80', [poolCall(96)]],
  ['pool-100', [poolCall(120)]],
  ['lot-about-to-expire', [{ type: 'LotExpiryWarned.v1', amount: '7.5', lotId: 'INV-7', expiresAt: '2026-04-01T08:30:00.000Z' }]],
  ['burst', [{ type: 'BurstDetected.v1', cause: 'spending', hour: '2026-03-03T12:00:00.000Z', limit: '5', spent: '6.25' }]],
];

function poolCall(minutes: number): Told {
  const pool = { capMs: 7_200_000, meter: 'domestic', month: '2026-03', pool: 'calling-plan-120 FR', remainingMs: 0 };
  return {
    type: 'CallDebited.v1',
    amount: '0',
    balance: '10',
    pool: { ...pool, usedMs: minutes * 60_000 },
    cdr: { id: 'cdr-2' },
  };
}
