// Gateway simulator's news: a payment that has come to an end → a signed event, POSTed until the receiver takes it.

import { createHmac } from 'node:crypto';
import { retry } from '@tollkeeper/program';
import type { StripePayment } from './payments.js';
import { eventTypeOf, intentOf } from './stripe-objects.js';

export type WebhookTarget = { readonly url: string; readonly secret: string };

/** Stripe goes on for three days; a simulator's receiver is there within minutes or not at all. */
const TRIES = { attempts: 10, minMs: 100, maxMs: 30_000, jitter: 0.5 };
const ANSWER_WITHIN_MS = 20_000;

export class Webhooks {
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #sent = 0;

  /** Nothing is sent without a target. */
  constructor(private readonly target: WebhookTarget | undefined) {}

  get wanted(): boolean {
    return this.target !== undefined;
  }

  send(payment: StripePayment): void {
    if (this.target === undefined) return;
    this.#sent += 1;
    const id = `evt_${String(this.#sent).padStart(6, '0')}`;
    const data = { object: intentOf(payment) };
    const body = JSON.stringify({ id, object: 'event', type: eventTypeOf(payment), livemode: false, data });
    const sending = deliver(this.target, body, this.#stopping.signal)
      .catch(() => undefined) // given up: whoever relies on webhooks alone has to miss one some day
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  /** Resolves when every event so far has been taken or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.settled();
  }
}

async function deliver({ url, secret }: WebhookTarget, body: string, signal: AbortSignal): Promise<void> {
  const post = async (): Promise<void> => {
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': signatureOf(body, secret, Date.now()),
    };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const response = await fetch(url, { method: 'POST', headers, body, signal: limit });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
  };
  await retry(post, { ...TRIES, signal, shouldRetry: () => !signal.aborted });
}

/** Stripe's scheme: what is signed is the second and the body, so that an old event cannot be sent again as a new one. */
export function signatureOf(body: string, secret: string, nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  return `t=${second},v1=${createHmac('sha256', secret).update(`${second}.${body}`).digest('hex')}`;
}
