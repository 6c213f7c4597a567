// Payment step's stand-in for a gateway: HTTP requests come in, payments on its own books go out, and the network fails for
// real where a tenant's behaviours say so. It speaks an API of its own and, over the same books, what is used of Stripe's.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BEHAVIOURS, isBehaviour, type Behaviour } from './behaviours.js';
import { fail, listen, readJson, refusal, send } from './http.js';
import { SimulatedPayments, type PaymentBody, type SimulatedPayment, type Taken } from './payments.js';
import { answerAsStripe } from './stripe-api.js';
import { Webhooks, type WebhookTarget } from './webhooks.js';

const MAX_BEHAVIOURS = 1_000;
const MAX_PAGE = 1_000;
const PAGE_FORM = /^\d{1,9}$/;
const TEXT_FORM = /^.{1,200}$/su;
const AMOUNT_FORM = /^(?!0+(\.0+)?$)\d{1,12}(\.\d{1,6})?$/;
const CURRENCY_FORM = /^[A-Z]{3}$/;

export type SimulatorOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host?: string;
  /** Where payments and behaviours are kept; without it they end with the process. */
  readonly file?: string;
  /** What a tenant without behaviours of its own meets. */
  readonly behaviours?: readonly Behaviour[];
  /** The only key that Stripe's API is answered under; without it every test key will do. */
  readonly stripeKey?: string;
  /** Who hears, signed as Stripe signs, of payments over Stripe's API that have come to an end. */
  readonly webhook?: WebhookTarget;
};

export type Simulator = {
  readonly url: string;
  payments(): readonly SimulatedPayment[];
  setBehaviours(tenant: string, behaviours: readonly Behaviour[]): Promise<void>;
  /** A person pays what was declined for want of authentication; by idempotency key. False when there is nothing of the kind. */
  authenticate(key: string): Promise<boolean>;
  /** Resolves when every webhook so far has been taken or given up. */
  webhooksSent(): Promise<void>;
  /** Breaks what connections there are, as a process that ends does. */
  close(): Promise<void>;
};

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { port, host = '127.0.0.1', file, behaviours = ['success'] } = options;
  const webhooks = new Webhooks(options.webhook);
  const books = await SimulatedPayments.open(file, behaviours, (payment) => webhooks.send(payment));
  const stripe = { books, secretKey: options.stripeKey, settlesByItself: webhooks.wanted };
  const server = createServer((request, response) => {
    answerAsStripe(stripe, request, response)
      .then(async (answered) => (answered ? undefined : respond(books, request, response)))
      .catch((error: unknown) => fail(response, error));
  });
  await listen(server, port, host);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    payments: () => books.all(),
    setBehaviours: (tenant, list) => books.setBehaviours(tenant, list),
    authenticate: (key) => books.authenticate(key),
    webhooksSent: () => webhooks.settled(),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, webhooks.close()]);
      await books.close();
    },
  };
}

async function respond(books: SimulatedPayments, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator');
  const [, version, collection, id, ...rest] = pathname.split('/').map(decodeURIComponent);
  if (version === 'v1' && collection === 'authentications' && id !== undefined) return authenticate(books, id, request, response);
  const route = `${request.method} ${version}/${collection}${id === undefined ? '' : '/:id'}`;
  if (rest.length > 0) return send(response, 404, refusal('no-such-route', `There is no ${pathname}.`));
  if (route === 'POST v1/payments') return take(books, request, response);
  if (route === 'GET v1/payments') return listPayments(books, searchParams, response);
  if (route === 'GET v1/payments/:id' && id !== undefined) return find(books, id, response);
  if (route === 'PUT v1/behaviours/:id' && id !== undefined) return behave(books, id, request, response);
  return send(response, 404, refusal('no-such-route', `There is no ${request.method} ${pathname}.`));
}

async function take(books: SimulatedPayments, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || !TEXT_FORM.test(key)) {
    return send(response, 400, refusal('key-missing', 'Send an Idempotency-Key of 1 to 200 characters.'));
  }
  const body = paymentBody(await readJson(request));
  if (body === undefined) {
    const fields = 'tenant, rechargeId, attempt (from 1), amount (decimal text above 0) and currency (ISO 4217)';
    return send(response, 400, refusal('body-invalid', `Send a JSON object with ${fields}.`));
  }
  const taken = await books.take(key, body);
  if (taken.kind === 'repeated') return find(books, key, response);
  endAs(taken, request, response);
}

