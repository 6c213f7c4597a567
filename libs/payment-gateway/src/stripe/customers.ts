// Payment step at Stripe: a tenant comes in; whom Stripe knows it as goes out, from a file that the operator keeps.
//
// The file is a JSON object, tenant → { "customer": "cus_…", "paymentMethod": "pm_…" }. Without a payment method the
// customer's default one for invoices is taken. It is read again when it has changed, so a new tenant needs no restart. A tenant
// keeps its customer for ever: payments are looked up there, and those of another customer would not be found.

import { readFile, stat } from 'node:fs/promises';

export type StripeCustomer = { readonly customer: string; readonly paymentMethod?: string };

/** @throws Error that names the file and the fault; it is no statement about any tenant. */
export type StripeCustomers = (tenant: string) => Promise<StripeCustomer | undefined>;

const MAX_FILE_BYTES = 16_777_216;
const CUSTOMER_FORM = /^cus_[A-Za-z0-9_]{1,200}$/;
/** Cards kept as sources or cards by older integrations are payment methods too. */
const PAYMENT_METHOD_FORM = /^(pm|card|src|ba)_[A-Za-z0-9_]{1,200}$/;

/** Reads the file once at once, so that a fault shows at the start. */
export async function stripeCustomersIn(file: string): Promise<StripeCustomers> {
  let read = await readCustomers(file);
  return async (tenant) => {
    if ((await versionOf(file)) !== read.version) read = await readCustomers(file);
    return read.customers.get(tenant);
  };
}

type Read = { readonly version: string; readonly customers: ReadonlyMap<string, StripeCustomer> };

async function readCustomers(file: string): Promise<Read> {
  // The version is taken first: a file that changes while it is read is read again next time.
  const version = await versionOf(file);
  const text = await readFile(file, 'utf8');
  return { version, customers: parseCustomers(file, text) };
}

async function versionOf(file: string): Promise<string> {
  const { ino, mtimeMs, size } = await stat(file);
  if (size > MAX_FILE_BYTES) throw new Error(`${file} is longer than ${MAX_FILE_BYTES} bytes`);
  return `${ino} ${mtimeMs} ${size}`;
}

function parseCustomers(file: string, text: string): ReadonlyMap<string, StripeCustomer> {
  const unchecked = parseJson(file, text);
  if (typeof unchecked !== 'object' || unchecked === null || Array.isArray(unchecked)) {
    throw new Error(`${file} is no JSON object of tenant → { "customer": "cus_…" }`);
  }
  return new Map(Object.entries(unchecked).map(([tenant, entry]) => [tenant, parseCustomer(file, tenant, entry)]));
}

function parseCustomer(file: string, tenant: string, unchecked: unknown): StripeCustomer {
  const { customer, paymentMethod } = Object(unchecked) as Readonly<Record<string, unknown>>;
  const fault = (field: string, form: string): Error =>
    new Error(`${file}: tenant ${tenant} needs a ${field} of the form ${form}`);
  if (typeof customer !== 'string' || !CUSTOMER_FORM.test(customer)) throw fault('customer', 'cus_…');
  if (paymentMethod === undefined) return { customer };
  if (typeof paymentMethod !== 'string' || !PAYMENT_METHOD_FORM.test(paymentMethod)) throw fault('paymentMethod', 'pm_…');
  return { customer, paymentMethod };
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`${file} is no JSON`, { cause: error });
  }
}
