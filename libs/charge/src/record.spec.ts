// A charge about to be written: its record is canonical JSON as it stands, with every number of money as text.
import { expect, test } from '@jest/globals';
import { type Charge, chargeRecord, priceOf, type Timeline } from './index.js';

test('a record has its keys in order, amounts as text, and what it takes to redo the sum', () => {
  const timeline: Timeline = {
    spans: [{ fromMs: 0, rate: '0.01', rateUnitSeconds: 60, incrementSeconds: 60, row: 7 }],
    connectFee: '0.05',
    rounding: 'up',
    decimals: 4,
    maxCost: { strategy: 'free', amount: '5' },
  };
  const charge: Charge = {
    ...priceOf(timeline, 61_000),
    plan: 'default',
    category: 'outbound',
    prefix: '49',
    destination: 'Germany',
    currency: 'EUR',
    deckHash: 'abc',
    rows: [7],
    usageMs: 61_000,
    timeline,
  };
  expect(JSON.stringify(chargeRecord(charge))).toBe(
    '{"amount":"0.07","billedUsageSeconds":120,"category":"outbound","connectFee":"0.05","currency":"EUR","decimals":4,' +
      '"deckHash":"abc","destination":"Germany","gross":"0.07","maxCost":{"amount":"5","strategy":"free"},"plan":"default","prefix":"49","rounding":"up","rows":[7],' +
      '"segments":[{"fromSecond":0,"incrementSeconds":60,"rate":"0.01","rateUnitSeconds":60,"row":7,"seconds":120}],' +
      '"usageMs":61000}',
  );
});