function endAs(taken: Exclude<Taken, { kind: 'repeated' }>, request: IncomingMessage, response: ServerResponse): void {
  switch (taken.kind) {
    case 'answer':
      return send(response, 200, taken.payment);
    case 'other-content':
      return send(response, 422, refusal('key-has-other-content', 'This Idempotency-Key came before with another body.'));
    case 'hang':
      return;
    case 'break':
      request.socket.destroy();
      return;
    case 'turned-away':
      if (taken.behaviour === 'drop-request') request.socket.destroy();
      else send(response, 503, refusal('unavailable', 'The simulator was told to turn this request away.'));
  }
}

/** With `limit`, a page of them; without, all at once, which no real gateway would do. */
function listPayments(books: SimulatedPayments, query: URLSearchParams, response: ServerResponse): void {
  const [limit, after] = [query.get('limit'), query.get('after') ?? '0'];
  if (limit === null) return send(response, 200, { payments: books.all() });
  if (!PAGE_FORM.test(limit) || !PAGE_FORM.test(after)) {
    return send(response, 400, refusal('page-invalid', 'limit is a number, and after is the `next` of the page before.'));
  }
  return send(response, 200, books.page(Number(after), Math.max(1, Math.min(Number(limit), MAX_PAGE))));
}

async function find(books: SimulatedPayments, key: string, response: ServerResponse): Promise<void> {
  const payment = await books.find(key);
  if (payment === undefined) return send(response, 404, refusal('unknown-key', `There is no payment ${key}.`));
  return send(response, 200, payment);
}

/** What a link in a mail leads to: a page with one button, which says to the bank "it is I". */
async function authenticate(
  books: SimulatedPayments,
  key: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const payment = await books.find(key);
  if (payment === undefined) return send(response, 404, refusal('unknown-key', `There is no payment ${key}.`));
  if (request.method === 'GET') {
    const button = `<button>Pay ${payment.amount} ${payment.currency}</button>`;
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><title>Payment</title><form method="post">${button}</form>`);
    return;
  }
  if (request.method !== 'POST') return send(response, 405, refusal('no-such-route', 'Only GET and POST.'));
  const done = await books.authenticate(key);
  if (!done) return send(response, 409, refusal('nothing-to-authenticate', `Payment ${key} waits for nobody.`));
  return find(books, key, response);
}

async function behave(
  books: SimulatedPayments,
  tenant: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const behaviours = behavioursIn(await readJson(request));
  if (behaviours === undefined) {
    const wanted = `{"behaviours": [...]} with 1 to ${MAX_BEHAVIOURS} of ${BEHAVIOURS.join(', ')}`;
    return send(response, 400, refusal('body-invalid', `Send ${wanted}.`));
  }
  await books.setBehaviours(tenant, behaviours);
  return send(response, 200, { tenant, behaviours });
}

function behavioursIn(unchecked: unknown): readonly Behaviour[] | undefined {
  if (typeof unchecked !== 'object' || unchecked === null || !('behaviours' in unchecked)) return undefined;
  const { behaviours } = unchecked;
  if (!Array.isArray(behaviours) || behaviours.length === 0 || behaviours.length > MAX_BEHAVIOURS) return undefined;
  return behaviours.every(isBehaviour) ? behaviours : undefined;
}

function paymentBody(unchecked: unknown): PaymentBody | undefined {
  if (typeof unchecked !== 'object' || unchecked === null) return undefined;
  const { tenant, rechargeId, attempt, amount, currency } = unchecked as Readonly<Record<string, unknown>>;
  if (!isText(tenant, TEXT_FORM) || !isText(rechargeId, TEXT_FORM)) return undefined;
  if (!isText(amount, AMOUNT_FORM) || !isText(currency, CURRENCY_FORM)) return undefined;
  if (typeof attempt !== 'number' || !Number.isSafeInteger(attempt) || attempt < 1) return undefined;
  return { tenant, rechargeId, attempt, amount, currency };
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}
