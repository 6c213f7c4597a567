// The payment step end to end: commands on the bus, a gateway over real HTTP, outcomes on the tenant's stream.

import { afterEach, describe, expect, test } from '@jest/globals';
import { ACME, commandMessage, DEAD_LETTERS, HOUR_MS, NOON_MS, TOPIC, World } from './fixtures.js';
import type { Behaviour } from './simulator/behaviours.js';

let world: World;
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.end();
});

const begin = async (...behaviours: readonly Behaviour[]): Promise<void> => {
  world = await World.begin(behaviours);
};
const keys = (): readonly string[] => world.simulator.payments().map(({ key }) => key);
const PAID = ['PaymentAttempted.v1', 'RechargeSucceeded.v1', 'CreditPurchased.v1'];

describe('one command', () => {
  test('is attempted, paid and credited', async () => {
    await begin('success');
    await world.deliver(commandMessage());
    const [attempted, succeeded, purchased] = await world.events();
    expect(await world.types()).toEqual(PAID);
    expect(attempted?.data).toMatchObject({ attempt: 1, amount: '50', rechargeId: 'acme:1' });
    expect(succeeded?.data).toMatchObject({ attempt: 1, paymentReference: 'pay-000001' });
    expect(purchased?.data).toMatchObject({ amount: '50', balance: '50' });
    expect(world.simulator.payments()).toMatchObject([{ key: 'acme:1/1', amount: '50', currency: 'EUR', status: 'paid' }]);
  });

  test('delivered three times, at once and later, is paid once', async () => {
    await begin('success');
    await world.deliver(commandMessage(), commandMessage());
    await world.deliver(commandMessage());
    expect(world.progress).toEqual(['paid', 'paid', 'recharge-closed']);
    expect(await world.types()).toEqual(PAID);
    expect(keys()).toEqual(['acme:1/1']);
  });

  test.each<Behaviour>(['timeout-after-charging', 'drop-reply'])('%s: the same key again, one payment', async (behaviour) => {
    await begin(behaviour);
    await world.deliver(commandMessage());
    expect(world.answers).toEqual(['charge: no-answer', 'charge: paid']);
    expect(await world.types()).toEqual(PAID);
    expect(keys()).toEqual(['acme:1/1']);
  });

  test('for an expired card fails the recharge', async () => {
    await begin('expired-card');
    await world.deliver(commandMessage());
    expect(await world.types()).toEqual(['PaymentAttempted.v1', 'RechargeFailed.v1']);
    expect((await world.events())[1]?.data).toMatchObject({ attempt: 1, code: 'expired-card' });
  });
});

test('a recharge requested by another program since the account was last read is known', async () => {
  await begin('success');
  const { process } = world.program();
  await process.work(ACME);
  const second = { tenant: 'acme', rechargeId: 'acme:2' };
  await world.request(second);
  expect(await process.work(second)).toBe('paid');
  expect(keys()).toEqual(['acme:1/1', 'acme:2/1']);
});

