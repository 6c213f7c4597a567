// The HTTP API of the server that has the folder, for commands that write: a request goes out, its answer comes back, or a problem
// ends the command as the same refusal would have without a server.
//
// What if the connection breaks half-way? The request may have been done: its Idempotency-Key is of the one run, and what a person
// then repeats is harmless, since the ledger knows ids, and a setting that is so already stays so.

import { randomUUID } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError, EXIT } from './exit.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export type Asking = {
  /** An object goes as JSON. */
  readonly body?: object | undefined;
  /** Instead of `body`: as it is. */
  readonly text?: { readonly type: string; readonly content: string | Uint8Array | Readable };
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Idempotency-Key of one's own, where it names something. */
  readonly key?: string | undefined;
};

export class Server {
  constructor(
    readonly url: string,
    private readonly token: string | undefined,
  ) {}

  /** @throws CommandError when the server says no, or does not answer. */
  async ask<Answer>(method: Method, path: string, { body, text, query = {}, key }: Asking = {}): Promise<Answer> {
    const url = new URL(path, this.url);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const content = text?.content ?? (body === undefined ? undefined : JSON.stringify(body));
    const headers = {
      accept: 'application/json',
      ...(content === undefined ? {} : { 'content-type': text?.type ?? 'application/json' }),
      ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
      ...(method === 'GET' ? {} : { 'idempotency-key': key ?? randomUUID() }),
    };
    const { status, answer } = await this.#send(url, method, headers, content);
    if (status >= 200 && status < 300) return parsed(answer) as Answer;
    throw asCommandError(status, parsed(answer) ?? {});
  }

  async #send(
    url: URL,
    method: Method,
    headers: Readonly<Record<string, string>>,
    content: string | Uint8Array | Readable | undefined,
  ): Promise<{ readonly status: number; readonly answer: string }> {
    try {
      const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      // Without a deadline: a period of calls may take minutes to rate anew.
      const sending = request(url, { method, headers }, resolve).on('error', reject);
      if (content === undefined || typeof content === 'string' || content instanceof Uint8Array) sending.end(content);
      // A server that refuses early stops reading; its answer then says why.
      else pipeline(content, sending).catch(reject);
      const response = await answered;
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return { status: response.statusCode ?? 0, answer: Buffer.concat(chunks).toString() };
    } catch (error) {
      const why = (error as Error).message || (error as { code?: string }).code;
      throw new CommandError(`the server at ${this.url} does not answer: ${why}; has it just stopped?`, EXIT.engine);
    }
  }
}

/** Path of a tenant's resource, each part encoded. */
export function ofTenant(tenant: string, ...parts: readonly string[]): string {
  return ['/v1/tenants', ...[tenant, ...parts].map(encodeURIComponent)].join('/');
}

type Problem = { readonly code?: string; readonly detail?: string; readonly title?: string };

const UNAUTHORISED = new Set(['operator-only', 'not-the-operator']);

function asCommandError(status: number, { code, detail, title }: Problem): CommandError {
  if (code !== undefined && UNAUTHORISED.has(code)) {
    return new CommandError(`the server asks for the operator: set OPERATOR_TOKEN to the one that it was started with`);
  }
  const text = `${code ?? `HTTP ${status}`}: ${detail ?? title ?? 'the server gave no reason'}`;
  if (status >= 500) return new CommandError(`the server cannot do it: ${text}`, EXIT.engine);
  return new CommandError(text, EXIT.found);
}

function parsed(answer: string): Problem | undefined {
  try {
    return answer === '' ? undefined : (JSON.parse(answer) as Problem);
  } catch {
    return { detail: answer.slice(0, 200) };
  }
}
