// Rules of credit coming and going (design 8.5, 8.6, 8.8, 8.9): purchases by hand, lots and their expiry, refunds, adjustments, and the
// books of a month.

import { describe, expect, test } from '@jest/globals';
import { eventsOf } from './fixtures.js';
import { EUR, NOON_MS, only, OPEN, purchase, typesOf } from './fixtures.js';
import type { LedgerCommand, PurchaseCredit } from './commands.js';
import { call, DAY_MS, expireDue, HOUR_MS, Story, terms } from './rules.fixtures.js';

const SOON = { lotTermMonths: 1, lotWarningDays: 10 } as const;
const BY = { author: 'ann', reason: 'asked for', nowMs: NOON_MS } as const;

function refund(
  purchaseId: string,
  amountMicros: bigint,
  refundId = 'r-1',
  cause: 'dispute' | 'refund' = 'refund',
): LedgerCommand {
  return { kind: 'refund-purchase', refundId, purchaseId, amountMicros, cause, ...BY };
}

function adjust(direction: 'credit' | 'debit', amountMicros: bigint, adjustmentId = 'a-1'): LedgerCommand {
  return { kind: 'adjust-credit', adjustmentId, direction, amountMicros, ...BY };
}

function invoice(origin: Partial<PurchaseCredit['origin']>, change: Partial<PurchaseCredit> = {}): PurchaseCredit {
  const of = { kind: 'invoice', reference: 'INV-1', ...origin } as const;
  return { kind: 'purchase-credit', nowMs: NOON_MS, purchaseId: 'p', amountMicros: 20n * EUR, origin: of, ...change };
}

describe('8.5 a purchase by hand', () => {
  test('is possible at any time, from the minimum of its currency on', () => {
    const story = new Story(OPEN);
    const minimumMicros = 20n * EUR;
    expect(story.refusal(invoice({}, { amountMicros: 19_990_000n, minimumMicros }))).toBe('amount-below-minimum');
    expect(only('CreditPurchased.v1', story.run(invoice({}, { minimumMicros })))).toMatchObject({ amount: '20', balance: '20' });
  });

  test('by card is requested, paid, then credited', () => {
    const story = new Story(OPEN);
    const rechargeId = 'hand';
    const request = { kind: 'request-recharge', nowMs: NOON_MS, rechargeId, amountMicros: 20n * EUR } as const;
    expect(only('RechargeRequested.v1', story.run(request))).toMatchObject({ cause: 'manual', balance: '0' });
    story.run({ kind: 'attempt-payment', nowMs: NOON_MS, rechargeId });
    const outcome = { paid: true, paymentReference: 'pay' } as const;
    const events = story.run({ kind: 'record-payment', nowMs: NOON_MS, rechargeId, attempt: 1, outcome });
    expect(typesOf(events)).toEqual(['RechargeSucceeded.v1', 'CreditPurchased.v1']);
    expect(story.lots).toEqual(['hand 20']);
  });

  test('keeps the agreement and the purchase order that it was made under', () => {
    const story = new Story(OPEN, terms({ enterpriseAgreement: 'EA-7', country: 'FR', billingCountry: 'DE' }));
    const origin = { enterpriseAgreement: 'EA-7', purchaseOrder: 'PO-1' };
    expect(only('CreditPurchased.v1', story.run(invoice(origin))).origin).toMatchObject(origin);
  });

  test('under an id that a recharge or a credit by hand has is refused, and the other way round: a lot is one', () => {
    const request = (rechargeId: string) =>
      ({ kind: 'request-recharge', nowMs: NOON_MS, rechargeId, amountMicros: EUR }) as const;
    const story = new Story(OPEN, request('asked'), adjust('credit', EUR, 'given'), purchase(EUR, 'bought', NOON_MS));
    const [bought, given] = ['purchase-exists-with-different-content', 'adjustment-exists-with-different-content'];
    expect([story.refusal(purchase(EUR, 'asked', NOON_MS)), story.refusal(purchase(EUR, 'given', NOON_MS))]).toEqual([
      bought,
      bought,
    ]);
    expect([story.refusal(request('bought')), story.refusal(request('given'))]).toEqual([bought, bought]);
    expect([story.refusal(adjust('credit', EUR, 'asked')), story.refusal(adjust('credit', EUR, 'bought'))]).toEqual([
      given,
      given,
    ]);
  });
});

