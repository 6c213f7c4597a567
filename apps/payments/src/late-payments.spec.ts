// What a person pays after a decline: credited once, and never beside a second payment; with both gateways.

import { afterEach, describe, expect, test } from '@jest/globals';
import { ACME, HOUR_MS, NOON_MS, World } from './fixtures.js';
import type { Behaviour } from './simulator/behaviours.js';

const DAY_MS = 24 * HOUR_MS;
const CREDITED = ['RechargeSucceeded.v1', 'CreditPurchased.v1'];

describe.each(['http', 'stripe'] as const)('at the %s gateway', (by) => {
  let world: World;
  afterEach(async () => {
    expect(world.errors).toEqual([]);
    await world.end();
  });
  const keys = (): readonly string[] => world.simulator.payments().map(({ key }) => key);
  const begin = async (...behaviours: readonly Behaviour[]): Promise<ReturnType<World['program']>> => {
    world = await World.begin(behaviours, { by });
    return world.program();
  };
  const balance = async (): Promise<unknown> => (await world.events()).at(-1)?.data['balance'];

  test('news of an authenticated payment credits it, once', async () => {
    const { process } = await begin('authentication-required');
    expect(await process.work(ACME)).toBe('declined');
    expect(await process.settleLate(ACME)).toBe('declined');
    expect(await world.simulator.authenticate('acme:1/1')).toBe(true);
    expect(await Promise.all([1, 2, 3].map(() => process.settleLate(ACME)))).toContain('paid');
    expect(await process.settleLate(ACME)).toBe('settled-elsewhere');
    expect(await process.work(ACME)).toBe('recharge-closed');
    expect(await world.types()).toEqual(['PaymentAttempted.v1', 'PaymentDeclined.v1', ...CREDITED]);
    expect(await balance()).toBe('50');
    expect(world.secondPayments).toEqual([]);
    expect(keys()).toEqual(['acme:1/1']);
  });

  test('without news, the next attempt finds it paid and is not begun', async () => {
    const { process, sweep } = await begin('authentication-required');
    await process.work(ACME);
    await world.simulator.authenticate('acme:1/1');
    world.nowMs = NOON_MS + DAY_MS - 1;
    await sweep.sweep();
    world.nowMs = NOON_MS + DAY_MS;
    await sweep.sweep();
    expect(world.swept).toEqual(['payment-retry-not-due', 'paid']);
    expect(await world.types()).toEqual(['PaymentAttempted.v1', 'PaymentDeclined.v1', ...CREDITED]);
    expect(keys()).toEqual(['acme:1/1']);
  });

  test('what nobody paid in time is followed by the next attempt', async () => {
    const { process, sweep } = await begin('authentication-required', 'success');
    await process.work(ACME);
    world.nowMs = NOON_MS + DAY_MS;
    await sweep.sweep();
    expect(world.swept).toEqual(['paid']);
    expect(await world.types()).toEqual(['PaymentAttempted.v1', 'PaymentDeclined.v1', 'PaymentAttempted.v1', ...CREDITED]);
    expect(keys()).toEqual(['acme:1/1', 'acme:1/2']);
  });

  test('a gateway that does not say holds the next attempt back', async () => {
    const { process, sweep } = await begin('authentication-required', 'success');
    await process.work(ACME);
    await world.simulator.close();
    world.nowMs = NOON_MS + DAY_MS;
    await sweep.sweep();
    expect(world.swept).toEqual(['outcome-unknown']);
    expect(await world.types()).toEqual(['PaymentAttempted.v1', 'PaymentDeclined.v1']);
  });

  test('after the recharge failed, what a person pays is credited', async () => {
    const { process } = await begin('authentication-required');
    for (const day of [0, 1, 2, 3]) {
      world.nowMs = NOON_MS + day * DAY_MS;
      expect(await process.work(ACME)).toBe('declined');
    }
    expect(await process.work(ACME)).toBe('recharge-closed');
    expect((await world.types()).at(-1)).toBe('RechargeFailed.v1');
    expect(await world.simulator.authenticate('acme:1/4')).toBe(true);
    expect(await process.settleLate(ACME)).toBe('paid');
    expect((await world.types()).slice(-3)).toEqual(['RechargeFailed.v1', ...CREDITED]);
    expect(await balance()).toBe('50');
  });

  test.each<[Behaviour, string, readonly string[]]>([
    ['processing-then-success', 'paid', CREDITED],
    ['processing-then-decline', 'declined', ['RechargeFailed.v1']],
  ])('news of a payment that was processing (%s)', async (behaviour, progress, events) => {
    const { process } = await begin(behaviour);
    expect(await process.work(ACME)).toBe('processing');
    expect(await process.settleLate(ACME)).toBe(progress);
    expect(await world.types()).toEqual(['PaymentAttempted.v1', ...events]);
  });

  test('news before the answer: whoever comes second finds it recorded', async () => {
    const { process } = await begin('timeout-after-charging');
    const working = process.work(ACME);
    while (keys().length === 0) await new Promise(setImmediate);
    expect(await process.settleLate(ACME)).toBe('paid');
    expect(await working).toBe('settled-elsewhere');
    expect(await world.types()).toEqual(['PaymentAttempted.v1', ...CREDITED]);
  });

  test('news never begins an attempt, and of an unknown recharge it changes nothing', async () => {
    const { process } = await begin('success');
    expect(await process.settleLate(ACME)).toBe('declined');
    expect(await process.settleLate({ tenant: 'acme', rechargeId: 'acme:9' })).toBe('recharge-unknown');
    expect(await process.settleLate({ tenant: 'nobody', rechargeId: 'nobody:1' })).toBe('recharge-unknown');
    expect(keys()).toEqual([]);
    expect(await world.types()).toEqual([]);
  });

  test('money taken beside a payment that stands is reported', async () => {
    const { process } = await begin('authentication-required');
    await process.work(ACME);
    const outcome = { paid: true, paymentReference: 'cash-1' } as const;
    await world.ledger('acme', { kind: 'record-payment', nowMs: NOON_MS, rechargeId: 'acme:1', attempt: 1, outcome });
    await world.simulator.authenticate('acme:1/1');
    expect(await process.settleLate(ACME)).toBe('second-payment');
    expect(world.secondPayments).toEqual([by === 'http' ? 'pay-000001' : 'pi_000001']);
    expect(await balance()).toBe('50');
  });
});

test('at Stripe nobody can pay an attempt any more once the next one has begun', async () => {
  const world = await World.begin(['authentication-required', 'authentication-required', 'success'], { by: 'stripe' });
  const { process } = world.program();
  await process.work(ACME);
  world.nowMs = NOON_MS + DAY_MS;
  expect(await process.work(ACME)).toBe('declined');
  expect(world.answers).toEqual(['charge: declined', 'give-up: declined', 'charge: declined']);
  expect(await world.simulator.authenticate('acme:1/1')).toBe(false);
  expect(await world.simulator.authenticate('acme:1/2')).toBe(true);
  world.nowMs = NOON_MS + 2 * DAY_MS;
  expect(await process.work(ACME)).toBe('paid');
  expect(world.simulator.payments().map(({ key, status }) => [key, status])).toEqual([
    ['acme:1/1', 'declined'],
    ['acme:1/2', 'paid'],
  ]);
  expect((await world.types()).filter((type) => type === 'CreditPurchased.v1')).toHaveLength(1);
  await world.end();
});
