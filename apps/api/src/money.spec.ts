// Money over real HTTP, what the rules refuse: where and from how much on credits are sold, agreements, adjustments, refunds, caps.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { call, startApi, type Answer, type TestApi } from './fixtures.js';

let api: TestApi;
beforeAll(async () => void (api = await startApi()));
afterAll(() => api.close());

const post = (path: string, key: string, body: unknown, headers = {}): Promise<Answer> =>
  call(api, 'POST', `/v1/tenants/${path}`, body, { 'idempotency-key': key, ...headers });
const put = (path: string, body: unknown): Promise<Answer> => call(api, 'PUT', `/v1/tenants/${path}`, body);
const buy = (tenant: string, key: string, body: object): Promise<Answer> => post(`${tenant}/purchases`, key, body);
const invoice = (amount: string, more: object = {}): object => ({ amount, method: 'invoice', reference: 'INV-1', ...more });
const codeOf = ({ status, body }: Answer): [number, string] => [status, body.code];

async function opened(tenant: string, terms: object = {}, currency = 'EUR'): Promise<string> {
  await put(tenant, { currency });
  await put(`${tenant}/terms`, terms);
  return tenant;
}

async function eventsOf(tenant: string, type: string): Promise<readonly any[]> {
  const { body } = await call(api, 'GET', `/v1/tenants/${tenant}/events?limit=500`);
  return body.events.filter((event: { type: string }) => event.type === type).map(({ data }: { data: unknown }) => data);
}

describe('what is sold', () => {
  test.each(['invoice', 'card'])('by %s has a minimum in some currencies', async (method) => {
    const reference = method === 'invoice' ? { reference: 'INV-1' } : {};
    const euro = await opened(`minimum-${method}`);
    expect(codeOf(await buy(euro, 'p-1', { amount: '19.99', method, ...reference }))).toEqual([422, 'amount-below-minimum']);
    expect((await buy(euro, 'p-1', { amount: '20', method, ...reference })).body.changed).toBe(true);
    const dollar = await opened(`dollar-${method}`, {}, 'USD');
    expect(codeOf(await buy(dollar, 'p-1', { amount: '49.99', method, ...reference }))).toEqual([422, 'amount-below-minimum']);
    const crown = await opened(`crown-${method}`, {}, 'SEK');
    expect((await buy(crown, 'p-1', { amount: '1', method, ...reference })).body.changed).toBe(true);
  });

  test('is not sold everywhere', async () => {
    const tenant = await opened('seoul', { country: 'KR' });
    expect(codeOf(await buy(tenant, 'p-1', invoice('50')))).toEqual([403, 'credits-not-sold']);
    expect(codeOf(await buy(tenant, 'p-2', { amount: '50', method: 'card' }))).toEqual([403, 'credits-not-sold']);
    expect(codeOf(await put(`${tenant}/auto-recharge`, { trigger: '5', amount: '50' }))).toEqual([403, 'credits-not-sold']);
  });

  test('under an Enterprise Agreement needs that of the account, and a billing address in its region', async () => {
    const tenant = await opened('contoso', { country: 'FR', billingCountry: 'US', enterpriseAgreement: 'EA-7' });
    const other = invoice('50', { enterpriseAgreement: 'EA-8' });
    expect(codeOf(await buy(tenant, 'p-1', other))).toEqual([422, 'enterprise-agreement-mismatch']);
    const agreed = invoice('50', { enterpriseAgreement: 'EA-7', purchaseOrder: 'PO-1' });
    expect(codeOf(await buy(tenant, 'p-1', agreed))).toEqual([422, 'billing-address-elsewhere']);
    await put(`${tenant}/terms`, { billingCountry: 'DE' });
    expect((await buy(tenant, 'p-1', agreed)).status).toBe(201);
    const [purchased] = await eventsOf(tenant, 'CreditPurchased.v1');
    expect(purchased.origin).toEqual({
      enterpriseAgreement: 'EA-7',
      kind: 'invoice',
      purchaseOrder: 'PO-1',
      reference: 'INV-1',
    });
    expect(codeOf(await buy(tenant, 'p-2', { amount: '50', method: 'card', purchaseOrder: 'PO-1' }))).toEqual([
      422,
      'request-invalid',
    ]);
  });
});