describe('the sweep takes up', () => {
  test('a soft decline, with the next attempt, when it is due and no sooner', async () => {
    await begin('insufficient-funds', 'success');
    const auto = await world.requestAuto('auto');
    await world.deliver(commandMessage(auto));
    const { sweep } = world.program();
    world.nowMs = NOON_MS + HOUR_MS - 1;
    await sweep.sweep();
    expect(await world.types('auto')).toEqual(['RechargeRequested.v1', 'PaymentAttempted.v1', 'PaymentDeclined.v1']);
    world.nowMs = NOON_MS + HOUR_MS;
    await sweep.sweep();
    expect(world.swept).toEqual(['payment-retry-not-due', 'paid']);
    expect((await world.types('auto')).slice(3)).toEqual(PAID);
    expect(keys()).toEqual([`${auto.rechargeId}/1`, `${auto.rechargeId}/2`]);
  });

  test('a payment that was processing, by looking it up', async () => {
    await begin('processing-then-success');
    await world.deliver(commandMessage());
    expect(await world.types()).toEqual(['PaymentAttempted.v1']);
    await world.program().sweep.sweep();
    expect(world.answers).toEqual(['charge: processing', 'look-up: paid']);
    expect(await world.types()).toEqual(PAID);
  });

  test('an outcome that stayed unknown, with the same key, while the partition moved on', async () => {
    await begin('unavailable', 'drop-request', 'unavailable', 'success');
    const other = { tenant: 'other', rechargeId: 'other:1' };
    await world.request(other);
    await world.simulator.setBehaviours('other', ['success']);
    await world.deliver(commandMessage(), commandMessage(other));
    expect(world.progress.toSorted()).toEqual(['outcome-unknown', 'paid']);
    expect(await world.types()).toEqual(['PaymentAttempted.v1']);
    await world.program().sweep.sweep();
    expect(await world.types()).toEqual(PAID);
    expect(keys()).toEqual(['other:1/1', 'acme:1/1']);
  });

  test('an attempt whose program died after the gateway took the money', async () => {
    await begin('success');
    await world.ledger('acme', { kind: 'attempt-payment', nowMs: NOON_MS, rechargeId: 'acme:1' });
    const headers = { 'idempotency-key': 'acme:1/1' };
    const body = JSON.stringify({ tenant: 'acme', rechargeId: 'acme:1', attempt: 1, amount: '50', currency: 'EUR' });
    await fetch(`${world.simulator.url}/v1/payments`, { method: 'POST', headers, body });
    await world.program().sweep.sweep();
    expect(world.answers).toEqual(['look-up: paid']);
    expect(await world.types()).toEqual(PAID);
    expect(keys()).toEqual(['acme:1/1']);
  });
});

describe('an attempt that stands since', () => {
  const standing = async (): Promise<void> => {
    await begin('success');
    await world.ledger('acme', { kind: 'attempt-payment', nowMs: NOON_MS, rechargeId: 'acme:1' });
  };

  test('less than 23 hours is sent again when the gateway does not know it', async () => {
    await standing();
    world.nowMs = NOON_MS + 23 * HOUR_MS - 1;
    await world.program().sweep.sweep();
    expect(world.answers).toEqual(['look-up: unknown-key', 'charge: paid']);
  });

  test('23 hours is never sent: the gateway does not know it, so the next attempt may follow', async () => {
    await begin('success');
    const auto = await world.requestAuto('auto');
    await world.ledger('auto', { kind: 'attempt-payment', nowMs: NOON_MS, rechargeId: auto.rechargeId });
    world.nowMs = NOON_MS + 23 * HOUR_MS;
    await world.program().sweep.sweep();
    expect(world.answers).toEqual(['look-up: unknown-key']);
    expect(keys()).toEqual([]);
    const declined = (await world.events('auto')).find(({ type }) => type === 'PaymentDeclined.v1');
    expect(declined?.data).toMatchObject({ attempt: 1, code: 'never-reached-gateway' });
    world.nowMs += HOUR_MS;
    await world.program().sweep.sweep();
    expect(keys()).toEqual([`${auto.rechargeId}/2`]);
  });

  test('23 hours is looked up: the gateway took the money', async () => {
    await standing();
    const headers = { 'idempotency-key': 'acme:1/1' };
    const body = JSON.stringify({ tenant: 'acme', rechargeId: 'acme:1', attempt: 1, amount: '50', currency: 'EUR' });
    await fetch(`${world.simulator.url}/v1/payments`, { method: 'POST', headers, body });
    world.nowMs = NOON_MS + 30 * HOUR_MS;
    await world.program().sweep.sweep();
    expect(world.answers).toEqual(['look-up: paid']);
    expect(await world.types()).toEqual(PAID);
  });
});

