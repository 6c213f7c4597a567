// The operator's file of Stripe customers: read, read again when it has changed, and never taken for a statement when broken.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { stripeCustomersIn } from './customers.js';

const folder = mkdtempSync(join(tmpdir(), 'stripe-customers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(folder, `${crypto.randomUUID()}.json`);
  writeFileSync(path, text);
  return path;
}

test('a tenant has a customer, and a payment method of its own or none', async () => {
  const customers = await stripeCustomersIn(
    file('{"acme": {"customer": "cus_1"}, "other": {"customer": "cus_2", "paymentMethod": "pm_2"}}'),
  );
  expect(await customers('acme')).toEqual({ customer: 'cus_1' });
  expect(await customers('other')).toEqual({ customer: 'cus_2', paymentMethod: 'pm_2' });
  expect(await customers('stranger')).toBeUndefined();
  expect(await customers('constructor')).toBeUndefined();
  expect(await customers('__proto__')).toBeUndefined();
});

test('a changed file needs no restart; a broken one is an error and not a missing customer', async () => {
  const path = file('{}');
  const customers = await stripeCustomersIn(path);
  expect(await customers('acme')).toBeUndefined();
  writeFileSync(path, '{"acme": {"customer": "cus_1"}}');
  expect(await customers('acme')).toEqual({ customer: 'cus_1' });
  writeFileSync(path, '{"acme": {"customer"');
  await expect(customers('acme')).rejects.toThrow(`${path} is no JSON`);
  rmSync(path);
  await expect(customers('acme')).rejects.toThrow('ENOENT');
});

test.each([
  ['[]', 'is no JSON object'],
  ['null', 'is no JSON object'],
  ['{"acme": "cus_1"}', 'tenant acme needs a customer of the form cus_…'],
  ['{"acme": {"customer": "1"}}', 'tenant acme needs a customer of the form cus_…'],
  ['{"acme": {"customer": "cus_1/../x"}}', 'tenant acme needs a customer of the form cus_…'],
  ['{"acme": {"customer": "cus_1", "paymentMethod": 7}}', 'tenant acme needs a paymentMethod of the form pm_…'],
])('%s is refused at the start', async (text, fault) => {
  await expect(stripeCustomersIn(file(text))).rejects.toThrow(fault);
});
