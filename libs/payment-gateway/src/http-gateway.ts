// Payment step's way to a gateway over HTTP: a payment request → POST with its idempotency key → the outcome, or GatewayError.
//
// The gateway's list is GET /v1/payments?limit=N&after=CURSOR, which answers {"payments": [{tenant, rechargeId, attempt, amount,
// currency, status, paymentReference?, createdAt?}, …], "next": CURSOR or null}: at most N of them, oldest first; `next` is what the
// following page begins after, and null ends the list.

import {
  GatewayError,
  declineClassOf,
  wireKey,
  type PaymentGateway,
  type PaymentList,
  type PaymentOutcome,
  type PaymentRequest,
} from './gateway.js';
import { parseObject, PASSING_STATUSES, type Answer } from './http-answer.js';
import { LIST_PAGE, pageOf } from './payment-page.js';
import { unanswered } from './unanswered.js';

export const DEFAULT_GATEWAY_TIMEOUT_MS = 10_000;
/** Codes go into events that stand for ever, so a gateway cannot write what it likes there. */
const CODE_FORM = /^[a-z0-9][a-z0-9-]{0,63}$/;
const REFERENCE_FORM = /^[\x21-\x7e]{1,200}$/;
/** How much of an answer that makes no sense is repeated in the error. */
const QUOTED_CHARACTERS = 200;

export type HttpGatewayOptions = {
  /** Such as `http://127.0.0.1:8080`, with or without a path. */
  readonly url: string;
  readonly timeoutMs?: number;
};

export function httpGateway({ url, timeoutMs = DEFAULT_GATEWAY_TIMEOUT_MS }: HttpGatewayOptions): PaymentGateway & PaymentList {
  const payments = `${url.replace(/\/+$/, '')}/v1/payments`;
  const ask = async (what: string, target: string, init: RequestInit, signal: AbortSignal): Promise<Answer> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const response = await fetch(target, { ...init, signal: limit, redirect: 'error' });
      // The body is part of the answer: it has to come within the same time.
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw unanswered(what, error, 'PAYMENT_GATEWAY_URL');
    }
  };
  return {
    async charge({ signal, idempotencyKey, ...payment }: PaymentRequest) {
      const key = wireKey(idempotencyKey);
      const headers = { 'content-type': 'application/json', 'idempotency-key': key };
      const what = `Payment ${key}`;
      const answer = await ask(what, payments, { method: 'POST', headers, body: JSON.stringify(payment) }, signal);
      return outcomeOf(what, answer);
    },
    async lookUp({ idempotencyKey }, signal) {
      const key = wireKey(idempotencyKey);
      const what = `Looking up payment ${key}`;
      const answer = await ask(what, `${payments}/${encodeURIComponent(key)}`, { method: 'GET' }, signal);
      return answer.status === 404 && isUnknownKey(answer) ? 'unknown-key' : outcomeOf(what, answer);
    },
    async *list(signal) {
      let after: string | null = null;
      do {
        const query = new URLSearchParams({ limit: String(LIST_PAGE), ...(after === null ? {} : { after }) });
        const answer = await ask('Listing payments', `${payments}?${query}`, { method: 'GET' }, signal);
        const page = pageOf(answer, after);
        if (page.payments.length > 0) yield page.payments;
        after = page.next;
      } while (after !== null);
    },
  };
}

function outcomeOf(what: string, { status, text }: Answer): PaymentOutcome {
  if (PASSING_STATUSES.has(status)) {
    throw new GatewayError('unavailable', `${what}: the gateway answered ${status}; it is asked again under the same key.`);
  }
  const outcome = status >= 200 && status < 300 ? parseOutcome(text) : undefined;
  if (outcome !== undefined) return outcome;
  const quoted = JSON.stringify(text.slice(0, QUOTED_CHARACTERS));
  throw new GatewayError('bad-answer', `${what}: the gateway answered ${status} ${quoted}; look the payment up there.`);
}

function parseOutcome(text: string): PaymentOutcome | undefined {
  const body = parseObject(text);
  if (body === undefined) return undefined;
  const { status, paymentReference, code } = body;
  if (status === 'processing') return { kind: 'processing' };
  if (status === 'paid' && typeof paymentReference === 'string' && REFERENCE_FORM.test(paymentReference)) {
    return { kind: 'paid', paymentReference };
  }
  if (status === 'declined' && typeof code === 'string' && CODE_FORM.test(code)) {
    return { kind: 'declined', code, class: declineClassOf(code) };
  }
  return undefined;
}

/** A 404 of a wrong address must not pass for a payment that never was, because that would let it be made again. */
function isUnknownKey({ text }: Answer): boolean {
  return parseObject(text)?.['code'] === 'unknown-key';
}