describe('at the same time', () => {
  test.each<Behaviour>(['success', 'drop-reply', 'processing-then-success'])('four programs pay once (%s)', async (behaviour) => {
    await begin(behaviour);
    const programs = Array.from({ length: 4 }, () => world.program());
    await Promise.all(programs.map(({ process }) => process.work(ACME)));
    await programs[0]?.sweep.sweep();
    expect(await world.types()).toEqual(PAID);
    expect(keys()).toEqual(['acme:1/1']);
  });

  test('a command and the sweep of one program ask the gateway once', async () => {
    await begin('success');
    const { process, sweep } = world.program();
    await Promise.all([process.work(ACME), sweep.sweep(), process.work(ACME)]);
    expect(world.answers).toEqual(['charge: paid']);
  });

  test('money taken for a recharge that was paid otherwise is reported', async () => {
    await begin('timeout-after-charging');
    const { process } = world.program();
    const working = process.work(ACME);
    while (world.simulator.payments().length === 0) await new Promise(setImmediate);
    const outcome = { paid: true, paymentReference: 'cash-1' } as const;
    await world.ledger('acme', { kind: 'record-payment', nowMs: NOON_MS, rechargeId: 'acme:1', attempt: 1, outcome });
    expect(await working).toBe('second-payment');
    expect(world.secondPayments).toEqual(['pay-000001']);
    expect(await world.types()).toEqual(PAID);
  });
});

describe('dead letters', () => {
  const notJson = { ...commandMessage(), value: '{"amount"' };
  const { ce_id: _, ...withoutId } = commandMessage().headers;
  test.each([
    ['command-not-a-cloudevent', 'no JSON', notJson],
    ['command-not-a-cloudevent', 'an id missing', { ...commandMessage(), headers: withoutId }],
    ['command-not-a-cloudevent', 'no headers', { ...commandMessage(), headers: {} }],
    ['command-not-a-cloudevent', 'an unknown version', commandMessage(ACME, {}, { ce_specversion: '9' })],
    ['command-not-a-cloudevent', 'no time', commandMessage(ACME, {}, { ce_time: 'noon' })],
    ['command-of-other-type', 'a later version', commandMessage(ACME, {}, { ce_type: 'tollkeeper.recharge.requested.v2' })],
    ['command-field-invalid', 'a number for an amount', commandMessage(ACME, { amount: 50 })],
    ['command-field-invalid', 'an infinite amount', commandMessage(ACME, { amount: '1e309' })],
    ['command-field-invalid', 'a negative amount', commandMessage(ACME, { amount: '-50' })],
    ['command-field-invalid', 'no recharge', commandMessage(ACME, { rechargeId: undefined })],
    ['command-field-invalid', 'two tenants', commandMessage(ACME, { tenant: 'other' })],
    ['command-field-invalid', 'data that is null', { ...commandMessage(), value: 'null' }],
    ['command-contradicts-stream', 'another amount', commandMessage(ACME, { amount: '5000' })],
    ['command-contradicts-stream', 'another currency', commandMessage(ACME, { currency: 'USD' })],
    ['recharge-unknown', 'another recharge', commandMessage({ tenant: 'acme', rechargeId: 'acme:9' })],
    ['recharge-unknown', 'no account', commandMessage({ tenant: 'nobody', rechargeId: 'nobody:1' })],
  ])('%s (%s), and the partition moves on', async (code, _what, malformed) => {
    await begin('success');
    const other = { tenant: 'other', rechargeId: 'other:1' };
    await world.request(other);
    await world.deliver(malformed, commandMessage(other));
    expect(keys()).toEqual(['other:1/1']);
    expect(await world.types()).toEqual([]);
    const letters = await world.deadLetters();
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({
      topic: DEAD_LETTERS,
      key: Buffer.from(malformed.key),
      value: Buffer.from(malformed.value),
    });
    expect(letters[0]?.headers).toMatchObject({
      ...malformed.headers,
      'kafka_dlt-original-topic': TOPIC,
      'kafka_dlt-original-partition': '0',
      'kafka_dlt-original-offset': '0',
      'kafka_dlt-exception-message': expect.stringMatching(new RegExp(`^${code}: .`)),
    });
  });

  test('a stream that cannot be folded holds up nobody else', async () => {
    await begin('success');
    const junk = { id: crypto.randomUUID(), type: 'Nonsense.v1', data: {}, metadata: {} };
    await world.store.append('credit-broken', -1, [junk]);
    await world.deliver(commandMessage({ tenant: 'broken', rechargeId: 'broken:1' }), commandMessage());
    expect(await world.types()).toEqual(PAID);
    expect((await world.deadLetters())[0]?.headers['kafka_dlt-exception-message']).toMatch(/^stream-unreadable: /);
  });
});
