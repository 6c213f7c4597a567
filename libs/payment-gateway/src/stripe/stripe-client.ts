// Payment step at Stripe: a question to Stripe's own SDK comes in; its answer goes out, or a GatewayError without any secret.

import { AsyncLocalStorage } from 'node:async_hooks';
import { Stripe } from 'stripe';
import { GatewayError } from '../gateway.js';
import { unanswered } from '../unanswered.js';
import { declineOf } from './declines.js';

export const STRIPE_API_URL = 'https://api.stripe.com';

export type StripeClientOptions = {
  readonly secretKey: string;
  /** Stripe's own unless a simulator stands in for it; a path is not possible. */
  readonly apiUrl?: string;
  readonly timeoutMs: number;
};

export type StripeClient = {
  /** `what` begins the error's text, such as "Payment acme:7/1". @throws GatewayError for all that is no answer. */
  ask<Answer>(what: string, signal: AbortSignal, question: (stripe: Stripe) => Promise<Answer>): Promise<Answer>;
};

export function stripeClient({ secretKey, apiUrl = STRIPE_API_URL, timeoutMs }: StripeClientOptions): StripeClient {
  const { protocol, hostname, port } = new URL(apiUrl);
  // A live key moves real money, and plain HTTP shows it to everyone on the way.
  if (protocol !== 'https:' && /_live_/.test(secretKey)) throw new Error('STRIPE_API_URL must be https:// for a live key');
  // The SDK takes no signal and keeps the status of an answer that is no JSON to itself, so both stand beside it.
  const calls = new AsyncLocalStorage<Call>();
  const stripe = new Stripe(secretKey, {
    host: hostname,
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    protocol: protocol === 'https:' ? 'https' : 'http',
    timeout: timeoutMs,
    // The payment process repeats what went wrong. Over fetch, because the SDK's client for node:http repeats a request whose
    // connection broke even so.
    maxNetworkRetries: 0,
    httpClient: Stripe.createFetchHttpClient(async (input, init) => {
      const call = calls.getStore();
      const given = [call?.signal, init?.signal].filter((signal) => signal instanceof AbortSignal);
      const response = await fetch(input, { ...init, redirect: 'error', signal: AbortSignal.any(given) });
      if (call !== undefined) call.status = response.status;
      return response;
    }),
    telemetry: false,
  });
  return {
    async ask(what, signal, question) {
      const call: Call = { signal };
      try {
        return await calls.run(call, () => question(stripe));
      } catch (error) {
        throw error instanceof GatewayError ? error : gatewayErrorOf(what, error, call, secretKey);
      }
    },
  };
}

/** What one question is under way with; the status is that of its last answer. */
type Call = { readonly signal: AbortSignal; status?: number };

/** What the issuer said no to; undefined for every other error. */
export function declineIn(error: unknown): ReturnType<typeof declineOf> | undefined {
  return error instanceof Stripe.errors.StripeCardError && error.rawType === 'card_error' ? declineOf(error) : undefined;
}

/** The SDK's own errors hold headers and whole answers, so nothing of them is passed on but what is named here. */
function gatewayErrorOf(what: string, error: unknown, { status }: Call, secretKey: string): GatewayError {
  if (error instanceof Stripe.errors.StripeConnectionError) {
    const detail: unknown = error.detail;
    return unanswered(what, detail ?? error, 'STRIPE_API_URL');
  }
  const cause = safeCause(error, secretKey);
  const text = `${what}: Stripe answered ${status ?? 'nothing'}: ${cause.message}`;
  if (isPassing(status)) return new GatewayError('unavailable', `${text} It is asked again under the same key.`, { cause });
  const advice = status === 401 || status === 403 ? 'Check STRIPE_SECRET_KEY.' : 'Look the payment up there.';
  return new GatewayError('bad-answer', `${text} ${advice}`, { cause });
}

/** Too many requests, another request under the same key under way, or Stripe's own trouble. */
function isPassing(status: number | undefined): boolean {
  return status === 409 || status === 429 || (status !== undefined && status >= 500);
}

const MAX_MESSAGE_CHARACTERS = 500;

/** Stripe's words, and the number under which Stripe's support finds the request. */
function safeCause(error: unknown, secretKey: string): Error {
  const { message, name, requestId, type } = Object(error) as Readonly<Record<string, unknown>>;
  const where = typeof requestId === 'string' ? ` (request ${requestId})` : '';
  const text = `${String(message ?? error).slice(0, MAX_MESSAGE_CHARACTERS)}${where}`;
  const safe = new Error(text.replaceAll(secretKey, '******'));
  safe.name = typeof type === 'string' ? type : String(name ?? 'Error');
  return safe;
}
