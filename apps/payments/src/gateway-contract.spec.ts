// The port's contract: both gateways, over real HTTP and over the simulator's one set of books, give the same answers.

import { afterEach, describe, expect, test } from '@jest/globals';
import { DECLINE_CODES, GatewayError, type PaymentGateway, type PaymentRequest, traceOf } from '@tollkeeper/payment-gateway';
import { GATEWAYS, IMPATIENT_MS } from './fixtures.js';
import type { Behaviour } from './simulator/behaviours.js';
import { startSimulator, type Simulator } from './simulator/simulator.js';

const { signal } = new AbortController();
const ACME: PaymentRequest = {
  ...traceOf({ tenant: 'acme', rechargeId: 'acme:7', attempt: 1 }),
  amount: '50',
  currency: 'EUR',
  signal,
};
const SECOND: PaymentRequest = { ...ACME, ...traceOf({ ...ACME, attempt: 2 }) };

describe.each([
  ['http', 'pay-000001'],
  ['stripe', 'pi_000001'],
] as const)('the %s gateway', (by, paymentReference) => {
  let simulator: Simulator;
  afterEach(() => simulator.close());
  const started = async (...behaviours: readonly Behaviour[]): Promise<PaymentGateway> => {
    simulator = await startSimulator({ port: 0, behaviours });
    return GATEWAYS[by](simulator.url, behaviours.includes('timeout-after-charging') ? IMPATIENT_MS : undefined);
  };
  const keys = (): readonly string[] => simulator.payments().map(({ key }) => key);
  const codeOf = (error: unknown): string => (error instanceof GatewayError ? error.code : String(error));
  const PAID = { kind: 'paid', paymentReference };

  test('takes money once for a key, however often and however much at once it is asked', async () => {
    const gateway = await started('success');
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => gateway.charge(ACME)));
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => PAID));
    expect(simulator.payments()).toEqual([
      {
        key: 'acme:7/1',
        tenant: 'acme',
        rechargeId: 'acme:7',
        attempt: 1,
        amount: '50',
        currency: 'EUR',
        status: 'paid',
        paymentReference,
      },
    ]);
  });

  test.each([
    ['12.5', 'EUR'],
    ['500', 'JPY'],
    ['5', 'ISK'],
    ['5000', 'MGA'],
    ['5.12', 'KWD'],
  ])('takes exactly %s %s', async (amount, currency) => {
    const gateway = await started('success');
    expect(await gateway.charge({ ...ACME, amount, currency })).toEqual(PAID);
    expect(simulator.payments()).toMatchObject([{ amount, currency }]);
  });

  const codes = DECLINE_CODES.filter(({ code }) => code !== 'payment-method-missing');
  test.each(codes)('$code is a $class decline, then, again and when looked up', async ({ code, class: declineClass }) => {
    const gateway = await started(code);
    const declined = { kind: 'declined', code, class: declineClass };
    expect(await gateway.charge(ACME)).toEqual(declined);
    expect(await gateway.charge(ACME)).toEqual(declined);
    expect(await gateway.lookUp(ACME, signal)).toEqual(declined);
    expect(keys()).toEqual(['acme:7/1']);
  });

  test.each<Behaviour>(['timeout-after-charging', 'drop-reply'])('%s: no answer, and the payment is found', async (behaviour) => {
    const gateway = await started(behaviour);
    await expect(gateway.charge(ACME)).rejects.toMatchObject({ code: 'no-answer', retryable: true });
    expect(await gateway.lookUp(ACME, signal)).toEqual(PAID);
    expect(await gateway.charge(ACME)).toEqual(PAID);
    expect(keys()).toEqual(['acme:7/1']);
  });

  test.each<[Behaviour, string]>([
    ['drop-request', 'no-answer'],
    ['unavailable', 'unavailable'],
  ])('%s: nothing is taken, and the same key may be sent again', async (behaviour, code) => {
    const gateway = await started(behaviour, 'success');
    expect(await gateway.charge(ACME).catch(codeOf)).toBe(code);
    expect(await gateway.lookUp(ACME, signal)).toBe('unknown-key');
    expect(await gateway.charge(ACME)).toEqual(PAID);
  });

  test.each<[Behaviour, unknown]>([
    ['processing-then-success', PAID],
    ['processing-then-decline', { kind: 'declined', code: 'card-declined', class: 'soft' }],
  ])('%s: the end is looked up', async (behaviour, end) => {
    const gateway = await started(behaviour);
    expect(await gateway.charge(ACME)).toEqual({ kind: 'processing' });
    expect(await gateway.lookUp(ACME, signal)).toEqual(end);
  });

  test('what a person pays after a decline is found', async () => {
    const gateway = await started('authentication-required');
    expect(await gateway.charge(ACME)).toMatchObject({ kind: 'declined', class: 'authentication' });
    expect(await simulator.authenticate('acme:7/1')).toBe(true);
    expect(await gateway.lookUp(ACME, signal)).toEqual(PAID);
    expect(simulator.payments()).toMatchObject([{ status: 'paid', paymentReference }]);
  });

  test('looks up the attempt that is meant, and takes nothing', async () => {
    const gateway = await started('insufficient-funds', 'success');
    expect(await gateway.lookUp(ACME, signal)).toBe('unknown-key');
    await gateway.charge(ACME);
    await gateway.charge(SECOND);
    expect(await gateway.lookUp(ACME, signal)).toMatchObject({ code: 'insufficient-funds' });
    expect(await gateway.lookUp(SECOND, signal)).toMatchObject({ kind: 'paid' });
    expect(await gateway.lookUp(traceOf({ ...ACME, attempt: 3 }), signal)).toBe('unknown-key');
    expect(keys()).toEqual(['acme:7/1', 'acme:7/2']);
  });

  test('a key with other content is a bad answer, never a decline', async () => {
    const gateway = await started('success');
    await gateway.charge(ACME);
    await expect(gateway.charge({ ...ACME, amount: '51' })).rejects.toMatchObject({ code: 'bad-answer', retryable: false });
    expect(simulator.payments()).toMatchObject([{ amount: '50' }]);
  });

  test('keys of any script', async () => {
    const gateway = await started('success');
    const long = traceOf({ tenant: 'acme', rechargeId: `acme:${'ü'.repeat(30)}?#%`, attempt: 1 });
    expect(await gateway.charge({ ...ACME, ...long })).toEqual(PAID);
    expect(await gateway.charge({ ...ACME, ...long })).toEqual(PAID);
    expect(await gateway.lookUp(long, signal)).toEqual(PAID);
  });

  test('a gateway out of reach is unavailable', async () => {
    const gateway = await started('success');
    await simulator.close();
    expect(await gateway.charge(ACME).catch(codeOf)).toBe('unavailable');
    expect(await gateway.lookUp(ACME, signal).catch(codeOf)).toBe('unavailable');
  });

  test('a request that was given up has no answer', async () => {
    const gateway = await started('timeout-after-charging');
    const stopping = new AbortController();
    const charged = gateway.charge({ ...ACME, signal: stopping.signal }).catch(codeOf);
    while (keys().length === 0) await new Promise(setImmediate);
    stopping.abort(new Error('The program is stopping'));
    expect(await charged).toBe('no-answer');
    expect(await gateway.lookUp(ACME, AbortSignal.abort()).catch(codeOf)).toBe('no-answer');
  });
});
