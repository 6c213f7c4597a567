// What a gateway can do to a recharge: say no for good, say no for now, take the money and lose the answer. One payment, one credit.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aCall, auditStream, describeOnEngines, OPEN_WITHIN_MS, Stage } from '../stage/index.js';

await describeOnEngines('recharge outcomes', (engines) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ name: 'recharge', engines });
    await stage.startReady('simulator', 'rating', 'projections');
    await stage.startReady('payments');
  }, OPEN_WITHIN_MS);
  afterAll(() => stage?.close(), 30_000);

  /** An account just above its trigger, and the call that takes it below. */
  async function crossed(name: string, behaviour: string): Promise<string> {
    const tenant = stage.tenant(name);
    const url = `${stage.env['PAYMENT_GATEWAY_URL']}/v1/behaviours/${tenant}`;
    const set = await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ behaviours: [behaviour] }),
    });
    expect(set.ok).toBe(true);
    await stage.openAccounts([tenant], { credit: 10, autoRecharge: { trigger: 10, amount: 20 } });
    await stage.publishCdrs([aCall({ id: 'crossing', tenant })]);
    return tenant;
  }
  const typesOf = async (tenant: string) => (await stage.events(tenant)).map(({ type }) => type);
  const paymentsOf = async (tenant: string) => (await stage.payments()).filter((payment) => payment.tenant === tenant);

  test.each(['success', 'timeout-after-charging', 'drop-reply', 'processing-then-success'])(
    '%s: paid once, credited once',
    async (behaviour) => {
      const tenant = await crossed(behaviour, behaviour);
      await stage.until(
        'the credit',
        async () => (await typesOf(tenant)).filter((type) => type === 'CreditPurchased.v1').length === 2,
      );
      expect((await paymentsOf(tenant)).map(({ status, amount }) => ({ status, amount }))).toEqual([
        { status: 'paid', amount: '20' },
      ]);
      const facts = auditStream(await stage.events(tenant));
      expect(facts.balanceSteps).toBe(299_800n);
      expect((await typesOf(tenant)).filter((type) => type === 'RechargeRequested.v1')).toHaveLength(1);
    },
  );

  test('an expired card fails the recharge and asks no more', async () => {
    const tenant = await crossed('expired', 'expired-card');
    await stage.until('the failure', async () => (await typesOf(tenant)).includes('RechargeFailed.v1'));
    const failed = (await stage.events(tenant)).find(({ type }) => type === 'RechargeFailed.v1');
    expect(failed?.data).toMatchObject({ code: 'expired-card', autoRechargeSuspended: true });
    await stage.publishCdrs([aCall({ id: 'next', tenant })]);
    await stage.until('the next call', async () => (await typesOf(tenant)).at(-1) === 'CallDebited.v1');
    expect((await typesOf(tenant)).filter((type) => type === 'RechargeRequested.v1')).toHaveLength(1);
    expect((await paymentsOf(tenant)).filter(({ status }) => status === 'paid')).toEqual([]);
  });

  test('a decline for now stands on the stream with the time of the next attempt', async () => {
    const tenant = await crossed('soft', 'insufficient-funds');
    await stage.until('the decline', async () => (await typesOf(tenant)).includes('PaymentDeclined.v1'));
    const declined = (await stage.events(tenant)).find(({ type }) => type === 'PaymentDeclined.v1');
    expect(declined?.data).toMatchObject({ attempt: 1, code: 'insufficient-funds' });
    expect(Date.parse(String(declined?.data['retryAt']))).toBeGreaterThan(Date.now());
  });
});
