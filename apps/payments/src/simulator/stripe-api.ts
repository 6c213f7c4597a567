// Gateway simulator in Stripe's words: requests of Stripe's SDK come in; PaymentIntents out of the same books go out.
//
// The part of Stripe's API that the payment step uses, as Stripe documents it: form bodies, a bearer key, errors by type and
// code, lists newest first, and idempotency keys that give the first answer again, be it "processing" or a decline.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { isCurrency } from '@tollkeeper/money';
import { decimalOfStripe } from '@tollkeeper/payment-gateway';
import { readText, send } from './http.js';
import type { PaymentBody, SimulatedPayments, StripePayment, StripeSide } from './payments.js';
import { answerOf, intentOf } from './stripe-objects.js';

export type StripeApiParts = {
  readonly books: SimulatedPayments;
  /** Undefined lets every test key in. */
  readonly secretKey: string | undefined;
  /** Whether a processing payment settles by itself, because somebody waits for the webhook. */
  readonly settlesByItself: boolean;
};

const TEST_KEY_FORM = /^(sk|rk)_test_\S+$/;
const MAX_PAGE = 100;
const NO_REDIRECTS = 'automatic_payment_methods[allow_redirects]';
const PARAMETERS: ReadonlySet<string> = new Set([
  'amount',
  'currency',
  'customer',
  'payment_method',
  'confirm',
  'off_session',
  'automatic_payment_methods[enabled]',
  NO_REDIRECTS,
  'metadata[tenant]',
  'metadata[rechargeId]',
  'metadata[attempt]',
]);

/** False when the path is none of Stripe's. */
export async function answerAsStripe(
  parts: StripeApiParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator');
  const [, version, collection, id, action] = pathname.split('/').map(decodeURIComponent);
  if (version !== 'v1' || (collection !== 'payment_intents' && collection !== 'customers')) return false;
  const denied = keyFault(request.headers.authorization, parts.secretKey);
  const route = `${request.method} ${collection}${id === undefined ? '' : '/:id'}${action === undefined ? '' : `/${action}`}`;
  if (denied !== undefined) refuse(response, 401, { message: denied });
  else if (route === 'POST payment_intents') await create(parts, request, response);
  else if (route === 'GET payment_intents') await list(parts, searchParams, response);
  else if (route === 'GET payment_intents/:id') await retrieve(parts, id ?? '', response);
  else if (route === 'POST payment_intents/:id/cancel') await cancel(parts, id ?? '', response);
  else if (route === 'GET customers/:id') send(response, 200, customerOf(id ?? ''));
  else refuse(response, 404, { message: `Unrecognized request URL (${request.method}: ${pathname}).` });
  return true;
}

/** As Stripe does, a wrong key is repeated only by its last four characters. */
function keyFault(authorization: string | undefined, secretKey: string | undefined): string | undefined {
  const key = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
  if (key === undefined) return 'You did not provide an API key.';
  if (secretKey === undefined ? TEST_KEY_FORM.test(key) : key === secretKey) return undefined;
  return `Invalid API Key provided: ********${key.slice(-4)}`;
}

async function create(parts: StripeApiParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { books } = parts;
  const key = request.headers['idempotency-key'];
  const form = new URLSearchParams(await readText(request));
  const unknown = [...form.keys()].find((name) => !PARAMETERS.has(name));
  if (unknown !== undefined) return refuse(response, 400, { code: 'parameter_unknown', param: unknown });
  const missing = [...PARAMETERS].find((name) => !form.get(name));
  if (missing !== undefined) return refuse(response, 400, { code: 'parameter_missing', param: missing });
  const payment = paymentIn(form);
  if (payment === undefined || typeof key !== 'string') return refuse(response, 400, { code: 'parameter_invalid_integer' });
  const taken = await books.take(key, payment.body, payment.side);
  const stored = books.ofStripe().find((known) => known.key === key);
  switch (taken.kind) {
    case 'other-content':
      return send(response, 400, {
        error: { type: 'idempotency_error', message: 'Keys for idempotent requests can only be used with the same parameters.' },
      });
    case 'turned-away':
      if (taken.behaviour === 'drop-request') request.socket.destroy();
      else send(response, 503, { error: { type: 'api_error', message: 'The simulator was told to turn this request away.' } });
      return;
    case 'hang':
      return;
    case 'break':
      request.socket.destroy();
      return;
    case 'repeated':
    case 'answer': {
      if (stored === undefined) throw new Error(`payment ${key} is not in the simulator's books`);
      send(response, ...answerOf({ ...stored, state: books.firstState(key) }));
      if (stored.state === 'processing' && parts.settlesByItself) await books.find(key);
    }
  }
}

