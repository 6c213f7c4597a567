// Around the work of worker programs: probes and scrapes come in by HTTP; liveness, readiness and metrics go out.
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Readiness } from './readiness.js';

export type HealthServerOptions = {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  readonly checks: Readiness;
  readonly registry: Registry;
};

export type HealthServer = { readonly port: number; close(): Promise<void> };

/**
 * `/livez` says that the process answers, no more: a restart cures a hang, not a database that is down. `/readyz` is 503
 * and names each failing check. `/metrics` is for Prometheus.
 */
export async function serveHealth({ port, host, checks, registry }: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request.method ?? '', request.url ?? '', checks, registry, response).catch((error: unknown) => {
      send(response, 500, 'text/plain', String(error));
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  method: string,
  url: string,
  checks: Readiness,
  registry: Registry,
  response: ServerResponse,
): Promise<void> {
  const path = url.split('?', 1)[0];
  if (method !== 'GET' && method !== 'HEAD') return send(response, 405, 'text/plain', 'only GET and HEAD');
  if (path === '/livez') return send(response, 200, 'application/json', JSON.stringify({ ok: true }));
  if (path === '/metrics') return send(response, 200, registry.contentType, await registry.metrics());
  if (path !== '/readyz') return send(response, 404, 'text/plain', 'only /livez, /readyz and /metrics');
  const { ok, checks: all } = checks.snapshot();
  const failing = Object.entries(all).filter(([, check]) => !check.ok);
  const body = { ok, failing: Object.fromEntries(failing.map(([name, { reason }]) => [name, reason])) };
  send(response, ok ? 200 : 503, 'application/json', JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
