// Around the work of worker programs: probes, metrics and the log, as an orchestrator sees them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serveHealth } from './health-server.js';
import type { HealthServer } from './health-server.js';
import { createLogger } from './logger.js';
import { createMetrics } from './metrics.js';
import { Readiness } from './readiness.js';

describe('the health server', () => {
  const checks = new Readiness(['bus', 'store']);
  let server: HealthServer;
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  };

  beforeAll(
    async () => void (server = await serveHealth({ port: 0, host: '127.0.0.1', checks, registry: createMetrics('rating') })),
  );
  afterAll(() => server.close());

  test('is ready when every check is, and names those that are not', async () => {
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      body: '{"ok":false,"failing":{"bus":"starting","store":"starting"}}',
    });
    expect(checks.set('bus', true)).toBe(true);
    expect(checks.set('store', false, 'ECONNREFUSED')).toBe(false);
    expect(await get('/readyz')).toMatchObject({ status: 503, body: '{"ok":false,"failing":{"store":"ECONNREFUSED"}}' });
    expect((await get('/livez')).status).toBe(200);
    checks.set('store', true);
    expect(await get('/readyz?verbose')).toMatchObject({
      status: 200,
      type: 'application/json',
      body: '{"ok":true,"failing":{}}',
    });
    expect(checks.snapshot()).toEqual({ ok: true, checks: { bus: { ok: true, reason: '' }, store: { ok: true, reason: '' } } });
  });

  test('serves the metrics of the process under its program', async () => {
    const { status, type, body } = await get('/metrics');
    expect([status, type]).toEqual([200, expect.stringContaining('text/plain')]);
    expect(body).toMatch(/process_resident_memory_bytes\{program="rating"\} \d+/);
  });

  test('refuses everything else, and a port that is taken', async () => {
    expect((await get('/')).status).toBe(404);
    expect((await get('/livez', { method: 'POST' })).status).toBe(405);
    await expect(serveHealth({ port: server.port, host: '127.0.0.1', checks, registry: createMetrics('x') })).rejects.toThrow(
      'EADDRINUSE',
    );
  });
});

describe('the log', () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };

  test('is JSON with the level by name, the instant, and an error with its cause', () => {
    createLogger('rating', { level: 'warn', destination }).error(
      { error: new Error('outer', { cause: new Error('inner') }) },
      'failed',
    );
    expect(JSON.parse(lines.pop()!)).toMatchObject({
      level: 'error',
      name: 'rating',
      msg: 'failed',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      error: { message: 'outer', cause: { message: 'inner' } },
    });
  });

  test('keeps to its level, and says when that is none', () => {
    createLogger('rating', { level: 'warn', destination }).info('not seen');
    expect(lines).toEqual([]);
    createLogger('rating', { level: 'loud', destination });
    expect(lines.pop()).toContain('LOG_LEVEL loud is none of');
  });
});
