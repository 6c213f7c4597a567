// Webhooks over real HTTP: what the simulator sends, what a stranger sends, and what becomes of the recharge.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { availablePort } from '@tollkeeper/testing';
import { ACME, NOON_MS, World } from './fixtures.js';
import type { Behaviour } from './simulator/behaviours.js';
import { signatureOf } from './simulator/webhooks.js';
import { stripeNews } from './stripe/webhook-event.js';
import { serveWebhooks, WEBHOOK_PATH, type WebhookServer } from './webhook-server.js';

const SECRET = 'whsec_0123456789abcdef';
const CREDITED = ['RechargeSucceeded.v1', 'CreditPurchased.v1'];

let world: World;
let server: WebhookServer;
let url: string;
let seen: string[];

async function begin(behaviours: readonly Behaviour[], nowMs: () => number = Date.now): Promise<ReturnType<World['program']>> {
  const port = await availablePort();
  url = `http://127.0.0.1:${port}${WEBHOOK_PATH}`;
  world = await World.begin(behaviours, { by: 'stripe', webhook: { url, secret: SECRET } });
  const program = world.program();
  seen = [];
  server = await serveWebhooks({
    port,
    host: '127.0.0.1',
    read: stripeNews(SECRET, nowMs),
    settle: (key) => program.process.settleLate(key),
    watch: {
      onWebhook: (result, { progress, reason }) => void seen.push([result, progress ?? reason].filter(Boolean).join(': ')),
      onFailed: (_, error) => void world.errors.push(error),
    },
  });
  return program;
}

afterEach(async () => {
  await server.close();
  await world.end();
  expect(world.errors).toEqual([]);
});

const eventOf = (type: string, metadata: object = ACME): string =>
  JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object: { id: 'pi_1', object: 'payment_intent', metadata } } });

async function post(body: string | Buffer, signature: string, target = url): Promise<number> {
  const headers = { 'stripe-signature': signature };
  const response = await fetch(target, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) });
  await response.text();
  return response.status;
}
const signed = (body: string, nowMs = Date.now()): Promise<number> => post(body, signatureOf(body, SECRET, nowMs));

describe('what the gateway sends', () => {
  test('of a payment that was processing settles it without a sweep', async () => {
    const { process } = await begin(['processing-then-success']);
    expect(await process.work(ACME)).toBe('processing');
    await world.simulator.webhooksSent();
    expect(seen).toEqual(['settled: paid']);
    expect(await world.types()).toEqual(['PaymentAttempted.v1', ...CREDITED]);
  });

  test('of a processing payment that is declined fails the recharge', async () => {
    const { process } = await begin(['processing-then-decline']);
    await process.work(ACME);
    await world.simulator.webhooksSent();
    expect(seen).toEqual(['settled: declined']);
    expect(await world.types()).toEqual(['PaymentAttempted.v1', 'RechargeFailed.v1']);
  });

  test('of an authenticated payment credits it', async () => {
    const { process } = await begin(['authentication-required']);
    expect(await process.work(ACME)).toBe('declined');
    await world.simulator.webhooksSent();
    const page = `${world.simulator.url}/v1/authentications/${encodeURIComponent('acme:1/1')}`;
    expect(await (await fetch(page)).text()).toContain('Pay 50 EUR');
    expect((await fetch(page, { method: 'POST' })).status).toBe(200);
    expect((await fetch(page, { method: 'POST' })).status).toBe(409);
    await world.simulator.webhooksSent();
    expect(seen).toEqual(['settled: declined', 'settled: paid']);
    expect(await world.types()).toEqual(['PaymentAttempted.v1', 'PaymentDeclined.v1', ...CREDITED]);
    expect((await world.events()).at(-1)?.data).toMatchObject({ amount: '50', balance: '50' });
  });

  test('of a payment whose answer was lost credits it, and the work goes on to find it so', async () => {
    const { process } = await begin(['drop-reply']);
    expect(['paid', 'settled-elsewhere']).toContain(await process.work(ACME));
    await world.simulator.webhooksSent();
    expect(await world.types()).toEqual(['PaymentAttempted.v1', ...CREDITED]);
    expect(world.simulator.payments()).toHaveLength(1);
  });

  test('is sent again while it is not taken', async () => {
    const { process } = await begin(['success']);
    const port = server.port;
    await server.close();
    await process.work(ACME);
    server = await serveWebhooks({
      port,
      host: '127.0.0.1',
      read: stripeNews(SECRET),
      settle: (key) => process.settleLate(key),
      watch: { onWebhook: (result) => void seen.push(result), onFailed: () => undefined },
    });
    await world.simulator.webhooksSent();
    expect(seen).toEqual(['settled']);
  });
});

