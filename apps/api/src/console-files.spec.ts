// The console's files over real HTTP: what is cached, compressed and forbidden, and what answers where there is no file.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, startApi, type TestApi } from './fixtures.js';

const SCRIPT = `console.log(${JSON.stringify('tollkeeper '.repeat(500))});\n`;

const SECRET = 'what stands above the folder';

let above: string;
let folder: string;
let api: TestApi;
beforeAll(async () => {
  above = mkdtempSync(join(tmpdir(), 'tollkeeper-console-'));
  writeFileSync(join(above, 'secret.txt'), SECRET);
  folder = join(above, 'dist');
  mkdirSync(folder);
  mkdirSync(join(folder, 'assets'));
  mkdirSync(join(folder, '.vite'));
  writeFileSync(join(folder, '.vite', 'manifest.json'), '{}');
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Tollkeeper</title>');
  writeFileSync(join(folder, 'assets', 'index-C9ZMRxaG.js'), SCRIPT);
  api = await startApi({ consoleFolder: folder });
});
afterAll(async () => {
  await api.close();
  rmSync(above, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}) => call(api, 'GET', path, undefined, headers);

type Raw = { readonly status: number | undefined; readonly encoding: string | undefined; readonly body: Buffer };

/** As it comes, and as it is written: fetch would decompress it, ask for what has not changed, and go up the path by itself. */
function raw(path: string, headers: Record<string, string>): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const asked = request(api.url, { path, headers }, async (response) => {
      const body = Buffer.concat(await response.toArray());
      resolve({ status: response.statusCode, encoding: response.headers['content-encoding'], body });
    });
    asked.on('error', reject).end();
  });
}

describe('the page', () => {
  test.each(['/console/', '/console/index.html', '/console/acme/overview', '/console/acme/calls?search=%2B33'])(
    'answers %s and is asked for each time',
    async (path) => {
      const page = await get(path);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.body).toContain('<title>Tollkeeper</title>');
      expect(page.headers.get('cache-control')).toBe('no-cache');
    },
  );

  test('may load from here only, and stand in no frame', async () => {
    for (const path of ['/console/', '/console/acme/overview', '/console/assets/index-C9ZMRxaG.js']) {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'self'; script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect([headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual(['nosniff', 'no-referrer']);
    }
    expect((await get('/livez')).headers.get('content-security-policy')).toBeNull();
  });

  test('is where browsers are led to', async () => {
    const browser = await fetch(api.url, {
      redirect: 'manual',
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    expect([browser.status, browser.headers.get('location'), browser.headers.get('vary')]).toEqual([302, '/console/', 'accept']);
    const program = await get('/', { accept: '*/*' });
    expect([program.status, program.body]).toEqual([200, expect.stringContaining('/v1/cdrs')]);
    expect((await fetch(`${api.url}/console`)).url).toBe(`${api.url}/console/`);
  });
});

describe('its files', () => {
  test('whose names carry a hash are kept for ever', async () => {
    const script = await get('/console/assets/index-C9ZMRxaG.js');
    expect([script.body, script.headers.get('cache-control')]).toEqual([SCRIPT, 'public, max-age=31536000, immutable']);
    expect(script.headers.get('content-type')).toMatch(/^(text|application)\/javascript/);
  });

  test('are compressed as the browser takes it', async () => {
    const path = '/console/assets/index-C9ZMRxaG.js';
    const brotli = await raw(path, { 'accept-encoding': 'gzip, deflate, br' });
    expect([brotli.encoding, brotliDecompressSync(brotli.body).toString()]).toEqual(['br', SCRIPT]);
    const gzip = await raw(path, { 'accept-encoding': 'gzip' });
    expect([gzip.encoding, gunzipSync(gzip.body).toString()]).toEqual(['gzip', SCRIPT]);
    const plain = await raw(path, { 'accept-encoding': 'identity' });
    expect([plain.encoding, plain.body.toString()]).toEqual([undefined, SCRIPT]);
    const page = await get(path, { 'accept-encoding': 'br' });
    expect(page.headers.get('vary')).toBe('accept-encoding');
  });

  test('of another version are gone, and no page stands in for them', async () => {
    for (const [method, path] of [
      ['GET', '/console/assets/index-00000000.js'],
      ['POST', '/console/acme/overview'],
    ] as const) {
      const answer = await call(api, method, path);
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'not-found']);
    }
    expect((await get('/console/.vite/manifest.json')).body).toContain('<title>');
  });

  test.each([
    '/console/../secret.txt',
    '/console/assets/../../secret.txt',
    '/console/%2e%2e/secret.txt',
    '/console/%2e%2e%2fsecret.txt',
    '/console/..%2fsecret.txt',
    '/console/..%5csecret.txt',
    '/console/assets/..%2f..%2fsecret.txt',
    '/console//../secret.txt',
    '/console/%252e%252e/secret.txt',
  ])('are those of its folder: %s is not read', async (path) => {
    const { status, body } = await raw(path, {});
    expect(body.toString()).not.toContain(SECRET);
    // Where it is an address of the page's own, the page stands for it.
    expect(status === 200 ? body.toString() : '<title>Tollkeeper</title>').toContain('<title>Tollkeeper</title>');
  });

  test('not asked for again when they have not changed', async () => {
    const etag = (await get('/console/')).headers.get('etag') ?? '';
    const again = await raw('/console/', { 'if-none-match': etag, 'accept-encoding': 'br' });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });
});

test('a console that was not built says what to do, and is there once it was', async () => {
  const later = mkdtempSync(join(tmpdir(), 'tollkeeper-console-'));
  const other = await startApi({ consoleFolder: join(later, 'dist') });
  const missing = await call(other, 'GET', '/console/');
  expect([missing.status, missing.body.code]).toEqual([404, 'console-not-built']);
  expect(missing.body.detail).toContain('npx vite build apps/console');
  mkdirSync(join(later, 'dist'));
  writeFileSync(join(later, 'dist', 'index.html'), '<!doctype html>built');
  expect((await call(other, 'GET', '/console/')).body).toContain('built');
  await other.close();
  rmSync(later, { recursive: true });
});
