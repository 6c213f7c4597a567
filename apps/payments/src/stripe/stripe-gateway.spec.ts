// The Stripe gateway beyond the contract: what is sent, what each kind of answer means, and which payments are looked through.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { GatewayError, type PaymentGateway, type PaymentRequest, stripeGateway, traceOf } from '@tollkeeper/payment-gateway';
import { GATEWAYS, STRIPE_KEY } from '../fixtures.js';
import { startSimulator, type Simulator } from '../simulator/simulator.js';

const { signal } = new AbortController();
const ACME: PaymentRequest = {
  ...traceOf({ tenant: 'acme', rechargeId: 'acme:7', attempt: 1 }),
  amount: '12.5',
  currency: 'EUR',
  signal,
};
const METADATA = { tenant: 'acme', rechargeId: 'acme:7', attempt: '1' };
const INTENT = { id: 'pi_1', object: 'payment_intent', status: 'succeeded', metadata: METADATA, last_payment_error: null };

type Asked = { readonly route: string; readonly headers: IncomingMessage['headers']; readonly form: Record<string, string> };
type Answer = readonly [status: number, body: unknown];

const servers: Server[] = [];
const simulators: Simulator[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  for (const simulator of simulators.splice(0)) await simulator.close();
});

/** Answers whatever comes, and keeps what came. A string goes out as it is. */
async function answering(answer: Answer | ((route: string) => Answer)): Promise<{ gateway: PaymentGateway; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const route = `${request.method} ${request.url}`;
      asked.push({ route, headers: request.headers, form: Object.fromEntries(new URLSearchParams(text)) });
      const [status, body] = route.includes('/v1/customers/')
        ? ([200, { id: 'cus_acme', invoice_settings: { default_payment_method: 'pm_card' } }] as const)
        : typeof answer === 'function'
          ? answer(route)
          : answer;
      response.writeHead(status, { 'request-id': 'req_1' }).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { gateway: GATEWAYS.stripe(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 2_000), asked };
}

async function simulated(...behaviours: Parameters<Simulator['setBehaviours']>[1]): Promise<[PaymentGateway, Simulator]> {
  const simulator = await startSimulator({ port: 0, behaviours });
  simulators.push(simulator);
  return [GATEWAYS.stripe(simulator.url), simulator];
}

describe('a charge', () => {
  test('is one confirmed off-session PaymentIntent under our key', async () => {
    const { gateway, asked } = await answering([200, INTENT]);
    expect(await gateway.charge(ACME)).toEqual({ kind: 'paid', paymentReference: 'pi_1' });
    expect(asked.map(({ route }) => route)).toEqual(['GET /v1/customers/cus_acme', 'POST /v1/payment_intents']);
    expect(asked[1]?.headers).toMatchObject({ authorization: `Bearer ${STRIPE_KEY}`, 'idempotency-key': 'acme:7/1' });
    expect(asked[1]?.form).toEqual({
      amount: '1250',
      currency: 'eur',
      customer: 'cus_acme',
      payment_method: 'pm_card',
      confirm: 'true',
      off_session: 'true',
      'automatic_payment_methods[enabled]': 'true',
      'automatic_payment_methods[allow_redirects]': 'never',
      'metadata[tenant]': 'acme',
      'metadata[rechargeId]': 'acme:7',
      'metadata[attempt]': '1',
    });
  });

  test('by a payment method of the tenant does not ask for the default one', async () => {
    const simulator = await startSimulator({ port: 0 });
    simulators.push(simulator);
    const customers = async (): Promise<{ customer: string; paymentMethod: string }> => ({
      customer: 'cus_nocard',
      paymentMethod: 'pm_1',
    });
    const gateway = stripeGateway({ apiUrl: simulator.url, secretKey: STRIPE_KEY, timeoutMs: 500, customers });
    expect(await gateway.charge(ACME)).toMatchObject({ kind: 'paid' });
  });

  test.each([
    ['a tenant without a customer', { tenant: 'stranger' }, 'payment-method-missing'],
    ['a customer without a card', { tenant: 'cashier' }, 'payment-method-missing'],
    ['an amount that Stripe cannot take', { amount: '5.124', currency: 'KWD' }, 'currency-not-supported'],
  ])('of %s is declined for good, and no payment is made', async (_, change, code) => {
    const [gateway, simulator] = await simulated('success');
    expect(await gateway.charge({ ...ACME, ...change })).toEqual({ kind: 'declined', code, class: 'hard' });
    expect(simulator.payments()).toEqual([]);
  });

  test('is not decided by a customers file that cannot be read', async () => {
    const customers = async (): Promise<never> => {
      throw new Error('customers.json is no JSON');
    };
    const gateway = stripeGateway({ apiUrl: 'http://127.0.0.1:1', secretKey: STRIPE_KEY, timeoutMs: 500, customers });
    await expect(gateway.charge(ACME)).rejects.toMatchObject({
      code: 'bad-answer',
      message: expect.stringMatching(/CUSTOMERS_FILE/),
    });
    await expect(gateway.lookUp(ACME, signal)).rejects.toThrow(GatewayError);
  });

  test('with a key of more than 255 characters goes under a hash of it', async () => {
    const { gateway, asked } = await answering([200, INTENT]);
    await gateway.charge({ ...ACME, idempotencyKey: `acme:${'x'.repeat(260)}/1` });
    expect(asked[1]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{64}$/);
  });
});

