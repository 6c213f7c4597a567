// The live balance over real HTTP: what a listener is told first, what it is told then, and that a resumed one misses nothing.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LedgerCommand } from '@tollkeeper/ledger';
import { waitFor } from '@tollkeeper/testing';
import { call, startApi, type TestApi } from './fixtures.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
  await call(api, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
  await call(api, 'PUT', '/v1/tenants/other', { currency: 'EUR' });
});
afterAll(() => api.close());

type Told = {
  readonly id: number;
  readonly event: string;
  readonly data: { readonly balance: string; readonly revision: number };
};
type Listener = { readonly told: Told[]; readonly ended: Promise<void>; stop(): void };

const purchases = new Map<string, number>();
const purchasesOf = (tenant: string): number => purchases.get(tenant) ?? 0;

async function buy(tenant = 'acme'): Promise<void> {
  purchases.set(tenant, purchasesOf(tenant) + 1);
  const origin = { kind: 'invoice', reference: 'I' } as const;
  const command: LedgerCommand = {
    kind: 'purchase-credit',
    nowMs: api.clock.nowMs,
    purchaseId: `p-${purchasesOf(tenant)}`,
    amountMicros: 1_000_000n,
    origin,
  };
  await api.execute(tenant, command);
}

async function listen(tenant: string, lastEventId?: number): Promise<Listener> {
  const stop = new AbortController();
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
  const response = await fetch(`${api.url}/v1/tenants/${tenant}/balance/live`, { headers, signal: stop.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const told: Told[] = [];
  const read = async (): Promise<void> => {
    let rest = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      const frames = (rest + Buffer.from(chunk).toString()).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const match = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(frame);
        if (match !== null) told.push({ id: Number(match[1]), event: match[2] ?? '', data: JSON.parse(match[3] ?? '') });
      }
    }
  };
  return { told, ended: read().catch(() => undefined), stop: () => stop.abort() };
}

const until = (listener: Listener, count: number): Promise<unknown> =>
  waitFor(() => listener.told.length >= count, { timeoutMs: 5_000, what: `${count} events of the live balance` });
const idsOf = ({ told }: Listener): readonly number[] => told.map(({ id }) => id);

test('a listener is told the balance as it is, then every change of its tenant', async () => {
  await buy();
  const listener = await listen('acme');
  await until(listener, 1);
  expect(listener.told[0]).toMatchObject({
    id: 1,
    event: 'balance',
    data: { balance: '1', revision: 1, cause: 'CreditPurchased.v1' },
  });
  await buy('other');
  await buy();
  await call(api, 'PUT', '/v1/tenants/acme/alert-threshold', { threshold: '1' });
  await buy();
  await until(listener, 3);
  expect(listener.told.map(({ id, data }) => [id, data.balance])).toEqual([
    [1, '1'],
    [2, '2'],
    [4, '3'],
  ]);
  listener.stop();
});

test('a listener that comes back misses nothing and hears nothing twice, while changes go on', async () => {
  const writer = { isOn: true };
  const writing = (async () => {
    while (writer.isOn) {
      await buy();
      await nextTurn();
    }
  })();
  const first = await listen('acme', 1);
  await until(first, 20);
  first.stop();
  await first.ended;
  const second = await listen('acme', idsOf(first).at(-1));
  await until(second, 20);
  writer.isOn = false;
  await writing;
  const third = await listen('acme', 0);
  await until(third, purchasesOf('acme'));
  await until(second, purchasesOf('acme') - 1 - first.told.length);
  const expected = [1, 2, ...Array.from({ length: purchasesOf('acme') - 2 }, (_, n) => n + 4)];
  expect(idsOf(third)).toEqual(expected);
  expect([1, ...idsOf(first), ...idsOf(second)]).toEqual(expected);
  second.stop();
  third.stop();
});

test('what cannot be listened to is a problem', async () => {
  const get = (tenant: string, id?: string) =>
    call(api, 'GET', `/v1/tenants/${tenant}/balance/live`, undefined, id === undefined ? {} : { 'last-event-id': id });
  expect((await get('nobody')).body.code).toBe('account-not-open');
  expect(await get('acme', 'x')).toMatchObject({ status: 400, body: { code: 'parameter-invalid' } });
  expect(await get('acme', '99999')).toMatchObject({ status: 409, body: { code: 'revision-ahead' } });
});

test('a stop of the service ends every listener', async () => {
  const own = await startApi();
  await call(own, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
  const response = await fetch(`${own.url}/v1/tenants/acme/balance/live`);
  const ended = response.text();
  const before = performance.now();
  await own.close();
  expect(await ended).toContain('event: balance');
  expect(performance.now() - before).toBeLessThan(4_000);
});
