// Payment step's third way in: a webhook of the gateway comes in by HTTP; the recharge that it names is looked up and settled,
// and only then it is answered 200.
//
// What a webhook says is never believed: it names a recharge, and what became of it is asked of the gateway, which takes no money.
// What if it comes twice? What stands on the stream stands there; the second one changes nothing.
// Late, after the recharge failed or another attempt began? What was paid is credited once; money that was taken beside a
// payment that stands already is reported for a refund.
// Before the answer to the request that made the payment? Whoever comes second finds the outcome recorded.
// Forged, altered or sent again by a stranger? The signature or its age says so: 400, and nothing is asked of anybody.
// We die in the middle, the gateway does not say, or says that nothing is paid where the webhook said so? It is not answered
// 200, and Stripe sends it again for three days. Never at all? The sweep finds an open recharge's outcome; for one that has
// failed, a late payment shows only at the gateway.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Progress } from './payment-process.js';
import type { RechargeKey } from './recharges.js';
import type { ReadNews } from './stripe/webhook-event.js';

export const WEBHOOK_PATH = '/webhooks/stripe';
/** Stripe's events of a payment take some 5 KB. */
const MAX_BODY_BYTES = 262_144;
const MAX_AT_ONCE = 16;
/** For a request to arrive whole; Stripe waits some 20 seconds for the answer. */
const REQUEST_WITHIN_MS = 10_000;
const TIMES_CHECKED_EVERY_MS = 1_000;
/** Then connections are broken, so that a sender that dawdles does not hold up the end of the program. */
const CLOSE_WITHIN_MS = 3_500;

/** Told of each webhook, for metrics and logs. */
export type WebhookWatch = {
  onWebhook(result: WebhookResult, detail: Readonly<Record<string, string>>): void;
  onFailed(key: RechargeKey, error: unknown): void;
};
export type WebhookResult =
  | 'settled'
  | 'ignored' // of a kind that changes nothing here
  | 'unknown-recharge' // another program's or another environment's, on the same account
  | 'forged' // or too old
  | 'not-settled' // the gateway does not say, or does not say the same
  | 'failed' // an engine of ours
  | 'too-many';

export type WebhookServerParts = {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  readonly read: ReadNews;
  readonly settle: (key: RechargeKey) => Promise<Progress>;
  readonly watch: WebhookWatch;
};

export type WebhookServer = {
  readonly port: number;
  /** Takes no more webhooks and resolves when those in hand are answered. */
  close(): Promise<void>;
};

export async function serveWebhooks(parts: WebhookServerParts): Promise<WebhookServer> {
  let inHand = 0;
  const limits = {
    requestTimeout: REQUEST_WITHIN_MS,
    headersTimeout: REQUEST_WITHIN_MS,
    connectionsCheckingInterval: TIMES_CHECKED_EVERY_MS,
  };
  const server = createServer(limits, (request, response) => {
    if (inHand >= MAX_AT_ONCE) {
      parts.watch.onWebhook('too-many', {});
      return end(response, 503, 'too many webhooks at once');
    }
    inHand += 1;
    take(parts, request, response)
      // A client that went away; what it wanted to say comes again.
      .catch(() => response.destroy())
      .finally(() => (inHand -= 1));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(parts.port, parts.host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        const breaking = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
        server.close(() => {
          clearTimeout(breaking);
          resolve();
        });
      }),
  };
}

async function take(
  { read, settle, watch }: WebhookServerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url?.split('?', 1)[0] !== WEBHOOK_PATH) return end(response, 404, `only ${WEBHOOK_PATH}`);
  if (request.method !== 'POST') return end(response, 405, 'only POST');
  const body = await readBody(request);
  if (body === undefined) return end(response, 413, `a webhook is at most ${MAX_BODY_BYTES} bytes long`);
  const signature = request.headers['stripe-signature'];
  const news = read(body, typeof signature === 'string' ? signature : undefined);
  if (news.kind !== 'recharge') {
    watch.onWebhook(news.kind, { reason: news.reason });
    return news.kind === 'forged' ? end(response, 400, news.reason) : end(response, 200, 'ignored');
  }
  const { eventId, key, saysPaid } = news;
  try {
    const progress = await settle(key);
    const result = resultOf(progress, saysPaid);
    watch.onWebhook(result, { eventId, ...key, progress });
    return end(response, result === 'not-settled' ? 503 : 200, progress);
  } catch (error) {
    watch.onWebhook('failed', { eventId, ...key });
    watch.onFailed(key, error);
    return end(response, 503, 'not settled');
  }
}

function resultOf(progress: Progress, saysPaid: boolean): 'settled' | 'not-settled' | 'unknown-recharge' {
  if (progress === 'recharge-unknown') return 'unknown-recharge';
  if (progress === 'outcome-unknown') return 'not-settled';
  return saysPaid && (progress === 'declined' || progress === 'processing') ? 'not-settled' : 'settled';
}

/** Undefined when it is too long; the rest is not waited for. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let byteLength = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    byteLength += chunk.length;
    if (byteLength > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function end(response: ServerResponse, status: number, text: string): void {
  // A body that was not read to its end would be taken for the next request.
  const close = status === 413 ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...close }).end(text);
}