function paymentIn(form: URLSearchParams): { readonly body: PaymentBody; readonly side: StripeSide } | undefined {
  const text = (name: string): string => form.get(name) ?? '';
  const currency = text('currency').toUpperCase();
  const amount = Number(text('amount'));
  const attempt = Number(text('metadata[attempt]'));
  if (!Number.isSafeInteger(amount) || amount < 1 || !Number.isSafeInteger(attempt) || attempt < 1) return undefined;
  if (!isCurrency(currency) || text('confirm') !== 'true' || text('off_session') !== 'true') return undefined;
  if (text(NO_REDIRECTS) !== 'never') return undefined;
  const tenant = text('metadata[tenant]');
  const rechargeId = text('metadata[rechargeId]');
  const body = { tenant, rechargeId, attempt, amount: decimalOfStripe(amount, currency), currency };
  return { body, side: { customer: text('customer'), paymentMethod: text('payment_method') } };
}

/** Being asked settles what is still processing: this answer already tells its end, as with the simulator's own API. */
async function list({ books }: StripeApiParts, query: URLSearchParams, response: ServerResponse): Promise<void> {
  const customer = query.get('customer');
  const limit = Math.min(Math.max(Number(query.get('limit') ?? 10) || 0, 1), MAX_PAGE);
  const ofCustomer = books.ofStripe().filter((payment) => customer === null || payment.customer === customer);
  const newestFirst = ofCustomer.toReversed();
  const after = query.get('starting_after');
  const from = after === null ? 0 : newestFirst.findIndex(({ reference }) => reference === after) + 1;
  if (after !== null && from === 0) return refuse(response, 404, { code: 'resource_missing', param: 'starting_after' });
  const page = newestFirst.slice(from, from + limit);
  const data = await Promise.all(page.map((payment) => settledIntent(books, payment)));
  const has_more = from + limit < newestFirst.length;
  return send(response, 200, { object: 'list', url: '/v1/payment_intents', has_more, data });
}

async function retrieve({ books }: StripeApiParts, id: string, response: ServerResponse): Promise<void> {
  const payment = paymentOf(books, id);
  if (payment === undefined) return refuse(response, 404, { code: 'resource_missing', param: 'intent' });
  return send(response, 200, await settledIntent(books, payment));
}

async function cancel({ books }: StripeApiParts, id: string, response: ServerResponse): Promise<void> {
  const payment = paymentOf(books, id);
  if (payment === undefined) return refuse(response, 404, { code: 'resource_missing', param: 'intent' });
  const cancelled = await books.cancel(payment.key);
  const intent = intentOf(paymentOf(books, id) ?? payment);
  if (cancelled) return send(response, 200, intent);
  return refuse(response, 400, { code: 'payment_intent_unexpected_state', payment_intent: intent });
}

async function settledIntent(books: SimulatedPayments, payment: StripePayment): Promise<object> {
  await books.find(payment.key);
  return intentOf(paymentOf(books, payment.reference) ?? payment);
}

function paymentOf(books: SimulatedPayments, id: string): StripePayment | undefined {
  return books.ofStripe().find(({ reference }) => reference === id);
}

/** Every customer exists; one whose id says `nocard` has no payment method. */
function customerOf(id: string): object {
  const method = id.includes('nocard') ? null : `pm_of_${id}`;
  return { id, object: 'customer', livemode: false, invoice_settings: { default_payment_method: method } };
}

function refuse(response: ServerResponse, status: number, error: Readonly<Record<string, unknown>>): void {
  const message = `The simulator refuses this request: ${String(error['code'])} ${String(error['param'] ?? '')}`;
  send(response, status, { error: { type: 'invalid_request_error', message, ...error } });
}