describe('8.5 a refund, or a dispute that is lost', () => {
  test('debits its own lot, then the others, then overdraft', () => {
    const story = new Story(
      OPEN,
      purchase(2n * EUR, 'first'),
      purchase(5n * EUR, 'mine', NOON_MS),
      purchase(EUR, 'last', NOON_MS + 1),
    );
    story.run(call({ id: '0', usageSeconds: 240 }));
    expect(story.lots).toEqual(['mine 3', 'last 1']);
    expect(only('PurchaseRefunded.v1', story.run(refund('mine', 5n * EUR)))).toMatchObject({
      lots: [
        { lotId: 'mine', amount: '3' },
        { lotId: 'last', amount: '1' },
      ],
      overdraft: '1',
      balance: '-1',
      posting: { debit: 'tenant-credit', credit: 'cash-clearing', amount: '5' },
    });
  });

  test('is no more than was paid, in all; repeated it is nothing, with other content refused', () => {
    const story = new Story(OPEN, purchase(5n * EUR, 'mine'), refund('mine', 3n * EUR));
    expect(story.run(refund('mine', 3n * EUR))).toEqual([]);
    expect(story.refusal(refund('mine', 2n * EUR))).toBe('adjustment-exists-with-different-content');
    expect(story.refusal(refund('mine', 3n * EUR, 'r-1', 'dispute'))).toBe('adjustment-exists-with-different-content');
    expect(story.refusal(refund('mine', 3n * EUR, 'r-2'))).toBe('refund-exceeds-purchase');
    expect(only('PurchaseRefunded.v1', story.run(refund('mine', 2n * EUR, 'r-2', 'dispute')))).toMatchObject({ balance: '0' });
    expect(story.refusal(refund('other', EUR, 'r-3'))).toBe('purchase-unknown');
  });
});

describe('an adjustment', () => {
  test('credits a lot of full term, after the overdraft, or debits the lots, then overdraft; with author and reason', () => {
    const story = new Story(OPEN, call({ id: '0' }));
    const given = only('CreditAdjusted.v1', story.run(adjust('credit', 3n * EUR)));
    expect(given).toMatchObject({ overdraftRepaid: '1', lot: { amount: '2', lotId: 'a-1' }, author: 'ann', reason: 'asked for' });
    expect(given.lot?.expiresAt).toBe('2027-03-03T12:01:00.000Z');
    const taken = only('CreditAdjusted.v1', story.run(adjust('debit', 5n * EUR, 'a-2')));
    expect(taken).toMatchObject({ lots: [{ lotId: 'a-1', amount: '2' }], overdraft: '3', balance: '-3' });
    expect(taken.posting).toEqual({ amount: '5', debit: 'tenant-credit', credit: 'adjustments' });
  });
});

describe('8.6 lots', () => {
  test('expire twelve months after purchase, unless set otherwise; 29 February becomes 28 February', () => {
    const leapDay = Date.parse('2028-02-29T10:00:00.000Z');
    const expiry = (lotTermMonths: number, nowMs: number) =>
      only('CreditPurchased.v1', new Story(OPEN, terms({ lotTermMonths })).run(purchase(EUR, 'p', nowMs))).lot?.expiresAt;
    expect(expiry(12, NOON_MS)).toBe('2027-03-03T12:00:00.000Z');
    expect(expiry(12, leapDay)).toBe('2029-02-28T10:00:00.000Z');
    expect(expiry(1, Date.parse('2026-03-31T10:00:00.000Z'))).toBe('2026-04-30T10:00:00.000Z');
  });

  test('are drawn soonest expiry first, then oldest', () => {
    const story = new Story(OPEN, purchase(EUR, 'year'), terms({ lotTermMonths: 1 }), purchase(EUR, 'month', NOON_MS));
    story.run(purchase(EUR, 'same', NOON_MS));
    expect(story.lots).toEqual(['month 1', 'same 1', 'year 1']);
    const drawn = only('CallDebited.v1', story.run(call({ usageSeconds: 180 })));
    expect(drawn.lots.map(({ lotId }) => lotId)).toEqual(['month', 'same', 'year']);
  });

  test('warn once, so many days before; a lot that a reversal opens again is not warned of again', () => {
    const story = new Story(OPEN, terms(SOON), purchase(EUR, 'p', NOON_MS));
    const warned = Date.parse('2026-03-24T12:00:00.000Z');
    expect(story.run(expireDue(warned - 1))).toEqual([]);
    const [warning] = story.run(expireDue(warned + HOUR_MS));
    expect(warning).toMatchObject({
      type: 'LotExpiryWarned.v1',
      data: { amount: '1', expiresAt: '2026-04-03T12:00:00.000Z', effectiveAt: '2026-03-24T12:00:00.000Z' },
    });
    const debit = call({ answerMs: warned, nowMs: warned + 2 * HOUR_MS });
    const revision = story.stored.length;
    story.run(debit);
    const { cdr } = debit;
    const charge = { ...debit.charge, amountMicros: 0n, deckHash: 'other' };
    const by = { author: 'ann', rerateId: 'r', revision, nowMs: warned + 3 * HOUR_MS } as const;
    expect(typesOf(story.run({ kind: 'rerate-call', cdr, charge, ...by }))).toEqual(['CallReversed.v1', 'CallDebited.v1']);
    expect(story.run(expireDue(warned + DAY_MS))).toEqual([]);
  });

  test('on time or late, an expiry is the same fact at the same instant', () => {
    const account = new Story(OPEN, terms(SOON), purchase(EUR, 'p', NOON_MS)).account;
    const expired = (nowMs: number) => only('LotExpired.v1', eventsOf(expireDue(nowMs), account));
    const [onTime, late] = ['2026-04-03T12:00:00.000Z', '2026-06-03T12:00:00.000Z'].map((at) => expired(Date.parse(at)));
    expect({ ...onTime, recordedAt: '' }).toEqual({ ...late, recordedAt: '' });
  });
});

