// Secrets stay where they belong: whatever Stripe answers, no log line, no event, no error and no setting's text holds one.

import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { traceOf } from '@tollkeeper/payment-gateway';
import { createLogger, createMetrics, describeSettings, Readiness, readSettings } from '@tollkeeper/program';
import { availablePort, waitFor } from '@tollkeeper/testing';
import { afterEach, expect, test } from '@jest/globals';
import { ACME, commandMessage, GATEWAYS, NOON_MS, STRIPE_KEY, TOPIC, World } from './fixtures.js';
import { PaymentsModule } from './payments.module.js';
import { READINESS_CHECKS } from './payments-runner.js';
import { PaymentsSettings } from './settings.js';
import { signatureOf } from './simulator/webhooks.js';
import { stripeNews } from './stripe/webhook-event.js';
import { WEBHOOK_PATH } from './webhook-server.js';

const WEBHOOK_SECRET = 'whsec_0123456789abcdef';
const SECRETS = [STRIPE_KEY, WEBHOOK_SECRET];

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** Knows a customer, and says back whatever else it was told, the key among it, in headers and in words. */
async function echoing(status: number, type: string): Promise<string> {
  const server = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    const customer = { id: 'cus_acme', invoice_settings: { default_payment_method: 'pm_card' } };
    if (request.url?.startsWith('/v1/customers/')) return response.writeHead(200).end(JSON.stringify(customer));
    const error = {
      type,
      code: authorization,
      decline_code: authorization,
      message: `You sent ${authorization}`,
      param: authorization,
    };
    return response.writeHead(status, { 'request-id': authorization, 'x-key': authorization }).end(JSON.stringify({ error }));
  });
  return listening(server);
}

async function breaking(): Promise<string> {
  return listening(createServer((request) => request.socket.destroy()));
}

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ANSWERS: readonly [string, () => Promise<string>][] = [
  ['401', () => echoing(401, 'invalid_request_error')],
  ['400', () => echoing(400, 'invalid_request_error')],
  ['402', () => echoing(402, 'card_error')],
  ['429', () => echoing(429, 'invalid_request_error')],
  ['500', () => echoing(500, 'api_error')],
  ['a broken connection', breaking],
  ['nobody there', async () => 'http://127.0.0.1:1'],
];

test.each(ANSWERS)('the program logs no secret, and writes none: %s', async (_, listen) => {
  const url = await listen();
  const world = await World.begin(['success'], { by: 'stripe' });
  let log = '';
  const port = await availablePort();
  const parts = {
    eventStore: world.store,
    bus: world.bus,
    gateway: GATEWAYS.stripe(url),
    webhooks: { port, host: '127.0.0.1', read: stripeNews(WEBHOOK_SECRET) },
    openRecharges: async () => [],
    options: { topic: TOPIC, group: 'payments', sweepIntervalMs: 60_000 },
    logger: createLogger('payments', { level: 'trace', destination: { write: (line: string) => void (log += line) } }),
    registry: createMetrics('payments'),
    readiness: new Readiness(READINESS_CHECKS),
    onFatal: (error: unknown) => void world.errors.push(error),
    nowMs: () => NOON_MS,
  };
  const app = await NestFactory.createApplicationContext(PaymentsModule.register(parts), { logger: false, abortOnError: false });
  await world.bus.publish(TOPIC, [commandMessage()]);
  await waitFor(() => log.includes('Recharge command done'), { timeoutMs: 10_000, what: 'the command to be worked on' });
  const data = { object: { metadata: ACME } };
  const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'payment_intent.succeeded', data });
  for (const signature of [signatureOf(body, WEBHOOK_SECRET, Date.now()), signatureOf(body, 'whsec_wrong', Date.now())]) {
    await fetch(`http://127.0.0.1:${port}${WEBHOOK_PATH}`, { method: 'POST', headers: { 'stripe-signature': signature }, body });
  }
  await app.close();
  expect(log).toMatch(/the outcome is unknown|declined/);
  expect(log).toMatch(/Webhook forged/);
  const events = inspect(await world.events(), { depth: Infinity });
  const metrics = await parts.registry.metrics();
  for (const secret of SECRETS) for (const text of [log, events, metrics]) expect(text).not.toContain(secret);
  expect(world.errors).toEqual([]);
  await world.end();
});

test.each(ANSWERS)('an error holds no secret, however deep: %s', async (_, listen) => {
  const gateway = GATEWAYS.stripe(await listen());
  const { signal } = new AbortController();
  const trace = traceOf({ ...ACME, attempt: 1 });
  const charge = (): Promise<unknown> => gateway.charge({ ...trace, amount: '50', currency: 'EUR', signal });
  for (const ask of [charge, () => gateway.lookUp(trace, signal)]) {
    const held = inspect(await ask().catch((error: unknown) => error), { depth: Infinity, showHidden: true });
    expect(held).not.toContain(STRIPE_KEY);
  }
});

const ENVIRONMENT = {
  KAFKA_BROKERS: 'sqlite:bus',
  KURRENTDB_URL: 'sqlite:events',
  DATABASE_URL: 'sqlite:rows',
  PAYMENT_GATEWAY: 'stripe',
  STRIPE_SECRET_KEY: STRIPE_KEY,
  STRIPE_CUSTOMERS_FILE: 'customers.json',
  STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  WEBHOOK_PORT: '8081',
};

test('settings show no secret, right or wrong', () => {
  const shown = describeSettings(PaymentsSettings, ENVIRONMENT).join('\n');
  expect(shown).toContain('STRIPE_SECRET_KEY=******');
  const wrong = { ...ENVIRONMENT, STRIPE_SECRET_KEY: `x${STRIPE_KEY}`, STRIPE_WEBHOOK_SECRET: `x${WEBHOOK_SECRET}` };
  const { faults = [] } = readSettings(PaymentsSettings, wrong);
  expect(faults).toHaveLength(2);
  for (const secret of SECRETS) expect(shown + faults.join('\n')).not.toContain(secret);
});

test.each<[string, Record<string, string>, RegExp[]]>([
  ['stripe', {}, []],
  [
    'stripe without its settings',
    { STRIPE_SECRET_KEY: '', STRIPE_CUSTOMERS_FILE: '' },
    [/^STRIPE_SECRET_KEY is not set/, /^STRIPE_CUSTOMERS_FILE is not set/],
  ],
  ['webhooks without their secret', { STRIPE_WEBHOOK_SECRET: '' }, [/^STRIPE_WEBHOOK_SECRET is not set/]],
  ['no webhooks, so no secret', { STRIPE_WEBHOOK_SECRET: '', WEBHOOK_PORT: '0' }, []],
  ['http without an address', { PAYMENT_GATEWAY: 'http' }, [/^PAYMENT_GATEWAY_URL is not set/]],
  ['http as before', { PAYMENT_GATEWAY: '', PAYMENT_GATEWAY_URL: 'http://gateway', STRIPE_SECRET_KEY: '' }, []],
  ['a gateway of another name', { PAYMENT_GATEWAY: 'paypal' }, [/^PAYMENT_GATEWAY holds paypal/]],
  ['an address with a path', { STRIPE_API_URL: 'http://simulator/v1' }, [/^STRIPE_API_URL holds/]],
])('settings: %s', (_, change, faults) => {
  const found = readSettings(PaymentsSettings, { ...ENVIRONMENT, ...change }).faults ?? [];
  expect(found).toEqual(faults.map((fault) => expect.stringMatching(fault)));
});
