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
  /** For what takes long: hears each line that the server sends before its answer, and tells how far it is. */
  readonly onProgress?: (line: Readonly<Record<string, number>>) => void;
};

type Sending = {
  readonly url: URL;
  readonly method: Method;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string | Uint8Array | Readable | undefined;
  onLine(line: string): void;
};

const NDJSON = 'application/x-ndjson';

export class Server {
  constructor(
    readonly url: string,
    private readonly token: string | undefined,
  ) {}

  /** @throws CommandError when the server says no, or does not answer. */
  async ask<Answer>(method: Method, path: string, asking: Asking = {}): Promise<Answer> {
    const { body, text, query = {}, key, onProgress } = asking;
    const url = new URL(path, this.url);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const content = text?.content ?? (body === undefined ? undefined : JSON.stringify(body));
    const headers = {
      accept: onProgress === undefined ? 'application/json' : NDJSON,
      ...(content === undefined ? {} : { 'content-type': text?.type ?? 'application/json' }),
      ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
      ...(method === 'GET' ? {} : { 'idempotency-key': key ?? randomUUID() }),
    };
    const onLine = (line: string): void => onProgress?.(JSON.parse(line) as Record<string, number>);
    const { status, answer } = await this.#send({ url, method, headers, content, onLine });
    const answered = parsed(answer);
    if (status < 200 || status >= 300) throw asCommandError(status, answered ?? {});
    // Once lines were sent, the status is, too: what then ends it stands in the last one.
    if (onProgress !== undefined && answered?.status !== undefined) throw asCommandError(answered.status, answered);
    return answered as Answer;
  }

  async #send({ url, method, headers, content, onLine }: Sending): Promise<{ readonly status: number; readonly answer: string }> {
    try {
      const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      // Without a deadline: a period of calls may take minutes to rate anew.
      const sending = request(url, { method, headers }, resolve).on('error', reject);
      if (content === undefined || typeof content === 'string' || content instanceof Uint8Array) sending.end(content);
      // A server that refuses early stops reading; its answer then says why.
      else pipeline(content, sending).catch(reject);
      const response = await answered;
      const isLines = response.headers['content-type']?.startsWith(NDJSON) === true;
      return { status: response.statusCode ?? 0, answer: await (isLines ? lastLineOf(response, onLine) : textOf(response)) };
    } catch (error) {
      const why = (error as Error).message || (error as { code?: string }).code;
      throw new CommandError(`the server at ${this.url} does not answer: ${why}; has it just stopped?`, EXIT.engine);
    }
  }
}

async function textOf(response: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The last may be large, and is looked through once only. */
async function lastLineOf(response: AsyncIterable<Buffer>, onLine: (line: string) => void): Promise<string> {
  let last = '';
  let pieces: Buffer[] = [];
  const end = (): void => {
    const line = Buffer.concat(pieces).toString();
    pieces = [];
    if (line === '') return;
    if (last !== '') onLine(last);
    last = line;
  };
  for await (const chunk of response) {
    let from = 0;
    for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', from)) {
      pieces.push(chunk.subarray(from, at));
      end();
      from = at + 1;
    }
    pieces.push(chunk.subarray(from));
  }
  end();
  return last;
}

/** Path of a tenant's resource, each part encoded. */
export function ofTenant(tenant: string, ...parts: readonly string[]): string {
  return ['/v1/tenants', ...[tenant, ...parts].map(encodeURIComponent)].join('/');
}

type Problem = { readonly status?: number; readonly code?: string; readonly detail?: string; readonly title?: string };

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
