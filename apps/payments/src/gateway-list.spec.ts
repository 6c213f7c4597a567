// What a gateway tells of its own books: the same list over HTTP, over Stripe's API and out of the simulator's file.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  httpGateway,
  simulatorJournal,
  stripePayments,
  traceOf,
  type ListedPayment,
  type PaymentList,
} from '@tollkeeper/payment-gateway';
import { GATEWAYS, STRIPE_KEY } from './fixtures.js';
import type { Behaviour } from './simulator/behaviours.js';
import { startSimulator, type Simulator } from './simulator/simulator.js';

const { signal } = new AbortController();
const BEHAVIOURS: readonly Behaviour[] = ['success', 'processing-then-success', 'expired-card', 'authentication-required'];
/** More than a page of Stripe's and of the simulator's. */
const PAYMENTS = 503;
let folder: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-list-'));
  simulator = await startSimulator({ port: 0, file: join(folder, 'payments.ndjson'), stripeKey: STRIPE_KEY });
});
afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

describe.each(['http', 'stripe'] as const)('asked over %s', (by) => {
  const lists = (): Readonly<Record<string, PaymentList>> => {
    const { url } = simulator;
    const over = by === 'http' ? httpGateway({ url }) : stripePayments({ apiUrl: url, secretKey: STRIPE_KEY, timeoutMs: 10_000 });
    return { over, file: simulatorJournal(join(folder, 'payments.ndjson')) };
  };
  const charge = (rechargeId: string) =>
    GATEWAYS[by](simulator.url).charge({
      ...traceOf({ tenant: 'acme', rechargeId, attempt: 1 }),
      amount: '12.5',
      currency: 'EUR',
      signal,
    });

  test('paid, declined and processing ones, with reference and time, and the file says the same', async () => {
    const fromMs = Math.floor(Date.now() / 1000) * 1000;
    await simulator.setBehaviours('acme', BEHAVIOURS);
    for (const at of BEHAVIOURS.keys()) await charge(`acme:${at}`);
    expect(await simulator.authenticate('acme:3/1')).toBe(true);
    const { over, file } = lists();
    const listed = await all(file!);
    expect(listed.map(({ status, reference }) => [status, reference])).toEqual([
      ['paid', expect.stringMatching(/000001$/)],
      ['processing', null],
      ['declined', null],
      ['paid', expect.stringMatching(/000004$/)],
    ]);
    expect(listed[0]).toMatchObject({ tenant: 'acme', rechargeId: 'acme:0', attempt: 1, amount: '12.5', currency: 'EUR' });
    // Stripe's API settles what is processing when it is asked, and its times are whole seconds.
    const settled = listed.map((payment) =>
      by === 'stripe' && payment.status === 'processing' ? { ...payment, status: 'paid' } : payment,
    );
    const plain = (payment: ListedPayment): ListedPayment => ({ ...payment, createdAt: null, reference: null });
    const told = await all(over!);
    expect(told.map(plain)).toEqual((settled as ListedPayment[]).map(plain));
    for (const { createdAt } of [...told, ...listed]) expect(Date.parse(createdAt ?? '')).toBeGreaterThanOrEqual(fromMs);
  });

  test('page after page, none twice and none left out', async () => {
    const gateway = GATEWAYS[by](simulator.url);
    const wanted = Array.from({ length: by === 'http' ? PAYMENTS : 103 }, (_, at) => `acme:${at}`);
    for (const rechargeId of wanted) {
      const trace = traceOf({ tenant: 'acme', rechargeId, attempt: 1 });
      await gateway.charge({ ...trace, amount: '1', currency: 'EUR', signal });
    }
    for (const list of Object.values(lists())) expect((await all(list)).map(({ rechargeId }) => rechargeId)).toEqual(wanted);
  });
});

describe('a list over HTTP that is none', () => {
  let server: Server;
  afterEach(() => new Promise((resolve) => server.close(resolve)));
  const answering = async (status: number, body: object): Promise<PaymentList> => {
    server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return httpGateway({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  };

  test.each([
    [404, { code: 'no-such-route' }, 'bad-answer'],
    [200, { payments: [{ tenant: 'acme' }] }, 'bad-answer'],
    [503, {}, 'unavailable'],
  ])('%s %j is %s', async (status, body, code) => {
    await expect(all(await answering(status, body))).rejects.toMatchObject({ code });
  });

  test('a cursor that leads to itself does not list for ever', async () => {
    await expect(all(await answering(200, { payments: [], next: 'x' }))).rejects.toMatchObject({ code: 'bad-answer' });
  });
});

/** In the order of their making. */
async function all(list: PaymentList): Promise<readonly ListedPayment[]> {
  const payments: ListedPayment[] = [];
  for await (const page of list.list(signal)) payments.push(...page);
  const numberOf = ({ rechargeId }: ListedPayment): number => Number(rechargeId.slice('acme:'.length));
  return payments.toSorted((left, right) => numberOf(left) - numberOf(right));
}