const stripeError = (type: string, code?: string): unknown => ({ error: { type, code, message: `It is ${type}.` } });

describe('an answer', () => {
  test.each<[number, unknown, string, boolean]>([
    [400, stripeError('invalid_request_error', 'parameter_invalid_integer'), 'bad-answer', false],
    [400, stripeError('idempotency_error'), 'bad-answer', false],
    [401, stripeError('invalid_request_error'), 'bad-answer', false],
    [402, stripeError('invalid_request_error'), 'bad-answer', false],
    [403, stripeError('invalid_request_error'), 'bad-answer', false],
    [404, stripeError('invalid_request_error', 'resource_missing'), 'bad-answer', false],
    [409, stripeError('idempotency_error', 'idempotency_key_in_use'), 'unavailable', true],
    [429, stripeError('invalid_request_error', 'rate_limit'), 'unavailable', true],
    [500, stripeError('api_error'), 'unavailable', true],
    [502, '<html>Bad gateway</html>', 'unavailable', true],
    [503, '', 'unavailable', true],
    [200, '<html>', 'bad-answer', false],
    [200, 'null', 'bad-answer', false],
    [200, {}, 'bad-answer', false],
    [200, { error: 'invalid_grant' }, 'bad-answer', false],
    [200, { ...INTENT, id: 'pay 1' }, 'bad-answer', false],
    [200, { ...INTENT, status: 'requires_capture' }, 'bad-answer', false],
    [200, { ...INTENT, status: 'of tomorrow' }, 'bad-answer', false],
  ])('%i %j is no outcome', async (status, body, code, retryable) => {
    const { gateway, asked } = await answering([status, body]);
    await expect(gateway.charge(ACME)).rejects.toMatchObject({ code, retryable, name: 'GatewayError' });
    // The SDK may not ask twice: the payment process does.
    expect(asked).toHaveLength(2);
  });

  test.each<[string, unknown]>([
    ['requires_action', { kind: 'declined', code: 'authentication-required', class: 'authentication' }],
    ['requires_confirmation', { kind: 'declined', code: 'authentication-required', class: 'authentication' }],
    ['requires_payment_method', { kind: 'declined', code: 'card-declined', class: 'soft' }],
    ['canceled', { kind: 'declined', code: 'payment-cancelled', class: 'hard' }],
    ['processing', { kind: 'processing' }],
  ])('with a payment that %s', async (status, outcome) => {
    const { gateway } = await answering([200, { ...INTENT, status }]);
    expect(await gateway.charge(ACME)).toEqual(outcome);
  });

  test('with what no list of payments holds is no unknown key', async () => {
    for (const body of [{}, { data: [null], has_more: false }, { data: [{ ...INTENT, metadata: null }], has_more: false }]) {
      const { gateway } = await answering([200, body]);
      await expect(gateway.lookUp(ACME, signal)).rejects.toMatchObject({ code: 'bad-answer' });
    }
  });
});

