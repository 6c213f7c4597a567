// Calls of every kind, rated and debited as in operation, and explained: the sum redone is the debit, and whatever is altered is found.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { explainCall, type Explanation } from '@tollkeeper/audit';
import { inMemoryEventStore, type EventStore, type JsonObject, type RecordedEvent } from '@tollkeeper/event-store';
import { hashOfEvent, idOfHash, streamOf } from '@tollkeeper/ledger';
import { calls, placed } from '@tollkeeper/projections';
import { contentOf, isDeckRejection, isRatingRejection, parseDeck, rate } from '@tollkeeper/rating';
import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { useDeck } from '../stage/index.js';
import { NOON_MS, openCallStage, TENANT, type CallStage } from './call-stage.js';
import { CALLS, DECK, recordOf } from './every-kind.js';

const NEEDS_NO_CREDIT = ['calling-plan-120', 'communications-credits'] as const;

let stage: CallStage;
let read: ReadStore<Tables>;
let folder: string;

beforeAll(async () => {
  stage = await openCallStage(DECK);
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-explain-'));
  read = await openReadStore<Tables>(`sqlite:${join(folder, 'read.db')}`);
  await read.migrate(MIGRATIONS);
  for (const [n, amountMicros] of [5_000_000n, 8_000_000n].entries()) await credit(`lot-${n}`, amountMicros);
  for (const user of ['zoe', 'eve']) await stage.holds(user, user === 'zoe' ? 'FR' : 'DE', NEEDS_NO_CREDIT);
  await stage.holds('max', 'CA', ['extended-dial-out', 'communications-credits']);
  const policy = { user: stage.pseudonym('bob'), policy: 'none', fromMs: 0 } as const;
  await stage.execute({ kind: 'set-dial-out-policy', nowMs: NOON_MS - 3_600_000, ...policy });
  await stage.holds('eve', 'FR', ['calling-plan-240', 'communications-credits']);
  for (const call of CALLS) await stage.send([recordOf(call)]);
  await rateAgain('rated again');
});
afterAll(async () => {
  await Promise.all([stage.close(), read.close()]);
  rmSync(folder, { recursive: true });
});

async function credit(adjustmentId: string, amountMicros: bigint): Promise<void> {
  const given = { adjustmentId, amountMicros, direction: 'credit', reason: 'test', author: 'test' } as const;
  await stage.execute({ kind: 'adjust-credit', nowMs: NOON_MS - 86_000_000, ...given });
}

