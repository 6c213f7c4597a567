// The notice step as the application runs it: it starts with Nest, tells what comes, says whether it is ready, and stops in time.

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { waitFor } from '@tollkeeper/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { BalanceFanOut } from './fan-out.js';
import { DAY_MS, sqlitePlace, World, type Told } from './fixtures.js';
import { NotificationsModule } from './notifications.module.js';
import { NotificationsRunner, type NotificationsOptions } from './notifications-runner.js';
import { MailServer } from './smtp-server.fixture.js';
import { Subscriber } from './subscriber.fixture.js';

const ZERO: Told = { type: 'CallDebited.v1', amount: '10', balance: '0', pool: null, cdr: { id: 'cdr-1' } };
const BOUGHT: Told = { type: 'CreditPurchased.v1', amount: '10', balance: '10', origin: { kind: 'invoice', reference: 'INV-1' } };
const UNTIL_MS = 10_000;

let world: World;
let server: MailServer;
let subscriber: Subscriber;
let app: INestApplicationContext | undefined;

beforeEach(async () => {
  world = await World.begin(sqlitePlace);
  [server, subscriber] = await Promise.all([MailServer.open(), Subscriber.open()]);
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  await Promise.all([server.down(), subscriber.close()]);
  await world.end();
});

async function started(options: NotificationsOptions): Promise<NotificationsRunner> {
  app = await NestFactory.createApplicationContext(NotificationsModule.register(options), { logger: false, abortOnError: false });
  return app.get(NotificationsRunner);
}

test('what comes is told at once, by mail and to webhooks, and what a server missed is told later by itself', async () => {
  const options = world.options({ mail: world.mailTo(server.url) });
  const { endpoints } = await started(options);
  const types = ['tollkeeper.notice.balance-zero.v1'];
  await endpoints.add({ tenant: 'acme', url: subscriber.url, types });
  await world.tellRecipients('acme', { addresses: ['ops@acme.example'], language: 'en' });
  await world.tell('acme', BOUGHT, ZERO);
  const isTold = () => server.received.length === 1 && subscriber.calls.length === 1;
  await waitFor(isTold, { timeoutMs: UNTIL_MS, what: 'a mail and a webhook' });
  expect(options.readiness.snapshot().ok).toBe(true);

  await server.down();
  await world.tell('acme', BOUGHT, ZERO);
  const isDue = async () => (await world.notices()).at(-1)?.mail_attempts === 1;
  await waitFor(isDue, { timeoutMs: UNTIL_MS, what: 'an attempt' });
  await server.up();
  world.nowMs += 60_000;
  await waitFor(() => server.received.length === 2, { timeoutMs: UNTIL_MS, what: 'the second mail' });
});

test('stopping does not wait for a subscriber that does not answer', async () => {
  subscriber.answers = [null];
  const { endpoints } = await started(world.options({ webhookTimeoutMs: 60_000 }));
  await endpoints.add({ tenant: 'acme', url: subscriber.url });
  await world.tell('acme', BOUGHT);
  await waitFor(() => subscriber.calls.length > 0, { timeoutMs: UNTIL_MS, what: 'a webhook' });
  const before = performance.now();
  await app?.close();
  app = undefined;
  expect(performance.now() - before).toBeLessThan(4_500);
});

test('what a program had written down when it died is handed to webhooks by the next, without anything new', async () => {
  const died = new NotificationsRunner(world.options());
  const types = ['tollkeeper.notice.balance-zero.v1'];
  await died.endpoints.add({ tenant: 'acme', url: subscriber.url, types });
  await world.tell('acme', BOUGHT, ZERO);
  await world.follow(died.projector);
  const links = { authentication: undefined };
  const parts = { store: world.readStore, endpoints: died.endpoints, links, maxAgeMs: DAY_MS, nowMs: () => world.nowMs };
  await world.follow(new BalanceFanOut(parts));
  await started(world.options());
  await waitFor(() => subscriber.calls.length === 1, { timeoutMs: UNTIL_MS, what: 'the webhook' });
});

test('what is long settled is forgotten at the start', async () => {
  const runner = new NotificationsRunner(world.options());
  await world.tell('acme', BOUGHT, ZERO);
  await world.follow(runner.projector);
  expect(await world.notices()).toHaveLength(1);
  world.nowMs += 91 * DAY_MS;
  await started(world.options());
  await waitFor(async () => (await world.notices()).length === 0, { timeoutMs: UNTIL_MS, what: 'the notice to be forgotten' });
});
