// Webhooks, from the ledger's events to a subscriber's real HTTP server: signed, tried again, disabled and enabled.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { waitFor } from '@tollkeeper/testing';
import type { AddedWebhook } from '@tollkeeper/webhooks';
import { Webhook } from 'standardwebhooks';
import { onEachReadStore } from './engines.fixture.js';
import { BalanceFanOut, NoticeFanOut } from './fan-out.js';
import { CAUSES, DAY_MS, World, type Told } from './fixtures.js';
import { NotificationsRunner, type NotificationsOptions } from './notifications-runner.js';
import { Subscriber } from './subscriber.fixture.js';
import { RETRY_AFTER_MS, WEBHOOK_LEASE_MS } from './webhook-outbox.js';

const BALANCE = 'tollkeeper.balance.changed.v1';
const ZERO_NOTICE = 'tollkeeper.notice.balance-zero.v1';
const ZERO: Told = { type: 'CallDebited.v1', amount: '10', balance: '0', pool: null, cdr: { id: 'cdr-1' } };
const BOUGHT: Told = { type: 'CreditPurchased.v1', amount: '10', balance: '10', origin: { kind: 'invoice', reference: 'INV-1' } };

await onEachReadStore('webhooks', (createPlace) => {
  let world: World;
  let subscriber: Subscriber;
  let runner: NotificationsRunner;
  const runners: NotificationsRunner[] = [];

  const runnerOf = (change: Partial<NotificationsOptions> = {}): NotificationsRunner => {
    const made = new NotificationsRunner(world.options(change));
    runners.push(made);
    return made;
  };
  beforeEach(async () => {
    world = await World.begin(createPlace);
    subscriber = await Subscriber.open();
    runner = runnerOf();
    await world.tell('acme', BOUGHT);
  });
  afterEach(async () => {
    await subscriber.close();
    await Promise.all(runners.splice(0).map((made) => made.beforeApplicationShutdown()));
    await world.end();
  });

  const add = async (types: readonly string[] | null = null, url = subscriber.url): Promise<AddedWebhook> => {
    const added = await runner.endpoints.add({ tenant: 'acme', url, types });
    if ('code' in added) throw new Error(added.reason);
    return added;
  };
  /** Events to deliveries, without sending them. */
  const handOut = async (change: { readonly authenticationUrl?: string } = {}): Promise<void> => {
    const links = { authentication: change.authenticationUrl };
    const parts = {
      store: world.readStore,
      endpoints: runner.endpoints,
      links,
      maxAgeMs: 3 * DAY_MS,
      nowMs: () => world.nowMs,
    };
    await world.follow(runner.projector, new BalanceFanOut(parts));
    await new NoticeFanOut(parts).tellDue();
  };
  const sendAll = async (): Promise<void> => {
    await handOut();
    await runner.webhooks.sendDue();
  };
  const states = async (): Promise<readonly unknown[]> =>
    (await world.deliveries()).map(({ status, attempts, last_outcome }) => [status, attempts, last_outcome]);
  const endpoint = async () => (await runner.endpoints.list('acme'))[0];

  test('balance events are signed by the standard, and the library verifies them', async () => {
    const { secret } = await add([BALANCE]);
    await world.tell('acme', ZERO);
    await sendAll();
    const [bought, debited] = [...subscriber.verified(secret)].toSorted((a, b) => revisionOf(a) - revisionOf(b)).slice(1);
    expect(bought).toMatchObject({ type: BALANCE, data: { cause: 'CreditPurchased.v1', balance: '10', tenant: 'acme' } });
    expect(debited).toEqual({
      type: BALANCE,
      timestamp: '2026-03-03T12:00:00.000Z',
      data: {
        amount: '10',
        available: '0',
        balance: '0',
        cause: 'CallDebited.v1',
        cdrId: 'cdr-1',
        effectiveAt: '2026-03-03T12:00:00.000Z',
        revision: 2,
        tenant: 'acme',
      },
    });
    expect(await states()).toEqual([1, 2, 3].map(() => ['delivered', 1, '204']));
  });

  test('an altered body, id or time is refused by the library', async () => {
    const clock = Date.now();
    world.nowMs = clock;
    const { secret } = await add([BALANCE]);
    await world.tell('acme', ZERO);
    await sendAll();
    const { headers, body } = subscriber.calls[0] as (typeof subscriber.calls)[number];
    const library = new Webhook(secret);
    const given = headers as Record<string, string>;
    expect(library.verify(body, given)).toMatchObject({ type: BALANCE });
    expect(() => library.verify(body.replace('acme', 'evil'), given)).toThrow();
    expect(() => library.verify(body, { ...given, 'webhook-id': 'msg_other' })).toThrow();
    expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(body, given)).toThrow();
  });

  test('notices of every kind are told, each once, with a link where one is set', async () => {
    const { secret } = await add();
    const causes = CAUSES.flatMap(([, told]) => told);
    await world.tell('acme', { type: 'AlertThresholdSet.v1', threshold: '5' }, ...causes);
    await handOut({ authenticationUrl: 'https://pay.example/{tenant}/{rechargeId}' });
    await runner.webhooks.sendDue();
    await sendAll();
    const payloads = subscriber.verified(secret) as readonly { readonly type: string; readonly data: object }[];
    const told = payloads.map(({ type }) => type).filter((type) => type !== BALANCE);
    const expected = CAUSES.map(([kind]) => `tollkeeper.notice.${kind}.v1`);
    expect(told.toSorted()).toEqual(
      [...expected, 'tollkeeper.notice.recharge-failed.v1', 'tollkeeper.alert.low-balance.v1'].toSorted(),
    );
    const authentication = payloads.find(({ type }) => type.includes('authentication'));
    expect(authentication?.data).toMatchObject({ authenticationUrl: 'https://pay.example/acme/a%26b%20c', amount: '50' });
    expect(new Set(subscriber.calls.map(({ id }) => id)).size).toBe(subscriber.calls.length);
    for (const { id } of subscriber.calls) expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
  });

  test('an endpoint gets the types that it asks for, and only its own tenant’s', async () => {
    await add([ZERO_NOTICE]);
    await world.tell('acme', ZERO);
    await world.tell('other', BOUGHT, ZERO);
    await sendAll();
    expect(subscriber.calls.map(({ body }) => (JSON.parse(body) as { data: object }).data)).toMatchObject([
      { tenant: 'acme', balance: '0', currency: 'EUR' },
    ]);
  });

  test('a failure is tried again by the schedule, under the same id and with the same body', async () => {
    await add([ZERO_NOTICE]);
    await world.tell('acme', ZERO);
    subscriber.answers = [500, 302, null, 204];
    runner = runnerOf({ webhookTimeoutMs: 100 });
    await sendAll();
    expect(await states()).toEqual([['due', 1, '500']]);
    await runner.webhooks.sendDue();
    expect(subscriber.calls).toHaveLength(1);
    for (const afterMs of RETRY_AFTER_MS.slice(0, 3)) {
      world.nowMs += afterMs * 1.2;
      await runner.webhooks.sendDue();
    }
    expect(await states()).toEqual([['delivered', 4, '204']]);
    expect(new Set(subscriber.calls.map(({ id }) => id)).size).toBe(1);
    expect(new Set(subscriber.calls.map(({ body }) => body)).size).toBe(1);
    expect(new Set(subscriber.calls.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(4);
    // A redirect is a failure and not followed.
    expect(subscriber.calls.map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook', '/hook']);
    expect(await endpoint()).toMatchObject({ status: 'active', failures: 0, failingSince: null });
  });

  test('an endpoint that is down is tried ten times, then given up and disabled', async () => {
    await subscriber.close();
    await add([ZERO_NOTICE]);
    await world.tell('acme', ZERO);
    await sendAll();
    expect(await states()).toEqual([['due', 1, 'ECONNREFUSED']]);
    for (const afterMs of RETRY_AFTER_MS) {
      world.nowMs += afterMs * 1.2;
      await runner.webhooks.sendDue();
    }
    expect(await states()).toEqual([['gave-up', 10, 'ECONNREFUSED']]);
    expect(await endpoint()).toMatchObject({ status: 'disabled', disabledReason: 'failing', failures: 10 });
    subscriber = await Subscriber.open();
  });

  test('410 disables at once; what comes meanwhile is not kept, and enabling begins anew', async () => {
    const { endpoint: added } = await add([ZERO_NOTICE]);
    subscriber.answers = [410, 204];
    await world.tell('acme', ZERO);
    await sendAll();
    expect(await states()).toEqual([['gave-up', 1, '410']]);
    expect(await endpoint()).toMatchObject({ status: 'disabled', disabledReason: 'gone' });
    await world.tell('acme', BOUGHT, ZERO);
    await sendAll();
    expect(subscriber.calls).toHaveLength(1);
    expect(await runner.endpoints.enable('acme', added.id)).toMatchObject({ status: 'active', failures: 0 });
    await world.tell('acme', BOUGHT, ZERO);
    await sendAll();
    expect(subscriber.calls).toHaveLength(2);
  });

  test('one that was disabled by hand gets what had waited once it is enabled, and a removed one gets nothing', async () => {
    const { endpoint: added } = await add([ZERO_NOTICE]);
    await world.tell('acme', ZERO);
    await handOut();
    await runner.endpoints.disable('acme', added.id);
    await runner.webhooks.sendDue();
    expect(subscriber.calls).toEqual([]);
    await runner.endpoints.enable('acme', added.id);
    await runner.webhooks.sendDue();
    expect(subscriber.calls).toHaveLength(1);
    await world.tell('acme', BOUGHT, ZERO);
    await handOut();
    await runner.endpoints.remove('acme', added.id);
    await runner.webhooks.sendDue();
    expect(subscriber.calls).toHaveLength(1);
  });

  test('a failing endpoint is left alone for a while with everything that waits for it, and others are not', async () => {
    const other = await Subscriber.open();
    subscriber.answers = [503];
    await add([BALANCE]);
    await add([BALANCE], other.url);
    await world.tell('acme', ...Array.from({ length: 30 }, () => BOUGHT));
    await sendAll();
    expect(subscriber.calls.length).toBeLessThan(8);
    expect(other.calls).toHaveLength(32);
    await other.close();
  });

  test('an endpoint that does not answer holds up no other', async () => {
    const other = await Subscriber.open();
    subscriber.answers = [null];
    await add([BALANCE]);
    await add([BALANCE], other.url);
    await world.tell('acme', ...Array.from({ length: 30 }, () => BOUGHT));
    await handOut();
    const patient = runnerOf({ webhookTimeoutMs: 60_000 });
    const sending = patient.webhooks.sendDue();
    await waitFor(() => other.calls.length === 32, { timeoutMs: 10_000, what: 'the other endpoint' });
    expect(subscriber.calls.length).toBeLessThanOrEqual(4);
    await subscriber.close();
    await sending;
    subscriber = await Subscriber.open();
    await other.close();
  });

  test('two senders at once send each message once', async () => {
    await add([BALANCE]);
    await world.tell('acme', ...Array.from({ length: 40 }, () => BOUGHT));
    await handOut();
    const another = runnerOf({ readStore: await world.anotherStore() });
    await Promise.all([runner.webhooks.sendDue(), another.webhooks.sendDue()]);
    expect(subscriber.calls).toHaveLength(42);
    expect(new Set(subscriber.calls.map(({ id }) => id)).size).toBe(42);
  });

  test('what a program had in hand when it died is sent by another once its claim has run out', async () => {
    await add([ZERO_NOTICE]);
    await world.tell('acme', ZERO);
    await handOut();
    subscriber.answers = [null, 204];
    const dying = runnerOf({ webhookTimeoutMs: 60_000 });
    void dying.webhooks.sendDue();
    await waitFor(() => subscriber.calls.length === 1, { timeoutMs: 5_000, what: 'the first call' });
    await dying.webhooks.stop();
    await runner.webhooks.sendDue();
    expect(subscriber.calls).toHaveLength(1);
    world.nowMs += WEBHOOK_LEASE_MS + 1;
    await runner.webhooks.sendDue();
    expect(subscriber.calls.map(({ id }) => id)).toEqual([subscriber.calls[0]?.id, subscriber.calls[0]?.id]);
    expect(await states()).toEqual([['delivered', 1, '204']]);
  });

  test('a rebuild hands nothing out again', async () => {
    await add();
    await world.tell('acme', ZERO);
    await sendAll();
    const before = subscriber.calls.length;
    await runner.rebuild();
    await world.readStore.write((tx) => tx.deleteFrom('webhook_delivery').execute());
    await sendAll();
    expect(subscriber.calls).toHaveLength(before);
  });

  test('a ledger’s past is not told to an endpoint that is added before the first start', async () => {
    await add();
    world.nowMs += 4 * DAY_MS;
    await world.tell('acme', ZERO);
    await sendAll();
    expect(subscriber.calls.map(({ body }) => (JSON.parse(body) as { type: string }).type).toSorted()).toEqual([
      BALANCE,
      ZERO_NOTICE,
    ]);
  });

  test.each([
    ['an address', undefined],
    ['a name', 'https://localhost:1/'],
  ])('%s that was added while private addresses were allowed is not called when they are not', async (_, url) => {
    await add([ZERO_NOTICE], url);
    await world.tell('acme', ZERO);
    await handOut();
    await runnerOf({ allowPrivateWebhooks: false }).webhooks.sendDue();
    expect(await states()).toEqual([['due', 1, 'EPRIVATE']]);
    expect(subscriber.calls).toEqual([]);
  });
});

function revisionOf(payload: unknown): number {
  return (payload as { readonly data: { readonly revision: number } }).data.revision;
}