/** By a deck in which Germany costs twice as much. */
async function rateAgain(id: string): Promise<void> {
  const deck = parseDeck(DECK.replace('0.042', '0.084'), { currency: 'EUR' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  const call = { plan: 'default', currency: 'EUR', category: 'outbound', calledNumber: '+4930123456', usageMs: 60_000 };
  const charge = rate({ ...call, answerTimeMs: NOON_MS - 7_800_000 }, deck);
  if (isRatingRejection(charge)) throw new Error(charge.reason);
  // Active for later calls only: the version that priced the call had not become the active one for it.
  await useDeck(stage.eventStore, contentOf(deck), NOON_MS);
  const revision = (await explained(id)).revision;
  const cdr = { source: 'pbx', id, generation: 0 };
  await stage.execute({ kind: 'rerate-call', nowMs: NOON_MS, revision, cdr, charge, author: 'ada', rerateId: 'r-1' });
}

async function explained(cdrId: string, change: Partial<CallStage['parts']> = {}, query = {}): Promise<Explanation> {
  const found = await explainCall({ ...stage.parts, ...change }, { cdrId, ...query });
  if (found.kind !== 'explained') throw new Error(`${cdrId}: ${JSON.stringify(found)}`);
  return found.explanation;
}

describe('the sum redone is the debit', () => {
  test.each<[id: string, amount: string, coverage: string, line: string, sentence: RegExp]>([
    ['by the second', '0.0434', 'credit', '0.042 × 62 / 60 = 0.0434', /^61.2 s to Germany: 0.0434 EUR debited/],
    ['rounded up', '0.0509', 'credit', '0.05 × 61 / 60 = 61/1200', /The credit pays/],
    ['rounded half up', '0.06', 'credit', 'rounded half-up to 2 decimals: 0.06', /The credit pays/],
    ['rounded down', '0.05', 'credit', 'rounded down to 3 decimals: 0.05', /The credit pays/],
    ['tiers', '0.41', 'credit', '0.06 × 120 / 60 = 0.12', /The credit pays/],
    ['maximum cost', '3', 'credit', 'but no more than 3', /Its maximum cost, 3, stands in place of 5/],
    ['pool', '0', 'pool', 'included minutes pay all of it, 120 s: 0', /Included minutes of calling-plan-120 FR pay 120 s/],
    ['pool and rest', '0.04', 'pool', '0.02 × 120 / 60 = 0.04', /The credit pays what they left, from second 7080 on/],
    ['pool of no length', '0', 'pool', 'included minutes pay all of it, 0 s: 0', /it used none/],
    ['unlimited', '0', 'unlimited', 'the unlimited dial-out add-on pays all of it: 0', /unlimited dial-out add-on pays/],
    ['emergency', '0', 'emergency', 'an emergency call is free: 0', /Emergency calls are free/],
    ['given free', '0', 'credit', 'nothing is billed: 0', /given free by setting[^]*no rate deck has a price/],
    ['free of charge', '0', 'credit', '0 × 60 / 60 = 0', /Its price is zero/],
    ['no length', '0', 'credit', 'nothing is billed: 0', /lasted no time, which costs nothing/],
    ['toll-free', '0.064', 'credit', '0.032 × 120 / 60 = 0.064', /The credit pays/],
    ['against the policy', '0.042', 'credit', '0.042 × 60 / 60 = 0.042', /would have refused it, POLICY: the dial-out policy/],
    ['two lots and overdraft', '20', 'credit', '10 × 120 / 60 = 20', /of it is overdraft/],
    ['rated again', '0.084', 'credit', '0.084 × 60 / 60 = 0.084', /replaces the one at revision \d+, which was reversed/],
  ])('%s', async (id, amount, kind, line, sentence) => {
    const { sum, coverage, faults, raw, summary, history, pricing } = await explained(id);
    expect(faults).toEqual([]);
    expect(sum).toMatchObject({ redone: amount, recorded: amount, agrees: true, lines: expect.arrayContaining([line]) });
    expect(coverage?.kind).toBe(kind);
    expect(summary.join('\n')).toMatch(sentence);
    expect(raw).toMatchObject({ kept: true, matches: true, text: expect.stringContaining(`"id":"${id}"`) });
    expect(history.at(-1)).toMatchObject({ type: 'CallDebited.v1', amount });
    expect(pricing?.currency).toBe('EUR');
  });

  test('a call that does not bill has no price and no sum', async () => {
    const { sum, pricing, coverage, deck, faults, summary, history } = await explained('unanswered');
    expect([sum, pricing, coverage, deck, faults]).toEqual([null, null, null, null, []]);
    expect(summary).toEqual(['CDR unanswered of source pbx debits nothing: it was never answered.']);
    expect(history).toMatchObject([{ type: 'CallNotBillable.v1', amount: '0' }]);
  });
});

test('everything on the way is there: fields, tariff, row, lots, posting, balances, place', async () => {
  const { fields, tenantRule, deck, lots, overdraft, posting, ...rest } = await explained('two lots and overdraft');
  const named = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
  expect(named).toMatchObject({ usage: '120 s', 'called number': '+12025550100', 'tenant as sent': TENANT });
  expect(tenantRule).toMatch(/^field:tenant/);
  const { header, row, activeFrom } = deck ?? {};
  expect(header).toBe(
    'category,prefix,destination,currency,connectFee,tierStart,rate,increment,rounding,decimals,maxCost,maxCostStrategy',
  );
  expect(row).toEqual([{ row: 7, csv: ',1,United States,EUR,,,10,,,,,' }]);
  expect(activeFrom).toBe('2000-01-01T00:00:00.000Z');
  expect(lots.map(({ lotId }) => lotId)).toEqual(['lot-0', 'lot-1']);
  expect(posting).toEqual({ amount: '20', credit: 'call-revenue', debit: 'tenant-credit' });
  expect(rest.balanceAfter).toBe(`-${overdraft}`);
  expect(rest.history).toHaveLength(1);
});

test('a call that was rated again has its whole history', async () => {
  const { history, generation, revision, deck } = await explained('rated again');
  const [first = -9] = history.map((event) => event.revision);
  expect(history).toMatchObject([
    { revision: first, type: 'CallDebited.v1', generation: 0, amount: '0.042' },
    { revision: revision - 1, type: 'CallReversed.v1', generation: 0, amount: '0.042' },
    { revision, type: 'CallDebited.v1', generation: 1, amount: '0.084' },
  ]);
  expect([generation, deck?.activeFrom]).toEqual([1, null]);
});

describe('the bytes', () => {
  test('that are no longer kept leave their digest, and the fields that the ledger took down', async () => {
    const { raw, fields, faults } = await explained('by the second', { rawAt: async () => undefined });
    expect([raw.kept, raw.matches, raw.text, faults]).toEqual([false, null, null, []]);
    expect(fields).toContainEqual({ name: 'called number', value: '+4930123456' });
  });

  test('that are others now are found', async () => {
    const { raw, faults } = await explained('by the second', { rawAt: async () => Buffer.from('{}') });
    expect([raw.matches, faults]).toEqual([false, [expect.stringContaining('are others than those that were debited')]]);
  });

  test('of a message with several CDRs are those of all of them', async () => {
    const both = ['first of two', 'second of two'].map((id) => recordOf({ id, usageMs: 60_000, calledNumber: '+4930123456' }));
    await stage.send(both);
    const { raw, fields, faults } = await explained('second of two');
    expect([raw.matches, faults]).toEqual([true, []]);
    expect(raw.text).toContain('first of two');
    expect(fields).toContainEqual({ name: 'CDR id', value: 'second of two' });
  });

  test('name persons no more once their key is destroyed, and the sum is as it was', async () => {
    const erased = { unseal: async () => 'erased' as const };
    const { fields, sum } = await explained('tiers', { ring: erased, rawAt: async () => undefined });
    expect(fields).toContainEqual({ name: 'persons', value: 'erased, their key was destroyed' });
    expect(sum?.agrees).toBe(true);
  });
});

describe('finding', () => {
  test('an id that two switches gave asks for the source', async () => {
    for (const source of ['pbx', 'sbc'])
      await stage.send([recordOf({ id: 'same id', usageMs: 60_000, calledNumber: '+4930123456' })], source);
    const found = await explainCall(stage.parts, { cdrId: 'same id' });
    expect(found).toMatchObject({ kind: 'several', calls: [{ source: 'pbx' }, { source: 'sbc' }] });
    expect((await explained('same id', {}, { source: 'sbc' })).source).toBe('sbc');
    expect(await explainCall(stage.parts, { cdrId: 'same id', tenant: 'other' })).toEqual({ kind: 'none' });
  });

  test('by the read model is the same, also for what it has not followed yet', async () => {
    const events = await storedEvents();
    await followInto(read, events.slice(0, -6));
    let scanned = 0;
    const change = { readStore: read, onRead: (count: number) => void (scanned += count) };
    for (const { id } of CALLS) expect(await explained(id, change)).toEqual(await explained(id));
    expect(scanned).toBe(6 * CALLS.length);
    expect((await explained('second of two', change)).id).toBe('second of two');
    expect(await explainCall({ ...stage.parts, ...change }, { cdrId: 'nobody' })).toEqual({ kind: 'none' });
  });
});

describe('an altered event is found', () => {
  type Change = (data: any) => void;
  const alterations: [what: string, id: string, change: Change, said: RegExp][] = [
    ['a micro more', 'by the second', (data) => (data.amount = '0.043401'), /the sum is 0.0434, and 0.043401 was debited/],
    ['a micro less', 'pool and rest', (data) => (data.amount = '0.039999'), /the sum is 0.04, and 0.039999 was debited/],
    ['a charge', 'tiers', (data) => (data.charge.amount = '0.42'), /the charge is 0.41, and 0.42 is recorded/],
    [
      'a rate',
      'tiers',
      (data) => (data.charge.segments[1].rate = '0.07'),
      /row 3 of the deck has rate 0.06, and the charge 0.07/,
    ],
    ['a second', 'tiers', (data) => (data.charge.segments[1].seconds = 180), /240 s are billed|300 s are billed/],
    ['the usage', 'tiers', (data) => (data.charge.usageMs = 260_000), /240 s are billed of a call of 260 s/],
    ['the minutes', 'pool and rest', (data) => (data.pool.usedMs = 7_020_000), /minutes paid up to second 7020/],
    ['all minutes', 'pool', (data) => (data.pool.usedMs = 60_000), /paid 60 s of 61 s, and what is left has no price/],
    ['a lot', 'two lots and overdraft', (data) => (data.lots[0].amount = '0.5'), /lots and overdraft pay/],
    ['the posting', 'tiers', (data) => (data.posting.amount = '0.4'), /the posting is of 0.4, and 0.41 was debited/],
    ['the balance', 'tiers', (data) => (data.balance = '99'), /the balance before was/],
    ['a word', 'tiers', (data) => (data.cdr.callId = 'other'), /it was altered/],
  ];

  test.each(alterations)('%s', async (_, id, change, said) => {
    const eventStore = await altered(id, change, false);
    const { faults } = await explained(id, { eventStore });
    expect(faults.join('\n')).toMatch(said);
    expect(faults.join('\n')).toMatch(/it was altered/);
  });

  test.each(alterations.slice(0, -1))('%s, its hash made anew', async (_, id, change, said) => {
    const eventStore = await altered(id, change, true);
    const { faults, sum } = await explained(id, { eventStore });
    expect(faults.join('\n')).toMatch(said);
    expect(faults.join('\n')).not.toMatch(/it was altered/);
    if (/the sum is|the charge is/.test(said.source)) expect(sum?.agrees).toBe(false);
  });

  /** The same events, but one; with `isForged` as somebody would write it who knows how hashes are made. */
  async function altered(id: string, change: Change, isForged: boolean): Promise<EventStore> {
    const store = inMemoryEventStore();
    for (const event of await storedEvents()) {
      const data = structuredClone(event.data) as JsonObject;
      const isIt = event.type === 'CallDebited.v1' && (data['cdr'] as { id: string }).id === id;
      if (isIt) change(data);
      const { metadata } = event;
      const hash =
        isIt && isForged ? hashOfEvent({ ...event, data }, String(metadata['previousHash'])) : String(metadata['hash']);
      await store.append(streamOf(TENANT), event.revision - 1, [
        { id: isIt && isForged ? idOfHash(hash) : event.id, type: event.type, data, metadata: { ...metadata, hash } },
      ]);
    }
    return store;
  }
});

async function storedEvents(): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of stage.eventStore.readStream(streamOf(TENANT))) events.push(...page);
  return events;
}

async function followInto(store: ReadStore<Tables>, events: readonly RecordedEvent[]): Promise<void> {
  const rows = new Map<string, Tables['call']>();
  for (const stored of events) {
    const event = placed(stored);
    const key = calls.keyOf(event);
    if (key !== undefined) rows.set(key, calls.fold(rows.get(key), event));
  }
  const position = events.at(-1)?.position ?? 0n;
  await store.advance('calls', undefined, position, (tx) => store.upsert(tx, 'call', ['call_key'], [...rows.values()]));
}
