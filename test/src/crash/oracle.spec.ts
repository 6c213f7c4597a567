// Crash test's judge, judged: a ledger without a fault gives no finding, and each fault that is put in is named.

import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Load, PlannedMessage } from './load.js';
import type { Fact, Observed, SeenMessage, StoredEvent } from './observed.js';
import { audit } from './oracle.js';
import { sortedJson, uuid8Of } from './oracle-ledger.js';
import { referencePrice } from './reference-price.js';

const TENANT = 'acme';
const STREAM = `credit-${TENANT}`;
const AT = '2026-03-02T09:00:00.000Z';
const RECHARGE = 'acme.3';

type Step = { readonly type: string; readonly data: Omit<Fact, 'tenant' | 'recordedAt' | 'effectiveAt'> };

function planned(cdrId: string, fate: PlannedMessage['fate']): PlannedMessage {
  return { key: TENANT, value: `{"id":"${cdrId}","fate":"${fate.kind}"}`, headers: {}, fate };
}

const FIRST = planned('one', { kind: 'debit', tenant: TENANT, source: 'sbc', cdrId: 'one', amount: '3' });
const SECOND = planned('two', { kind: 'debit', tenant: TENANT, source: 'sbc', cdrId: 'two', amount: '0.25' });
const UNANSWERED = planned('three', { kind: 'not-billable', tenant: TENANT, source: 'sbc', cdrId: 'three' });
const ALTERED = planned('one', { kind: 'dead-letter', code: 'cdr-exists-with-different-content' });

const load: Load = {
  tenants: [
    { tenant: TENANT, currency: 'EUR', firstPurchase: '10', autoRecharge: null, alertThreshold: null, behaviours: ['success'] },
  ],
  messages: [FIRST, SECOND, UNANSWERED, ALTERED, FIRST],
  distinctMessages: 4,
  purchases: [],
};

function call({ value }: PlannedMessage, id: string): NonNullable<Fact['cdr']> {
  return { id, source: 'sbc', generation: 0, rawSha256: hash('sha256', value, 'hex') };
}

const DEBIT: Step = { type: 'CallDebited.v1', data: { balance: '7', available: '7', amount: '3', cdr: call(FIRST, 'one') } };
const STEPS: readonly Step[] = [
  { type: 'AccountOpened.v1', data: { balance: '0', available: '0', currency: 'EUR', plan: 'default' } },
  {
    type: 'CreditPurchased.v1',
    data: { balance: '10', available: '10', amount: '10', purchaseId: 'first', origin: { kind: 'invoice' } },
  },
  { type: 'AutoRechargeSet.v1', data: { balance: '10', available: '10', policy: { trigger: '8', amount: '20' } } },
  DEBIT,
  {
    type: 'RechargeRequested.v1',
    data: { balance: '7', available: '7', amount: '20', cause: 'auto', currency: 'EUR', rechargeId: RECHARGE },
  },
  { type: 'PaymentAttempted.v1', data: { balance: '7', available: '7', amount: '20', attempt: 1, rechargeId: RECHARGE } },
  { type: 'CallDebited.v1', data: { balance: '6.75', available: '6.75', amount: '0.25', cdr: call(SECOND, 'two') } },
  {
    type: 'RechargeSucceeded.v1',
    data: { balance: '6.75', available: '6.75', amount: '20', attempt: 1, paymentReference: 'pay-1', rechargeId: RECHARGE },
  },
  {
    type: 'CreditPurchased.v1',
    data: {
      balance: '26.75',
      available: '26.75',
      amount: '20',
      purchaseId: RECHARGE,
      origin: { kind: 'recharge', paymentReference: 'pay-1', rechargeId: RECHARGE },
    },
  },
  { type: 'CallNotBillable.v1', data: { balance: '26.75', available: '26.75', cdr: call(UNANSWERED, 'three') } },
];

/** Chained anew, so that what is put in is the only fault. */
function stored(steps: readonly Step[]): readonly StoredEvent[] {
  let previousHash = '0'.repeat(64);
  return steps.map(({ type, data: own }, revision) => {
    const data = { ...own, tenant: TENANT, recordedAt: AT, effectiveAt: AT };
    const eventHash = hash('sha256', sortedJson({ data, metadata: { previousHash }, revision, stream: STREAM, type }), 'hex');
    const event = { stream: STREAM, revision, id: uuid8Of(eventHash), type, data, metadata: { hash: eventHash, previousHash } };
    previousHash = eventHash;
    return event;
  });
}

function seen(place: string, value: string, headers: SeenMessage['headers'] = {}): SeenMessage {
  return { place, key: TENANT, value, headers };
}

