// Gateway simulator's HTTP: requests' bodies come in, bounded; JSON answers go out.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const MAX_BODY_BYTES = 65_536;

export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, host, () => resolve()));
}

/** Undefined for what is too long; it is read to its end all the same, so that an answer can be given. */
export async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let byteLength = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    byteLength += chunk.length;
    if (byteLength <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return byteLength > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}

/** Undefined for what is no JSON or too long. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

export type Refusal = { readonly code: string; readonly detail: string };

export function refusal(code: string, detail: string): Refusal {
  return { code, detail };
}

/** A client that went away, a path that cannot be decoded, or a journal that cannot be written: no answer counts as given. */
export function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const bad = error instanceof URIError;
  const detail = error instanceof Error ? error.message : String(error);
  send(response, bad ? 400 : 500, refusal(bad ? 'path-invalid' : 'simulator-failed', detail));
}

export function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