describe('looking up', () => {
  test('goes through every page', async () => {
    const [gateway] = await simulated('success');
    for (let attempt = 1; attempt <= 201; attempt += 1) await gateway.charge({ ...ACME, ...traceOf({ ...ACME, attempt }) });
    expect(await gateway.lookUp(ACME, signal)).toEqual({ kind: 'paid', paymentReference: 'pi_000001' });
    expect(await gateway.lookUp(traceOf({ ...ACME, attempt: 202 }), signal)).toBe('unknown-key');
  });

  test('ends somewhere, and then nothing is certain', async () => {
    const other = { ...INTENT, metadata: {} };
    const { gateway, asked } = await answering([200, { data: [other], has_more: true }]);
    await expect(gateway.lookUp(ACME, signal)).rejects.toMatchObject({ code: 'bad-answer' });
    expect(asked).toHaveLength(200);
  });

  test.each([
    ['tenant', 'other'],
    ['rechargeId', 'acme:70'],
    ['attempt', '10'],
  ])('takes no payment of another %s', async (field, value) => {
    const other = { ...INTENT, metadata: { ...METADATA, [field]: value } };
    const { gateway } = await answering([200, { data: [other], has_more: false }]);
    expect(await gateway.lookUp(ACME, signal)).toBe('unknown-key');
  });

  test('a tenant without a customer has no payments', async () => {
    const [gateway] = await simulated('success');
    expect(await gateway.lookUp({ ...ACME, tenant: 'stranger' }, signal)).toBe('unknown-key');
  });
});

describe('giving up', () => {
  test('ends a declined payment, so that nobody can pay it any more', async () => {
    const [gateway, simulator] = await simulated('authentication-required');
    await gateway.charge(ACME);
    const declined = { kind: 'declined', code: 'authentication-required', class: 'authentication' };
    expect(await gateway.giveUp?.(ACME, signal)).toEqual(declined);
    expect(await simulator.authenticate('acme:7/1')).toBe(false);
    expect(await gateway.giveUp?.(ACME, signal)).toEqual(declined);
    expect(await gateway.lookUp(ACME, signal)).toEqual(declined);
  });

  test('tells of a payment that was made, and of one that never was', async () => {
    const [gateway] = await simulated('success');
    expect(await gateway.giveUp?.(ACME, signal)).toBe('unknown-key');
    await gateway.charge(ACME);
    expect(await gateway.giveUp?.(ACME, signal)).toMatchObject({ kind: 'paid' });
  });

  test('of what a person pays at this very moment is not certain', async () => {
    const declined = { ...INTENT, status: 'requires_payment_method' };
    const { gateway } = await answering((route) =>
      route.startsWith('GET')
        ? [200, { data: [declined], has_more: false }]
        : [
            400,
            { error: { type: 'invalid_request_error', code: 'payment_intent_unexpected_state', message: 'It has succeeded.' } },
          ],
    );
    await expect(gateway.giveUp?.(ACME, signal)).rejects.toMatchObject({ code: 'bad-answer' });
  });
});

test('a live key is not sent over plain HTTP', () => {
  const options = { secretKey: 'sk_live_0123456789', timeoutMs: 500, customers: async () => undefined };
  expect(() => stripeGateway({ ...options, apiUrl: 'http://127.0.0.1:8080' })).toThrow('STRIPE_API_URL must be https://');
  expect(() => stripeGateway(options)).not.toThrow();
});

test('a wrong key is a bad answer', async () => {
  const simulator = await startSimulator({ port: 0, stripeKey: 'sk_test_another' });
  simulators.push(simulator);
  const charged = GATEWAYS.stripe(simulator.url).charge(ACME);
  await expect(charged).rejects.toMatchObject({ code: 'bad-answer', message: expect.stringMatching(/STRIPE_SECRET_KEY/) });
});
