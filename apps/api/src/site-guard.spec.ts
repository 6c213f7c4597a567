// Who may ask, over raw HTTP: pages of other sites and names that are not the server's are refused; programs notice nothing.

import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, startApi, type TestApi } from './fixtures.js';

let api: TestApi;
let port: string;
beforeAll(async () => {
  api = await startApi();
  ({ port } = new URL(api.url));
  await call(api, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
});
afterAll(() => api.close());

type Told = { readonly status: number | undefined; readonly code: unknown };

function ask(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asked = request(api.url, { method, path, headers }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      const isProblem = response.headers['content-type']?.startsWith('application/problem+json');
      resolve({ status: response.statusCode, code: isProblem ? (JSON.parse(text) as { code: unknown }).code : undefined });
    });
    asked.on('error', reject).end(body);
  });
}

const open = (headers: Record<string, string>): Promise<Told> =>
  ask('PUT', '/v1/tenants/acme', headers, JSON.stringify({ currency: 'EUR' }));

describe('what changes something', () => {
  test.each<[string, (port: string) => Record<string, string>]>([
    ['a page of another site', () => ({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' })],
    [
      'a page of another port',
      (own) => ({ 'sec-fetch-site': 'same-site', origin: 'http://localhost:1', host: `localhost:${own}` }),
    ],
    ['a browser that names the origin alone', () => ({ origin: 'https://evil.example' })],
    ['a page without an origin', () => ({ origin: 'null' })],
    ['another port, by the origin alone', () => ({ origin: 'http://127.0.0.1:1' })],
  ])('is refused to %s', async (_who, headers) => {
    expect(await open(headers(port))).toEqual({ status: 403, code: 'cross-site-request' });
    const csv = { ...headers(port), 'content-type': 'text/plain' };
    const deck = await ask('POST', '/v1/decks?currency=EUR&author=eve', csv, 'prefix,rate\n33,0.01\n');
    expect(deck).toEqual({ status: 403, code: 'cross-site-request' });
  });

  test.each<[string, (port: string) => Record<string, string>]>([
    ['a program', () => ({})],
    ['the console', (own) => ({ 'sec-fetch-site': 'same-origin', origin: `http://127.0.0.1:${own}` })],
    ['the console in a browser that names the origin alone', (own) => ({ origin: `http://127.0.0.1:${own}` })],
    ['the console behind a proxy that names us', () => ({ 'sec-fetch-site': 'same-origin', origin: 'https://tolls.example' })],
    ['a person who typed the address', () => ({ 'sec-fetch-site': 'none' })],
  ])('is open to %s', async (_who, headers) => {
    expect((await open(headers(port))).status).toBe(200);
  });
});

test('a link from another site leads to the console, and nothing that it asks for changes anything', async () => {
  for (const method of ['GET', 'HEAD'])
    expect((await ask(method, '/v1/operations', { 'sec-fetch-site': 'cross-site' })).status).toBe(200);
});

describe('on a loopback address', () => {
  test.each(['evil.example', 'evil.example:80', 'localhost.evil.example', '127.0.0.1.evil.example', 'a b'])(
    'nobody is answered who asks for %j',
    async (host) => {
      for (const path of ['/v1/operations', '/console/', '/nothing']) {
        expect(await ask('GET', path, { host })).toEqual({ status: 421, code: 'host-unknown' });
      }
    },
  );

  test.each([
    'localhost',
    'LOCALHOST:3000',
    'localhost.',
    'toll.localhost',
    '127.0.0.1',
    '127.0.0.2:9',
    '[::1]:3000',
    '192.168.1.2',
  ])('it answers to %s', async (host) => {
    expect((await ask('GET', '/livez', { host })).status).toBe(200);
  });

  test('a program of HTTP/1.0 names none', async () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.end('GET /livez HTTP/1.0\r\n\r\n');
    expect(Buffer.concat(await socket.toArray()).toString()).toMatch(/^HTTP\/1\.[01] 200/);
  });
});
