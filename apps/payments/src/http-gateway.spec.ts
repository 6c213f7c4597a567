// The HTTP gateway's answers for a world that fails: each becomes the error that says whether to ask again.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { GatewayError, httpGateway, type PaymentRequest } from '@tollkeeper/payment-gateway';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function answering(status: number, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const { signal } = new AbortController();
const REQUEST: PaymentRequest = {
  idempotencyKey: 'acme:7/1',
  tenant: 'acme',
  rechargeId: 'acme:7',
  attempt: 1,
  amount: '50',
  currency: 'EUR',
  signal,
};

test.each([
  [200, '<html>', 'bad-answer', false],
  [200, '{"status":"paid"}', 'bad-answer', false],
  [200, '{"status":"declined","code":"Not A Code"}', 'bad-answer', false],
  [200, '{"status":"refunded"}', 'bad-answer', false],
  [401, '{}', 'bad-answer', false],
  [422, '{"code":"key-has-other-content"}', 'bad-answer', false],
  [409, '{}', 'unavailable', true],
  [429, '{}', 'unavailable', true],
  [503, '', 'unavailable', true],
])('an answer %i %s is %s', async (status, body, code, retryable) => {
  const gateway = httpGateway({ url: await answering(status, body) });
  await expect(gateway.charge(REQUEST)).rejects.toMatchObject({ code, retryable });
});

test('a code that is not on our list is passed on and may be tried again', async () => {
  const gateway = httpGateway({ url: await answering(200, '{"status":"declined","code":"issuer-on-strike"}') });
  expect(await gateway.charge(REQUEST)).toEqual({ kind: 'declined', code: 'issuer-on-strike', class: 'soft' });
});

test('a 404 of another server is no unknown key, because the payment would be made again', async () => {
  const gateway = httpGateway({ url: await answering(404, '{"message":"Cannot GET"}') });
  await expect(gateway.lookUp(REQUEST, signal)).rejects.toMatchObject({ code: 'bad-answer' });
});

test('a gateway that cannot be reached is unavailable', async () => {
  const url = await answering(200, '');
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  await expect(httpGateway({ url }).charge(REQUEST)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
});

test('a request that was given up has no answer', async () => {
  const gateway = httpGateway({ url: await answering(200, '{"status":"processing"}') });
  const charged = gateway.charge({ ...REQUEST, signal: AbortSignal.abort() });
  await expect(charged).rejects.toThrow(GatewayError);
  await expect(charged).rejects.toMatchObject({ code: 'no-answer' });
});