const ROW = {
  tenant: TENANT,
  currency: 'EUR',
  plan: 'default',
  balance: '26.75',
  reserved: '0',
  available: '26.75',
  calls_debited: '2',
  calls_not_billable: '1',
  debited: '3.25',
  purchased: '10',
  recharged: '20',
  expired: '0',
  alert_threshold: null,
  recharge_trigger: '8',
  recharge_amount: '20',
  recharge_suspended: 0,
  revision: '9',
  recorded_at: AT,
};
const RECHARGE_ROW = {
  recharge_id: RECHARGE,
  tenant: TENANT,
  cause: 'auto',
  amount: '20',
  status: 'succeeded',
  attempts: 1,
  last_code: null,
  retry_at: null,
  payment_reference: 'pay-1',
  requested_revision: 4,
  revision: 7,
};
const LETTER = seen('dlt/0/0', ALTERED.value, {
  'kafka_dlt-original-topic': 'cdr',
  'kafka_dlt-original-partition': '0',
  'kafka_dlt-original-offset': '3',
  'kafka_dlt-exception-message': 'cdr-exists-with-different-content: CDR one stands with another fingerprint',
});
const PAYMENT = {
  key: `${RECHARGE}/1`,
  tenant: TENANT,
  rechargeId: RECHARGE,
  attempt: 1,
  amount: '20',
  currency: 'EUR',
  status: 'paid',
  paymentReference: 'pay-1',
};

function told(revision: number, balance: string, cause: string): SeenMessage {
  return seen(`balance/0/${revision}`, JSON.stringify({ balance, cause }), { ce_id: `${TENANT}:${revision}` });
}

const FAULTLESS: Observed = {
  events: stored(STEPS),
  rows: {
    balance: [ROW],
    low_balance: [{ tenant: TENANT, currency: 'EUR', threshold: null, below: 0, alerts: 0, revision: 9 }],
    low_balance_alert: [],
    auto_recharge: [RECHARGE_ROW],
    dead_letter: [{ letter_id: 'cdr/0/3', code: 'cdr-exists-with-different-content' }],
    set_aside: [],
  },
  cdrs: load.messages.map(({ value }, at) => seen(`cdr/0/${at}`, value)),
  deadLetters: [LETTER, LETTER],
  balanceEvents: [
    told(0, '0', 'AccountOpened.v1'),
    told(1, '10', 'CreditPurchased.v1'),
    told(3, '7', 'CallDebited.v1'),
    told(6, '6.75', 'CallDebited.v1'),
    told(6, '6.75', 'CallDebited.v1'),
    told(8, '26.75', 'CreditPurchased.v1'),
  ],
  alerts: [],
  rechargeCommands: [seen('command/0/0', JSON.stringify({ amount: '20', rechargeId: RECHARGE }), { ce_id: `${TENANT}:4` })],
  payments: [PAYMENT],
};

function kindsIn(changes: Partial<Observed>, of = load): readonly string[] {
  return [...new Set(audit(of, { ...FAULTLESS, ...changes }).findings.map(({ kind }) => kind))];
}

/** The steps with one replaced, or some put in behind it, and nothing else of the run changed. */
function eventsWith(at: number, ...instead: readonly Step[]): Pick<Observed, 'events'> {
  return { events: stored(STEPS.toSpliced(at, 1, ...instead)) };
}

function withData(at: number, data: Partial<Fact>): Step {
  const step = STEPS[at];
  if (step === undefined) throw new Error(`there is no step ${at}`);
  return { ...step, data: { ...step.data, ...data } };
}

