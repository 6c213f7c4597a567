// The gateway's books beside the ledger's: what only one of them has, or both have differently.

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { GatewayError, type ListedPayment } from '@tollkeeper/payment-gateway';
import { NOW_MS, openLedger, type Ledger } from './ledger.fixture.js';
import { verifyLedger, type LedgerVerification } from './verify-ledger.js';

let ledger: Ledger;
let listed: readonly ListedPayment[];
beforeAll(async () => {
  ledger = await openLedger();
  listed = ledger.payments;
});
beforeEach(() => void (ledger.payments = [...listed]));
afterAll(() => ledger.close());

async function verified(tenant?: string): Promise<LedgerVerification> {
  const { store, gateway } = ledger;
  const none = { notChecked: 'not here' };
  return verifyLedger(
    { store, decks: none, ring: none, readStore: none, gateway },
    { nowMs: NOW_MS, only: ['payments'], tenant },
  );
}
const found = async (): Promise<readonly string[]> =>
  (await verified()).differences.map((each) => `${each.tenant}: ${each.found}`);
const ofPay1 = (): ListedPayment => listed.find(({ reference }) => reference === 'pay-1') as ListedPayment;
const without = (reference: string): ListedPayment[] => listed.filter((payment) => payment.reference !== reference);

test('the same payments', async () => expect(await found()).toEqual([]));

test('one that the gateway lacks, or did not take in the end', async () => {
  ledger.payments = without('pay-2');
  expect(await found()).toEqual(['bolt: payment pay-2 of recharge by-hand-2 is not among the paid ones of the gateway']);
  ledger.payments = [...without('pay-1'), { ...ofPay1(), status: 'processing', reference: null }];
  expect(await found()).toEqual([expect.stringContaining('payment pay-1')]);
});

test.each<[Partial<ListedPayment>, string]>([
  [{ amount: '20.01' }, 'the gateway took 20.01 EUR, the ledger has 20 EUR'],
  [{ currency: 'USD' }, 'the gateway took 20 USD'],
  [{ tenant: 'bolt' }, 'the gateway has it for tenant bolt'],
  [{ rechargeId: 'other' }, 'the gateway has it for recharge other'],
])('one with another %j', async (change, text) => {
  ledger.payments = [...without('pay-1'), { ...ofPay1(), ...change }];
  expect(await found()).toEqual([expect.stringContaining(text)]);
});

test('the same amount written with more zeros is the same', async () => {
  ledger.payments = [...without('pay-1'), { ...ofPay1(), amount: '20.00' }];
  expect(await found()).toEqual([]);
});

test('money taken twice, or for nothing', async () => {
  ledger.payments = [...listed, { ...ofPay1(), attempt: 2, reference: 'pay-9' }];
  expect(await found()).toEqual([
    expect.stringMatching(/^acme: the gateway took payment pay-9 .* as succeeded with another payment/),
  ]);
  ledger.payments = [...listed, { ...ofPay1(), tenant: 'nobody', reference: 'pay-9' }];
  expect(await found()).toEqual([expect.stringContaining('the ledger knows no such recharge')]);
  ledger.payments = [...listed, { ...ofPay1(), tenant: 'bolt', rechargeId: 'by-hand', reference: 'pay-9' }];
  expect(await found()).toEqual([expect.stringContaining('the ledger has recharge by-hand as failed')]);
  ledger.payments = [...listed, ofPay1()];
  expect(await found()).toEqual([expect.stringContaining('lists it twice')]);
});

test('what was just taken is given some minutes, and an open recharge is mentioned only', async () => {
  const another = { ...ofPay1(), tenant: 'bolt', rechargeId: 'by-hand', reference: 'pay-9' };
  ledger.payments = [...listed, { ...another, createdAt: new Date(NOW_MS - 60_000).toISOString() }];
  expect(await found()).toEqual([]);
  ledger.payments = [...listed, { ...another, createdAt: null }];
  expect(await found()).toHaveLength(1);
  ledger.payments = [...listed, { ...another, rechargeId: 'still-open', createdAt: null }];
  const { checks } = await verified();
  expect(checks).toMatchObject([
    { checked: 2, differ: 0, remarks: [expect.stringContaining('recharge still-open of tenant bolt is open')] },
  ]);
});

test('of one tenant, and of a gateway that gives no list', async () => {
  ledger.payments = without('pay-2');
  expect((await verified('acme')).differences).toEqual([]);
  const { store } = ledger;
  const none = { notChecked: 'not here' };
  const gateway = {
    list: (): never => {
      throw new GatewayError('unavailable', 'the gateway is away');
    },
  };
  const { checks } = await verifyLedger(
    { store, decks: none, ring: none, readStore: none, gateway },
    { nowMs: NOW_MS, only: ['payments'] },
  );
  expect(checks).toMatchObject([{ name: 'payments', notChecked: 'the gateway is away', differ: 0 }]);
});
