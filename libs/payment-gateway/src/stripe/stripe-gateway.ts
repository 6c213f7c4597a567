// Payment step's way to Stripe: a payment request → an off-session PaymentIntent of the tenant's customer → what became of it.
//
// An attempt is one PaymentIntent, made under the attempt's idempotency key and marked with tenant, recharge and attempt.
// Stripe forgets keys after a day and finds by search only what it has indexed, so what became of an attempt is read from the
// list of the customer's PaymentIntents, which is complete. Nothing that Stripe says of a request, only what it says of a
// PaymentIntent, counts as a decline.

import { createHash } from 'node:crypto';
import type { Stripe } from 'stripe';
import {
  GatewayError,
  wireKey,
  type PaymentGateway,
  type PaymentList,
  type PaymentOutcome,
  type PaymentTrace,
} from '../gateway.js';
import { stripeAmountOf } from './amounts.js';
import type { StripeCustomer, StripeCustomers } from './customers.js';
import { declined, declineOf } from './declines.js';
import { declineIn, stripeClient, type StripeClientOptions } from './stripe-client.js';
import { listPayments } from './stripe-list.js';

const PAGE_SIZE = 100;
/** 20,000 payments of one customer; beyond, an attempt that is not found is not proven absent. */
const MAX_PAGES = 200;
/** Stripe's limit on an idempotency key. */
const MAX_KEY_CHARACTERS = 255;
const REFERENCE_FORM = /^pi_[A-Za-z0-9_]{1,200}$/;

export type StripeGatewayOptions = StripeClientOptions & { readonly customers: StripeCustomers };

export function stripeGateway({ customers, ...options }: StripeGatewayOptions): PaymentGateway & PaymentList {
  const client = stripeClient(options);
  return {
    list: (signal) => listPayments(client, signal),
    async charge({ amount, currency, signal, ...trace }) {
      const what = `Payment ${trace.idempotencyKey}`;
      const owner = await ownerOf(what, customers, trace.tenant);
      if (owner === undefined) return declined('payment-method-missing');
      const stripeAmount = stripeAmountOf(amount, currency);
      if (stripeAmount === undefined) return declined('currency-not-supported');
      return client.ask(what, signal, async (stripe) => {
        const paymentMethod = owner.paymentMethod ?? (await defaultPaymentMethod(stripe, owner.customer));
        if (paymentMethod === undefined) return declined('payment-method-missing');
        const payment = { amount: stripeAmount, currency: currency.toLowerCase(), paymentMethod, customer: owner.customer };
        return outcomeOf(what, await createOrDecline(stripe, payment, trace));
      });
    },
    async lookUp(trace, signal) {
      const what = `Looking up payment ${trace.idempotencyKey}`;
      const owner = await ownerOf(what, customers, trace.tenant);
      return client.ask(what, signal, async (stripe) => {
        const found = await find(stripe, what, owner, trace);
        return found === undefined ? 'unknown-key' : outcomeOf(what, found);
      });
    },
    async giveUp(trace, signal) {
      const what = `Giving up payment ${trace.idempotencyKey}`;
      const owner = await ownerOf(what, customers, trace.tenant);
      return client.ask(what, signal, async (stripe) => {
        const found = await find(stripe, what, owner, trace);
        if (found === undefined) return 'unknown-key';
        const outcome = outcomeOf(what, found);
        if (outcome.kind !== 'declined' || found.status === 'canceled') return outcome;
        // Stripe refuses to cancel what was paid this moment: an error, which is no certainty, and the next look finds it paid.
        return outcomeOf(what, await stripe.paymentIntents.cancel(found.id));
      });
    },
  };
}

type Payment = { readonly amount: number; readonly currency: string; readonly customer: string; readonly paymentMethod: string };

async function createOrDecline(
  stripe: Stripe,
  { amount, currency, customer, paymentMethod }: Payment,
  { idempotencyKey, tenant, rechargeId, attempt }: PaymentTrace,
): Promise<Stripe.PaymentIntent | PaymentOutcome> {
  try {
    return await stripe.paymentIntents.create(
      {
        amount,
        currency,
        customer,
        payment_method: paymentMethod,
        confirm: true,
        off_session: true,
        // Otherwise Stripe refuses every payment without a page to send the holder back to: nobody sits at a page here.
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        metadata: { tenant, rechargeId, attempt: String(attempt) },
      },
      { idempotencyKey: keyOf(idempotencyKey) },
    );
  } catch (error) {
    const decline = declineIn(error);
    if (decline === undefined) throw error;
    return decline;
  }
}

/** As long as a key may be; a longer one is named by its hash. */
function keyOf(idempotencyKey: string): string {
  const key = wireKey(idempotencyKey);
  return key.length <= MAX_KEY_CHARACTERS ? key : createHash('sha256').update(key).digest('hex');
}

/** A file that cannot be read says nothing of the tenant, so it is an unknown outcome and no decline. */
async function ownerOf(what: string, customers: StripeCustomers, tenant: string): Promise<StripeCustomer | undefined> {
  try {
    return await customers(tenant);
  } catch (error) {
    throw new GatewayError('bad-answer', `${what}: ${(error as Error).message}. Mend STRIPE_CUSTOMERS_FILE.`, { cause: error });
  }
}

async function defaultPaymentMethod(stripe: Stripe, customerId: string): Promise<string | undefined> {
  const customer = await stripe.customers.retrieve(customerId);
  if (customer.deleted === true) return undefined;
  const method = customer.invoice_settings.default_payment_method;
  return typeof method === 'string' ? method : method?.id;
}

/** Newest first, as Stripe lists them, so that a recent attempt is on the first page. */
async function find(
  stripe: Stripe,
  what: string,
  owner: StripeCustomer | undefined,
  trace: PaymentTrace,
): Promise<Stripe.PaymentIntent | undefined> {
  // Without a customer nothing was ever sent; that a tenant keeps its customer is a rule of the file.
  if (owner === undefined) return undefined;
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { data, has_more } = await stripe.paymentIntents.list({
      customer: owner.customer,
      limit: PAGE_SIZE,
      ...(after === undefined ? {} : { starting_after: after }),
    });
    const found = data.find((intent) => isOf(intent, trace));
    if (found !== undefined || !has_more) return found;
    after = data.at(-1)?.id;
  }
  const text = `${what}: it is not among the customer's last ${MAX_PAGES * PAGE_SIZE} payments; look it up at Stripe.`;
  throw new GatewayError('bad-answer', text);
}

function isOf({ metadata }: Stripe.PaymentIntent, { tenant, rechargeId, attempt }: PaymentTrace): boolean {
  return metadata['tenant'] === tenant && metadata['rechargeId'] === rechargeId && metadata['attempt'] === String(attempt);
}

function outcomeOf(what: string, found: Stripe.PaymentIntent | PaymentOutcome): PaymentOutcome {
  if ('kind' in found) return found;
  const { id, status, last_payment_error: error } = found;
  switch (status) {
    case 'succeeded':
      if (REFERENCE_FORM.test(id)) return { kind: 'paid', paymentReference: id };
      break;
    case 'processing':
      return { kind: 'processing' };
    case 'requires_payment_method':
      return declineOf(error ?? {});
    case 'requires_action': // a person is at it
    case 'requires_confirmation':
      return declined('authentication-required');
    case 'canceled':
      return error ? declineOf(error) : declined('payment-cancelled');
    case 'requires_capture': // never asked for
      break;
  }
  const named = JSON.stringify([id, status]).slice(0, 200);
  throw new GatewayError('bad-answer', `${what}: Stripe answered a payment ${named}; look it up there.`);
}