describe('8.8 what mails follow from', () => {
  test('recipients are kept sealed, and set anew only when they change', () => {
    const set = (sealedRecipients: string): LedgerCommand => ({ kind: 'set-recipients', nowMs: NOON_MS, sealedRecipients });
    const story = new Story(OPEN);
    expect(only('RecipientsSet.v1', story.run(set('sealed'))).sealedRecipients).toBe('sealed');
    expect(story.run(set('sealed'))).toEqual([]);
  });
});

describe('8.9 a purchase', () => {
  test.each('BH CN IN KZ MK NI PK RU KR TW UA'.split(' '))('is not possible in %s, by invoice, card or policy', (country) => {
    const story = new Story(OPEN, terms({ country }));
    const policy = { triggerMicros: EUR, amountMicros: 20n * EUR };
    expect(story.refusal(invoice({}))).toBe('credits-not-sold');
    expect(story.refusal({ kind: 'request-recharge', nowMs: NOON_MS, rechargeId: 'r', amountMicros: EUR })).toBe(
      'credits-not-sold',
    );
    expect(story.refusal({ kind: 'set-auto-recharge', nowMs: NOON_MS, policy })).toBe('credits-not-sold');
  });

  test.each([
    ['FR', 'MA', undefined],
    ['US', 'BR', undefined],
    ['JP', 'AU', undefined],
    ['FR', 'US', 'billing-address-elsewhere'],
    ['FR', null, 'billing-address-elsewhere'],
    [null, 'FR', 'billing-address-elsewhere'],
  ])('under an Enterprise Agreement, organisation in %p and billing address in %p: %p', (country, billingCountry, code) => {
    const story = new Story(OPEN, terms({ country, billingCountry, enterpriseAgreement: 'EA-7' }));
    expect(story.refusal(invoice({ enterpriseAgreement: 'EA-7' }))).toBe(code);
    expect(story.refusal(invoice({ enterpriseAgreement: 'EA-8' }))).toBe('enterprise-agreement-mismatch');
    expect(story.refusal(invoice({}))).toBeUndefined();
  });
});

describe('the books of a month', () => {
  test('close at the first command after it, with sums that lead from opening to closing', () => {
    const story = new Story(OPEN, purchase(9n * EUR, 'p'), adjust('credit', 2n * EUR), adjust('debit', EUR, 'a-2'));
    story.run(refund('p', EUR));
    story.run(call({ usageSeconds: 120 }));
    const april = Date.parse('2026-04-01T00:00:00.000Z');
    expect(story.run(expireDue(april - 1))).toEqual([]);
    const events = story.run(purchase(EUR, 'q', april + DAY_MS));
    expect(typesOf(events)).toEqual(['PeriodClosed.v1', 'CreditPurchased.v1']);
    expect(only('PeriodClosed.v1', events)).toMatchObject({
      month: '2026-03',
      effectiveAt: '2026-04-01T00:00:00.000Z',
      recordedAt: '2026-04-02T00:00:00.000Z',
      opening: '0',
      purchased: '9',
      credited: '2',
      withdrawn: '1',
      refunded: '1',
      debited: '2',
      reversed: '0',
      expired: '0',
      balance: '7',
      callsDebited: 1,
      callsNotBillable: 0,
      events: 6,
    });
    const may = only('PeriodClosed.v1', story.run(expireDue(Date.parse('2026-05-01T00:00:00.000Z'))));
    expect(may).toMatchObject({ month: '2026-04', opening: '7', purchased: '1', events: 1, balance: '8' });
    expect(story.run(expireDue(Date.parse('2026-06-01T00:00:00.000Z')))).toEqual([]);
  });
});