describe('auto-recharge', () => {
  test('takes a target and caps, within reason and from the minimum on', async () => {
    const tenant = await opened('capped');
    const path = `${tenant}/auto-recharge`;
    const policy = { trigger: '5', amount: '20', target: '100', maxPerHour: '200', maxPerMonth: '1000.00' };
    expect((await put(path, policy)).body.changed).toBe(true);
    expect((await put(path, { ...policy, maxPerMonth: '1000' })).body.changed).toBe(false);
    const [set] = await eventsOf(tenant, 'AutoRechargeSet.v1');
    expect(set.policy).toEqual({ trigger: '5', amount: '20', target: '100', maxPerHour: '200', maxPerMonth: '1000' });
    expect((await put(path, { ...policy, target: null })).body.changed).toBe(true);
    for (const [change, code] of [
      [{ amount: '19' }, 'amount-below-minimum'],
      [{ target: '4' }, 'amount-invalid'],
      [{ maxPerHour: '19' }, 'amount-invalid'],
      [{ maxPerMonth: 1000 }, 'request-invalid'],
    ] as const) {
      expect(codeOf(await put(path, { ...policy, ...change }))).toEqual([422, code]);
    }
  });

  test('goes on when a person says so after failures have suspended it', async () => {
    const tenant = await opened('suspended');
    const resume = (key: string): Promise<Answer> => post(`${tenant}/auto-recharge/resume`, key, { author: 'j.doe' });
    expect((await resume('r-0')).body.changed).toBe(false);
    await put(`${tenant}/auto-recharge`, { trigger: '5', amount: '20' });
    const [{ rechargeId }] = await eventsOf(tenant, 'RechargeRequested.v1');
    const { nowMs } = api.clock;
    await api.execute(tenant, { kind: 'attempt-payment', nowMs, rechargeId });
    const outcome = { paid: false, code: 'stolen_card', class: 'hard' } as const;
    await api.execute(tenant, { kind: 'record-payment', nowMs, rechargeId, attempt: 1, outcome });
    expect((await resume('r-1')).body.changed).toBe(true);
    expect((await resume('r-1')).body.changed).toBe(true);
    expect((await resume('r-2')).body.changed).toBe(false);
    expect(await eventsOf(tenant, 'RechargeRequested.v1')).toHaveLength(2);
    expect((await post(`${tenant}/auto-recharge/resume`, 'r-3', {})).body.code).toBe('request-invalid');
  });
});

describe('adjustments', () => {
  const body = { direction: 'credit', amount: '5.004', author: 'j.doe', reason: 'goodwill' };

  test('are recorded once under their key', async () => {
    const tenant = await opened('adjusted');
    const first = await post(`${tenant}/adjustments`, 'a-1', body);
    expect([first.status, first.body]).toEqual([201, expect.objectContaining({ adjustmentId: 'a-1', balance: '5.004' })]);
    const again = await post(`${tenant}/adjustments`, 'a-1', body);
    expect([again.status, again.body.changed, again.body.balance]).toEqual([200, false, '5.004']);
    const other = await post(`${tenant}/adjustments`, 'a-1', { ...body, amount: '6' });
    expect(codeOf(other)).toEqual([422, 'adjustment-exists-with-different-content']);
    const debit = await post(`${tenant}/adjustments`, 'a-2', { ...body, direction: 'debit', amount: '7' });
    expect([debit.status, debit.body.balance]).toEqual([201, '-1.996']);
  });

  test('have a key of their own, which no purchase has or gets', async () => {
    const tenant = await opened('keys');
    await buy(tenant, 'k-1', invoice('20'));
    expect(codeOf(await post(`${tenant}/adjustments`, 'k-1', body))).toEqual([422, 'adjustment-exists-with-different-content']);
    await post(`${tenant}/adjustments`, 'k-2', body);
    expect(codeOf(await buy(tenant, 'k-2', invoice('20')))).toEqual([422, 'purchase-exists-with-different-content']);
    for (const key of ['keys:k-3', 'keys.7']) {
      expect(codeOf(await buy(tenant, key, invoice('20')))).toEqual([400, 'parameter-invalid']);
      expect(codeOf(await post(`${tenant}/adjustments`, key, body))).toEqual([400, 'parameter-invalid']);
    }
    expect((await buy(tenant, 'keys-3', invoice('20'))).status).toBe(201);
  });

  test.each<[object, number, string]>([
    [{ amount: '0' }, 422, 'amount-invalid'],
    [{ amount: '-5' }, 422, 'amount-invalid'],
    [{ amount: 5 }, 422, 'request-invalid'],
    [{ direction: 'sideways' }, 422, 'request-invalid'],
    [{ author: '' }, 422, 'request-invalid'],
    [{ reason: '' }, 422, 'request-invalid'],
    [{ reason: 'a\nb' }, 422, 'request-invalid'],
  ])('%j is refused', async (change, status, code) => {
    const tenant = await opened('refused');
    expect(codeOf(await post(`${tenant}/adjustments`, 'a-1', { ...body, ...change }))).toEqual([status, code]);
    expect((await call(api, 'POST', `/v1/tenants/${tenant}/adjustments`, body)).body.code).toBe('idempotency-key-missing');
    expect((await post('nobody/adjustments', 'a-1', body)).body.code).toBe('account-not-open');
  });
});

