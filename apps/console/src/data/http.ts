// The page's one way to the API: a path and what is sent go in; what it answers comes out, or a `Refusal` that says why not.

import { askOperator, operatorToken } from './operator.js';

export type Fault = {
  readonly line?: number;
  readonly column?: number;
  readonly code?: string;
  readonly pointer?: string;
  readonly parameter?: string;
  readonly detail: string;
};

/** A problem as RFC 9457 tells it; `unreachable` when nothing answered. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    override readonly message: string,
    readonly faults: readonly Fault[] = [],
    readonly faultCount: number = faults.length,
    /** Of those that an ambiguous name may mean. */
    readonly sources: readonly string[] = [],
  ) {
    super(message);
    this.name = 'Refusal';
  }

  /** A repeat of the same request may be answered otherwise. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 504 || this.status === 503 || this.status === 502;
  }
}

export type Request = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly json?: unknown;
  readonly csv?: Blob | string;
  /** Idempotency-Key: the same for a repeat of the same wish. */
  readonly key?: string;
  readonly signal?: AbortSignal | undefined;
};

export async function ask<Answer>(path: string, request: Request = {}): Promise<Answer> {
  const response = await answered(path, request);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

/** The file that an answer is, with the name that the server gives it. */
export async function askFile(path: string, signal?: AbortSignal): Promise<{ readonly blob: Blob; readonly name?: string }> {
  const response = await answered(path, { signal });
  const name = /filename="?([^";]+)"?/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return { blob: await response.blob(), ...(name === undefined ? {} : { name }) };
}

/** 128 random bits; `crypto.randomUUID` is missing where the page is not served over TLS. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Path with its query; what is undefined or empty is left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

async function answered(path: string, request: Request): Promise<Response> {
  let token = operatorToken();
  for (;;) {
    const response = await send(path, request, token);
    if (response.ok) return response;
    const refusal = await refusalOf(response);
    if (refusal.code !== 'operator-only' && refusal.code !== 'not-the-operator') throw refusal;
    token = await askOperator(token);
    if (token === undefined) throw refusal;
  }
}

async function send(path: string, { method = 'GET', json, csv, key, signal }: Request, token?: string): Promise<Response> {
  const headers = new Headers({ accept: 'application/json, application/problem+json, */*' });
  if (json !== undefined) headers.set('content-type', 'application/json');
  if (csv !== undefined) headers.set('content-type', 'text/csv');
  if (method !== 'GET') headers.set('idempotency-key', key ?? newKey());
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const body = json === undefined ? (csv ?? null) : JSON.stringify(json);
  try {
    return await fetch(path, { method, headers, body, signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new Refusal(0, 'unreachable', '');
  }
}

type ProblemBody = {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly Fault[];
  readonly faults?: readonly Fault[];
  readonly faultCount?: number;
  readonly sources?: readonly string[];
};

async function refusalOf(response: Response): Promise<Refusal> {
  const told = (await response.json().catch(() => ({}))) as ProblemBody;
  const detail = told.detail ?? told.title ?? `HTTP ${response.status} ${response.statusText}`;
  const faults = told.faults ?? told.errors ?? [];
  return new Refusal(response.status, told.code ?? 'unknown', detail, faults, told.faultCount, told.sources);
}
