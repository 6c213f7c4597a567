// Webhook step's way out: a delivery → one signed POST by Standard Webhooks (standardwebhooks.com), and the status that came back.

import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isPrivateHost, publicLookup } from '@tollkeeper/webhooks';
import { Webhook } from 'standardwebhooks';

export type WebhookPost = {
  readonly url: string;
  readonly secret: string;
  readonly id: string;
  readonly body: string;
  readonly atMs: number;
};

export type PostOptions = { readonly timeoutMs: number; readonly allowPrivate: boolean; readonly signal: AbortSignal };

export const DEFAULT_WEBHOOK_TIMEOUT_MS = 15_000;
/** Of an answer nothing but the status counts; so much of the rest is read to keep the connection, then it is cut. */
const MAX_ANSWER_BYTES = 65_536;

/** No answer came that could be judged. Its code is kept with the delivery; the URL may hold a token and is not in it. */
export class WebhookUnanswered extends Error {
  constructor(
    readonly code: string,
    options?: { readonly cause: unknown },
  ) {
    super(`No answer (${code})`, options);
    this.name = 'WebhookUnanswered';
  }
}

/** The answer's status, whatever it is. Redirects are answers: they are not followed. @throws WebhookUnanswered */
export async function postWebhook(post: WebhookPost, { timeoutMs, allowPrivate, signal }: PostOptions): Promise<number> {
  const url = new URL(post.url);
  // The setting may have changed since the endpoint was added.
  if (!allowPrivate && (url.protocol !== 'https:' || isPrivateHost(url.hostname))) throw new WebhookUnanswered('EPRIVATE');
  const at = new Date(post.atMs);
  const timeout = AbortSignal.timeout(timeoutMs);
  const options: RequestOptions = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(post.body),
      'user-agent': 'Tollkeeper',
      'webhook-id': post.id,
      'webhook-timestamp': String(Math.floor(post.atMs / 1000)),
      'webhook-signature': new Webhook(post.secret).sign(post.id, at, post.body),
    },
    signal: AbortSignal.any([signal, timeout]),
    ...(allowPrivate ? {} : { lookup: publicLookup }),
  };
  try {
    const response = await answerTo(
      url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options),
      post.body,
    );
    await drained(response);
    return response.statusCode ?? 0;
  } catch (error) {
    if (signal.aborted) throw error;
    throw new WebhookUnanswered(timeout.aborted ? 'ETIMEDOUT' : codeOf(error), { cause: error });
  }
}

function answerTo(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve).once('error', reject).end(body);
  });
}

async function drained(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    // Leaving the loop destroys the response, and its connection with it.
    if (bytes > MAX_ANSWER_BYTES) return;
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'EUNKNOWN';
}