describe('refunds', () => {
  const body = { amount: '15', cause: 'refund', author: 'j.doe', reason: 'cancelled' };

  test('take back what a purchase credited, up to all of it', async () => {
    const tenant = await opened('refunded');
    await buy(tenant, 'p-1', invoice('20'));
    const first = await post(`${tenant}/purchases/p-1/refunds`, 'r-1', body);
    expect([first.status, first.body]).toEqual([
      201,
      expect.objectContaining({ refundId: 'r-1', purchaseId: 'p-1', balance: '5', changed: true }),
    ]);
    expect((await post(`${tenant}/purchases/p-1/refunds`, 'r-1', body)).status).toBe(200);
    const { amount: _, ...rest } = body;
    expect(codeOf(await post(`${tenant}/purchases/p-1/refunds`, 'r-1', { ...rest, amount: '1' }))).toEqual([
      422,
      'adjustment-exists-with-different-content',
    ]);
    expect(codeOf(await post(`${tenant}/purchases/p-1/refunds`, 'r-2', body))).toEqual([422, 'refund-exceeds-purchase']);
    const dispute = await post(`${tenant}/purchases/p-1/refunds`, 'r-3', { ...body, amount: '5', cause: 'dispute' });
    expect([dispute.status, dispute.body.balance]).toEqual([201, '0']);
    expect(codeOf(await post(`${tenant}/purchases/p-9/refunds`, 'r-4', body))).toEqual([404, 'purchase-unknown']);
    expect(codeOf(await post('nobody/purchases/p-1/refunds', 'r-1', body))).toEqual([404, 'account-not-open']);
    expect(codeOf(await post(`${tenant}/purchases/p-1/refunds`, 'r-5', { ...body, cause: 'whim' }))).toEqual([
      422,
      'request-invalid',
    ]);
  });

  test('name a purchase by card as the API did, and an automatic one as its event does', async () => {
    const tenant = await opened('by-card');
    await buy(tenant, 'card-1', { amount: '20', method: 'card' });
    await put(`${tenant}/auto-recharge`, { trigger: '50', amount: '30' });
    await pay(tenant, `${tenant}:card-1`);
    expect(await refundedOf(tenant, 'card-1')).toBe(`${tenant}:card-1`);
    const [, { rechargeId }] = await eventsOf(tenant, 'RechargeRequested.v1');
    await pay(tenant, rechargeId);
    expect(await refundedOf(tenant, rechargeId)).toBe(rechargeId);
  });

  async function refundedOf(tenant: string, id: string): Promise<string> {
    const answer = await post(`${tenant}/purchases/${id}/refunds`, `refund-${id}`, body);
    expect([answer.status, answer.body.purchaseId]).toEqual([201, id]);
    return (await eventsOf(tenant, 'PurchaseRefunded.v1')).at(-1).purchaseId;
  }

  async function pay(tenant: string, rechargeId: string): Promise<void> {
    const { nowMs } = api.clock;
    const outcome = { paid: true, paymentReference: `pay-${rechargeId}` } as const;
    const commands: readonly LedgerCommand[] = [
      { kind: 'attempt-payment', nowMs, rechargeId },
      { kind: 'record-payment', nowMs, rechargeId, attempt: 1, outcome },
    ];
    for (const command of commands) await api.execute(tenant, command);
  }
});

describe('the operator', () => {
  test('is needed for invoices, adjustments and refunds, not for cards', async () => {
    const guarded = await startApi({ operatorToken: 'a-token-of-the-operator' });
    const ask = (path: string, body: object, headers = {}): Promise<Answer> =>
      call(guarded, 'POST', `/v1/tenants/acme/${path}`, body, { 'idempotency-key': 'k-1', ...headers });
    await call(guarded, 'PUT', '/v1/tenants/acme', { currency: 'EUR' });
    const moved = { amount: '20', author: 'j.doe', reason: 'why not' };
    const requests: readonly [string, object][] = [
      ['purchases', invoice('20')],
      ['adjustments', { ...moved, direction: 'credit' }],
      ['purchases/k-1/refunds', { ...moved, cause: 'refund' }],
    ];
    for (const [path, body] of requests) {
      expect([path, ...codeOf(await ask(path, body))]).toEqual([path, 401, 'operator-only']);
      const wrong = { authorization: 'Bearer a-token-of-another' };
      expect([path, ...codeOf(await ask(path, body, wrong))]).toEqual([path, 403, 'not-the-operator']);
    }
    expect((await ask('purchases', { amount: '20', method: 'card' }, { 'idempotency-key': 'card-1' })).status).toBe(202);
    const right = { authorization: 'Bearer a-token-of-the-operator' };
    expect((await ask('purchases', invoice('20'), right)).status).toBe(201);
    expect(
      (await ask('purchases/k-1/refunds', { ...moved, cause: 'refund' }, { ...right, 'idempotency-key': 'r-1' })).status,
    ).toBe(201);
    const stored: string[] = [];
    for await (const page of guarded.eventStore.readStream(streamOf('acme'))) stored.push(...page.map(({ type }) => type));
    expect(stored.filter((type) => type.includes('Purchase'))).toEqual(['CreditPurchased.v1', 'PurchaseRefunded.v1']);
    await guarded.close();
  });
});