describe('a webhook', () => {
  test('that comes again changes nothing', async () => {
    const { process } = await begin(['success']);
    await process.work(ACME);
    await world.simulator.webhooksSent();
    const body = eventOf('payment_intent.succeeded');
    expect(await Promise.all([signed(body), signed(body), signed(body)])).toEqual([200, 200, 200]);
    expect(await world.types()).toEqual(['PaymentAttempted.v1', ...CREDITED]);
    expect(world.secondPayments).toEqual([]);
  });

  test('is not believed: the gateway knows nothing of a payment, so it has to come again', async () => {
    await begin(['success']);
    await world.ledger('acme', { kind: 'attempt-payment', nowMs: NOON_MS, rechargeId: 'acme:1' });
    expect(await signed(eventOf('payment_intent.succeeded'))).toBe(503);
    expect(seen).toEqual(['not-settled: declined']);
    expect(await world.types()).toEqual(['PaymentAttempted.v1']);
    expect(world.simulator.payments()).toEqual([]);
  });

  test('that says "failed" is not believed either', async () => {
    const { process } = await begin(['success']);
    await process.work(ACME);
    expect(await signed(eventOf('payment_intent.payment_failed'))).toBe(200);
    expect(await world.types()).toEqual(['PaymentAttempted.v1', ...CREDITED]);
  });

  test('has to come again when the gateway does not say', async () => {
    const { process } = await begin(['authentication-required']);
    await process.work(ACME);
    await world.simulator.close();
    expect(await signed(eventOf('payment_intent.succeeded'))).toBe(503);
    expect(seen.at(-1)).toBe('not-settled: outcome-unknown');
  });

  test('has to come again when the stream cannot be read', async () => {
    await begin(['success']);
    const junk = { id: crypto.randomUUID(), type: 'Nonsense.v1', data: {}, metadata: {} };
    await world.store.append('credit-broken', -1, [junk]);
    expect(await signed(eventOf('payment_intent.succeeded', { tenant: 'broken', rechargeId: 'broken:1' }))).toBe(503);
    expect(seen).toEqual(['failed']);
    expect(String(world.errors.splice(0)[0])).toMatch(/^StreamUnreadable/);
  });

  test.each([
    ['of another kind', eventOf('invoice.paid'), 'ignored: nothing is done at invoice.paid'],
    ['of a payment that is not ours', eventOf('payment_intent.succeeded', {}), 'ignored: the payment names no recharge'],
    ['whose shape is odd', '{"type":"payment_intent.succeeded","data":null}', 'ignored: the payment names no recharge'],
    [
      'of a recharge that nobody knows',
      eventOf('payment_intent.succeeded', { tenant: 'x', rechargeId: 'x:1' }),
      'unknown-recharge: recharge-unknown',
    ],
  ])('%s is taken and left alone', async (_, body, result) => {
    await begin(['success']);
    expect(await signed(body)).toBe(200);
    expect(seen).toEqual([result]);
  });
});

describe('a stranger', () => {
  beforeEach(() => begin(['success']));
  const body = eventOf('payment_intent.succeeded');

  test.each<[string, () => Promise<number>]>([
    ['without a signature', () => post(body, '')],
    ['with a signature of nonsense', () => post(body, 'nonsense')],
    ['with another secret', () => post(body, signatureOf(body, 'whsec_another', Date.now()))],
    ['with a changed body', () => post(body.replace('acme:1', 'acme:2'), signatureOf(body, SECRET, Date.now()))],
    [
      'with a changed time',
      () => post(body, signatureOf(body, SECRET, Date.now() - 400_000).replace(/t=\d+/, `t=${Math.floor(Date.now() / 1000)}`)),
    ],
    ['with another scheme', () => post(body, signatureOf(body, SECRET, Date.now()).replace('v1=', 'v0='))],
    ['with a captured webhook, six minutes later', () => signed(body, Date.now() - 360_000)],
    ['with no JSON, unsigned', () => post('{"type"', 't=1,v1=0')],
  ])('%s is turned away', async (_, send) => {
    expect(await send()).toBe(400);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatch(/^forged: /);
    expect(world.answers).toEqual([]);
  });

  test('with too much to say is not listened to', async () => {
    const long = 'x'.repeat(300_000);
    expect(await post(long, signatureOf(long, SECRET, Date.now()))).toBe(413);
    expect(seen).toEqual([]);
  });

  test('with too much to say and no length is not listened to either', async () => {
    const chunks = ReadableStream.from(Array.from({ length: 40 }, () => new Uint8Array(10_000)));
    const response = await fetch(url, { method: 'POST', body: chunks, duplex: 'half' }).catch(() => undefined);
    expect([413, undefined]).toContain(response?.status);
    expect(seen).toEqual([]);
  });

  test('elsewhere finds nothing', async () => {
    expect(await post(body, '', new URL('/', url).href)).toBe(404);
    expect((await fetch(url)).status).toBe(405);
  });
});

test('four minutes of age are no harm', async () => {
  const { process } = await begin(['success'], () => NOON_MS);
  await process.work(ACME);
  const body = eventOf('payment_intent.succeeded');
  expect(await signed(body, NOON_MS - 240_000)).toBe(200);
  expect(await signed(body, NOON_MS - 301_000)).toBe(400);
  await world.simulator.close();
});
