// The payment step as the application runs it: it starts with Nest, works, says whether it is ready, and stops in time.

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { httpGateway } from '@tollkeeper/payment-gateway';
import { createLogger, createMetrics, Readiness } from '@tollkeeper/program';
import { waitFor } from '@tollkeeper/testing';
import { afterEach, expect, test } from '@jest/globals';
import { commandMessage, NOON_MS, TOPIC, World } from './fixtures.js';
import { PaymentsModule } from './payments.module.js';
import { READINESS_CHECKS, type PaymentsParts } from './payments-runner.js';
import type { Behaviour } from './simulator/behaviours.js';

let world: World;
let app: INestApplicationContext | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
  await world.end();
});

async function started(behaviour: Behaviour, change: Partial<PaymentsParts> = {}): Promise<PaymentsParts> {
  world = await World.begin([behaviour]);
  const parts: PaymentsParts = {
    eventStore: world.store,
    bus: world.bus,
    gateway: httpGateway({ url: world.simulator.url, timeoutMs: 60_000 }),
    openRecharges: async () => world.open,
    options: { topic: TOPIC, group: 'payments', sweepIntervalMs: 20 },
    logger: createLogger('payments', { level: 'silent' }),
    registry: createMetrics('payments'),
    readiness: new Readiness(READINESS_CHECKS),
    onFatal: (error) => {
      throw error;
    },
    nowMs: () => NOON_MS,
    ...change,
  };
  app = await NestFactory.createApplicationContext(PaymentsModule.register(parts), { logger: false, abortOnError: false });
  return parts;
}

test('a command is paid, counted, and the program is ready', async () => {
  const { registry, readiness } = await started('success', { openRecharges: async () => [] });
  await world.bus.publish(TOPIC, [commandMessage()]);
  const paid = async (): Promise<boolean> => (await world.types()).includes('CreditPurchased.v1');
  await waitFor(paid, { timeoutMs: 5_000, what: 'the recharge to be credited' });
  await waitFor(() => readiness.snapshot().ok, { timeoutMs: 5_000, what: 'readiness' });
  const metrics = await registry.metrics();
  expect(metrics).toContain('tollkeeper_payment_attempts_total{program="payments"} 1');
  expect(metrics).toContain('tollkeeper_payment_outcomes_total{kind="paid",code="",program="payments"} 1');
  expect(metrics).toMatch(/tollkeeper_payment_gateway_seconds_count\{.*result="paid".*\} 1/);
});

test('the sweep runs by itself, also for a recharge whose command never came', async () => {
  await started('processing-then-success');
  const paid = async (): Promise<boolean> => (await world.types()).includes('CreditPurchased.v1');
  await waitFor(paid, { timeoutMs: 5_000, what: 'the recharge to be credited' });
});

test('a list that cannot be read is told by readiness, and read again', async () => {
  let reads = 0;
  const openRecharges = async (): Promise<typeof world.open> => {
    reads += 1;
    if (reads > 2) return [];
    throw new Error('the read store is down');
  };
  const { readiness } = await started('success', { openRecharges });
  const check = (): { ok: boolean; reason: string } | undefined => readiness.snapshot().checks['payments:open-recharges'];
  await waitFor(() => check()?.reason === 'Error: the read store is down', { timeoutMs: 5_000, what: 'the failing check' });
  await waitFor(() => check()?.ok, { timeoutMs: 5_000, what: 'the check to recover' });
});

test('stopping does not wait for a gateway that does not answer, and commits nothing', async () => {
  await started('timeout-after-charging', { openRecharges: async () => [] });
  await world.bus.publish(TOPIC, [commandMessage()]);
  await waitFor(() => world.simulator.payments().length === 1, { timeoutMs: 5_000, what: 'the payment' });
  const before = performance.now();
  await app?.close();
  app = undefined;
  expect(performance.now() - before).toBeLessThan(4_500);
  expect(await world.bus.lag('payments', [TOPIC])).toBe(1n);
  expect(await world.types()).toEqual(['PaymentAttempted.v1']);
});

test('topics that are missing are named', async () => {
  const options = { topic: 'nowhere', group: 'payments', sweepIntervalMs: 20 };
  await expect(started('success', { options })).rejects.toThrow('Topics are missing on the bus: nowhere, nowhere.dlt');
});