describe('the oracle', () => {
  test('finds nothing in a ledger without a fault', () => {
    const { findings, ...counts } = audit(load, FAULTLESS);
    expect(findings).toEqual([]);
    expect(counts).toEqual({ lost: 0, double: 0, distinctCdrs: 4, redeliveries: 1 });
  });

  test('names a lost CDR', () => {
    expect(kindsIn(eventsWith(6))).toContain('lost');
    expect(audit(load, { ...FAULTLESS, ...eventsWith(6) }).lost).toBe(1);
  });

  test('names a CDR that is debited twice, even though every balance follows', () => {
    const again = eventsWith(
      9,
      withData(3, { balance: '23.75', available: '23.75' }),
      withData(9, { balance: '23.75', available: '23.75' }),
    );
    expect(kindsIn(again)).toContain('double');
    expect(audit(load, { ...FAULTLESS, ...again }).double).toBe(1);
  });

  test('names a loss and a double of the same amount, which no sum shows', () => {
    const twin = { ...SECOND, value: '{"id":"four"}', fate: { ...SECOND.fate, cdrId: 'four' } } as PlannedMessage;
    const twins = { ...load, messages: [...load.messages, twin] };
    const again = eventsWith(
      9,
      withData(6, { balance: '26.5', available: '26.5' }),
      withData(9, { balance: '26.5', available: '26.5' }),
    );
    expect(kindsIn(again, twins)).toEqual(expect.arrayContaining(['lost', 'double']));
  });

  test('names an altered amount', () => {
    expect(kindsIn(eventsWith(6, withData(6, { amount: '0.26', balance: '6.74', available: '6.74' })))).toContain('wrong-amount');
  });

  test('names a balance that does not follow', () => {
    expect(kindsIn(eventsWith(6, withData(6, { balance: '6.7', available: '6.7' })))).toContain('balance-step');
  });

  test('names a gap', () => {
    const events = FAULTLESS.events.map((event) => (event.revision < 5 ? event : { ...event, revision: event.revision + 1 }));
    expect(kindsIn({ events })).toContain('gap');
  });

  test.each([
    [
      'content',
      (event: StoredEvent): StoredEvent => ({ ...event, data: { ...event.data, effectiveAt: '2020-01-01T00:00:00.000Z' } }),
    ],
    [
      'predecessor',
      (event: StoredEvent): StoredEvent => ({ ...event, metadata: { ...event.metadata, previousHash: 'f'.repeat(64) } }),
    ],
    ['id', (event: StoredEvent): StoredEvent => ({ ...event, id: '00000000-0000-8000-8000-000000000000' })],
  ])('names a broken chain: %s', (_what, change) => {
    expect(kindsIn({ events: FAULTLESS.events.map((event) => (event.revision === 5 ? change(event) : event)) })).toEqual([
      'chain',
    ]);
  });

  test('names a second payment', () => {
    expect(kindsIn({ payments: [PAYMENT, { ...PAYMENT, key: `${RECHARGE}/2`, attempt: 2, paymentReference: 'pay-2' }] })).toEqual(
      ['second-payment'],
    );
  });

  test('names money that was taken and not credited, and the other way round', () => {
    expect(kindsIn({ payments: [{ ...PAYMENT, paymentReference: 'pay-9' }] })).toEqual(['not-credited']);
    expect(kindsIn({ payments: [] })).toEqual(['not-credited']);
  });

  test('names a recharge that is missing, and one that nobody needed', () => {
    const unpaid = stored(STEPS.slice(0, 4));
    expect(kindsIn({ events: unpaid })).toContain('recharge');
    const needless = withData(4, { balance: '26.75', available: '26.75', rechargeId: 'acme.10' });
    expect(kindsIn({ events: stored([...STEPS, needless]) })).toContain('recharge');
  });

  test('names a dead letter that is missing, one with another code, and one of a good CDR', () => {
    expect(kindsIn({ deadLetters: [] })).toContain('dead-letter');
    const otherCode = { ...LETTER.headers, 'kafka_dlt-exception-message': 'no-rate: no row matches' };
    expect(kindsIn({ deadLetters: [LETTER, { ...LETTER, headers: otherCode }] })).toContain('dead-letter');
    const ofGoodCdr = { ...LETTER.headers, 'kafka_dlt-original-offset': '1' };
    expect(kindsIn({ deadLetters: [LETTER, { ...LETTER, headers: ofGoodCdr }] })).toContain('dead-letter');
    expect(kindsIn({ deadLetters: [{ ...LETTER, value: `${LETTER.value} ` }] })).toContain('dead-letter');
  });

  test('names a row that a replay does not give', () => {
    expect(kindsIn({ rows: { ...FAULTLESS.rows, balance: [{ ...ROW, debited: '3.26' }] } })).toEqual(['row']);
    expect(kindsIn({ rows: { ...FAULTLESS.rows, set_aside: [{ tenant: TENANT }] } })).toEqual(['row']);
  });

  test('names an event that was never published, and a message that says what is not so', () => {
    expect(kindsIn({ balanceEvents: FAULTLESS.balanceEvents.slice(1) })).toEqual(['not-published']);
    expect(kindsIn({ rechargeCommands: [] })).toEqual(['not-published']);
    expect(kindsIn({ balanceEvents: [...FAULTLESS.balanceEvents, told(3, '8', 'CallDebited.v1')] })).toEqual(['published']);
    expect(kindsIn({ alerts: [seen('alert/0/0', '{}', { ce_id: `${TENANT}:3` })] })).toEqual(['published']);
  });

  test('names a message that never came to the topic', () => {
    expect(kindsIn({ cdrs: FAULTLESS.cdrs.filter(({ value }) => value !== SECOND.value) })).toEqual(['lost']);
  });
});

test.each([
  ['+33140000002', 61_000, '0.038'], // 331: 60/60 at 0.0190, so 120 s
  ['+33612345678', 61_000, '0.0126'], // 33: by the second, 0.012505 rounded up
  ['+442079460001', 67_540, '0.0109'], // 44: by 6 s, 72 s, 0.01092 rounded half up
  ['+447700900123', 31_000, '0.0833'], // 447: by 30 s, 60 s, and 0.05 for the connection
  ['+13035550123', 1, '0.010128'], // 1: one second, 0.010128333 rounded down to 6 decimals
  ['+13035550123', 0, '0'],
])('the reference price of %s for %i ms is %s', (called, usageMs, price) => {
  expect(referencePrice(called, 'EUR', usageMs)).toBe(price);
});
