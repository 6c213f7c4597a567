// The gateway simulator keeps its contract over real HTTP, as the payment worker's own client sees it.

import { mkdtempSync, appendFileSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { GatewayError, httpGateway, type PaymentOutcome, type PaymentRequest } from '@tollkeeper/payment-gateway';
import type { Behaviour } from './behaviours.js';
import { startSimulator, type Simulator, type SimulatorOptions } from './simulator.js';

const folder = mkdtempSync(join(tmpdir(), 'payment-simulator-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const running: Simulator[] = [];
afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.close();
});

async function started(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ port: 0, ...options });
  running.push(simulator);
  return simulator;
}

const { signal } = new AbortController();
const ACME: PaymentRequest = {
  idempotencyKey: 'acme:7/1',
  tenant: 'acme',
  rechargeId: 'acme:7',
  attempt: 1,
  amount: '50',
  currency: 'EUR',
  signal,
};

/** How a tenant's first payment ends, and then what the same key gives. */
async function firstAndSecond(behaviours: readonly Behaviour[]): Promise<readonly (PaymentOutcome | string)[]> {
  const simulator = await started();
  await put(`${simulator.url}/v1/behaviours/acme`, { behaviours });
  const gateway = httpGateway({ url: simulator.url, timeoutMs: 300 });
  const ask = (): Promise<PaymentOutcome | string> => gateway.charge(ACME).catch(codeOf);
  return [await ask(), await ask()];
}

function codeOf(error: unknown): string {
  if (error instanceof GatewayError) return error.code;
  throw error;
}

async function put(url: string, body: unknown): Promise<number> {
  const response = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
  return response.status;
}

async function post(url: string, key: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { 'idempotency-key': key, 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/payments`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const PAID = { kind: 'paid', paymentReference: 'pay-000001' };
const DECLINED = { kind: 'declined', code: 'card-declined', class: 'soft' };
const EXPIRED = { kind: 'declined', code: 'expired-card', class: 'hard' };

describe('behaviours: the first request of a payment, and the same one again', () => {
  test.each<[Behaviour, unknown, unknown]>([
    ['success', PAID, PAID],
    ['decline', DECLINED, DECLINED],
    ['insufficient-funds', { ...DECLINED, code: 'insufficient-funds' }, { ...DECLINED, code: 'insufficient-funds' }],
    ['expired-card', EXPIRED, EXPIRED],
    ['timeout-after-charging', 'no-answer', PAID],
    ['drop-reply', 'no-answer', PAID],
    ['processing-then-success', { kind: 'processing' }, PAID],
    ['processing-then-decline', { kind: 'processing' }, DECLINED],
  ])('%s', async (behaviour, first, second) => {
    expect(await firstAndSecond([behaviour])).toEqual([first, second]);
  });

  test.each<[Behaviour, string]>([
    ['drop-request', 'no-answer'],
    ['unavailable', 'unavailable'],
  ])('%s takes nothing, so the same key meets the next behaviour', async (behaviour, first) => {
    expect(await firstAndSecond([behaviour, 'success'])).toEqual([first, PAID]);
  });

  test('are taken one after the other by new payments, and the last one repeats', async () => {
    const simulator = await started({ behaviours: ['expired-card'] });
    await simulator.setBehaviours('acme', ['decline', 'success']);
    const gateway = httpGateway(simulator);
    for (const attempt of [1, 2, 3]) await gateway.charge({ ...ACME, attempt, idempotencyKey: `acme:7/${attempt}` });
    await gateway.charge({ ...ACME, tenant: 'other', idempotencyKey: 'other' });
    expect(simulator.payments().map(({ code, status }) => code ?? status)).toEqual([
      'card-declined',
      'paid',
      'paid',
      'expired-card',
    ]);
  });
});

describe('payments', () => {
  test('the same key with another body is refused and takes nothing', async () => {
    const { url, payments } = await started();
    const body = { tenant: 'acme', rechargeId: 'acme:7', attempt: 1, amount: '50', currency: 'EUR' };
    expect((await post(url, 'k', body)).status).toBe(200);
    expect(await post(url, 'k', { ...body, amount: '51' })).toMatchObject({
      status: 422,
      body: { code: 'key-has-other-content' },
    });
    expect(payments()).toEqual([{ key: 'k', ...body, status: 'paid', paymentReference: 'pay-000001' }]);
  });

  test.each([
    ['amount', '0'],
    ['amount', '0.00'],
    ['amount', 50],
    ['amount', '-1'],
    ['currency', 'euro'],
    ['attempt', 0],
    ['tenant', ''],
  ])('a body whose %s is %p is refused', async (field, value) => {
    const { url, payments } = await started();
    const body = { tenant: 'acme', rechargeId: 'acme:7', attempt: 1, amount: '50', currency: 'EUR', [field]: value };
    expect(await post(url, 'k', body)).toMatchObject({ status: 400, body: { code: 'body-invalid' } });
    expect(payments()).toEqual([]);
  });

  test('ten requests of one moment under one key are one payment', async () => {
    const simulator = await started({ file: join(folder, 'ten.ndjson') });
    const gateway = httpGateway(simulator);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => gateway.charge(ACME)));
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => PAID));
    expect(simulator.payments()).toHaveLength(1);
  });

  test('are listed and found, and a key that never came is unknown', async () => {
    const simulator = await started();
    const gateway = httpGateway(simulator);
    const idempotencyKey = 'Ünïcode tenant/9/1?#%';
    await gateway.charge({ ...ACME, idempotencyKey });
    expect(await gateway.lookUp({ ...ACME, idempotencyKey }, signal)).toEqual(PAID);
    expect(await gateway.lookUp({ ...ACME, idempotencyKey: 'acme:7/2' }, signal)).toBe('unknown-key');
    const listed = (await (await fetch(`${simulator.url}/v1/payments`)).json()) as unknown;
    expect(listed).toEqual({ payments: simulator.payments() });
  });

  test('a rule that is no behaviour is refused', async () => {
    const { url } = await started();
    expect(await put(`${url}/v1/behaviours/acme`, { behaviours: ['sucess'] })).toBe(400);
    expect(await put(`${url}/v1/behaviours/acme`, { behaviours: [] })).toBe(400);
    expect(await put(`${url}/v1/behaviours/acme`, { behaviours: ['expired-card'] })).toBe(200);
  });
});

describe('with a file', () => {
  test('payments and behaviours outlive the process, and a half-written line does not', async () => {
    const file = join(folder, 'restart.ndjson');
    const before = await startSimulator({ port: 0, file });
    await before.setBehaviours('acme', ['processing-then-success', 'unavailable', 'expired-card']);
    const asked = httpGateway(before);
    await asked.charge(ACME);
    await asked.charge({ ...ACME, idempotencyKey: 'acme:7/2' }).catch(codeOf);
    await before.close();
    appendFileSync(file, '{"kind":"payment","key":"torn');

    const after = await started({ file });
    expect(after.payments()).toMatchObject([{ key: 'acme:7/1', status: 'processing' }]);
    const gateway = httpGateway(after);
    expect(await gateway.charge(ACME)).toEqual(PAID);
    expect(await gateway.charge({ ...ACME, idempotencyKey: 'acme:7/2' })).toEqual(EXPIRED);
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(5);
  });
});
