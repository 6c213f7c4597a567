// Three months of one tenant, from raw call records, and then every command that an operator or an auditor has: what each of them says
// is compared with books that other code has kept from the same raw records.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Books, decimal, microsIn } from './books.oracle.js';
import { cdrOf, rawDays, ZOE, type RawCall } from './raw-calls.js';
import { tollkeeper } from './tollkeeper.js';
import { openWorld, type World } from './world.js';

const DECK = `prefix,destination,rate,increment,connectFee,category
33,France,0.02,60,0,*
44,Britain,0.15,60,0,*
49,Germany,0.012,1,0.03,*
`;
const SEED = 20_260_105;
const FIRST_DAY = Date.parse('2026-01-05T09:00:00Z');
const GIVEN = Date.parse('2026-02-10T12:00:00Z');

let world: World;
let run: ReturnType<typeof tollkeeper>;
const days = rawDays(SEED);
const everyCall = new Map(days.flatMap(({ calls }) => calls.map((call) => [call.id, call] as const)));
const books = new Books(() => 150_000n);

const ofType = async (type: string) => (await world.events('acme')).filter((event) => event.type === type);
const write = async (method: 'POST' | 'PUT', path: string, body: object, key: string) => {
  const answer = await world.ask(method, `/v1/tenants/acme${path}`, body, { 'idempotency-key': key });
  if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
};

beforeAll(async () => {
  world = await openWorld(DECK, new Date(FIRST_DAY).toISOString());
  run = tollkeeper(world.folder);
}, 30_000);
afterAll(() => world?.close(), 30_000);

/** One day's records as its switch sends them, and everything that follows from them. */
async function live(atMs: number, calls: readonly RawCall[]): Promise<void> {
  world.clock.nowMs = atMs;
  const sent = await world.ask('POST', '/v1/cdrs?source=switch', calls.map(cdrOf));
  expect(sent).toMatchObject({ status: 200, body: { totals: { accepted: calls.length } } });
  for (const call of calls) books.call(call, atMs);
  await world.until(`the day of ${new Date(atMs).toISOString()}`, async () => {
    const debits = await ofType('CallDebited.v1');
    return debits.length === books.priced.size && (await ofType('RechargeSucceeded.v1')).length === books.recharges + 1;
  });
}

test('three months go by', async () => {
  await write('PUT', '', { currency: 'EUR' }, 'open');
  await write('PUT', '/terms', { country: 'FR', billingCountry: 'FR' }, 'terms');
  const licences = ['calling-plan-120', 'communications-credits'];
  await write('PUT', `/users/${ZOE}/licences`, { country: 'FR', licences }, 'zoe');
  await write('POST', '/purchases', { amount: '30', method: 'card' }, 'first');
  await world.until('the purchase', async () => (await ofType('CreditPurchased.v1')).length === 1);
  books.bought(30_000_000n, FIRST_DAY);
  await write('PUT', '/auto-recharge', { trigger: '5', amount: '20' }, 'auto');
  for (const { atMs, calls, again } of days) {
    if (atMs > GIVEN && world.clock.nowMs < GIVEN) await give();
    await live(atMs, [...calls, ...again.map((id) => everyCall.get(id) as RawCall)]);
  }
  expect(books.recharges).toBeGreaterThan(1);
  expect(books.priced.size).toBeGreaterThan(100);
}, 120_000);

async function give(): Promise<void> {
  world.clock.nowMs = GIVEN;
  const by = { author: 'ada', reason: 'outage of 3 February' };
  await write('POST', '/adjustments', { direction: 'credit', amount: '2.5', ...by }, 'give');
  books.adjusted(2_500_000n, GIVEN);
  await write('POST', '/adjustments', { direction: 'debit', amount: '1', ...by }, 'take');
  books.adjusted(-1_000_000n, GIVEN);
  await write('POST', '/purchases/first/refunds', { amount: '3', cause: 'refund', ...by }, 'refund');
  books.refunded(3_000_000n, GIVEN);
}

async function printed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

type Told = Readonly<Record<string, unknown>>;
const json = async (...args: readonly string[]) => JSON.parse(await printed(...args, '--json')) as Told;
const lines = async (...args: readonly string[]) =>
  (await printed(...args))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);

test('statement: what each call took, what was bought and given, and what is left', async () => {
  const { totals, entries } = (await json('statement', '--tenant', 'acme')) as { totals: Told; entries: Told[] };
  expect(totals).toMatchObject({ closing: decimal(books.balance), calls: books.priced.size });
  expect(totals['movements']).toEqual({
    purchases: decimal(books.sumOf('purchase')),
    calls: decimal(books.sumOf('call')),
    expiries: '0',
    adjustments: decimal(books.sumOf('adjustment')),
    refunds: decimal(books.sumOf('refund')),
  });
  const taken = entries.flatMap(({ call, amount }) => (call === null ? [] : [[(call as Told)['cdrId'], amount]]));
  expect(Object.fromEntries(taken)).toEqual(amountsByCall());
  const february = (await json('statement', '--tenant', 'acme', '--from', '2026-02-01', '--to', '2026-03-01')) as Told;
  const [from, to] = [Date.parse('2026-02-01'), Date.parse('2026-03-01')];
  expect(february['opening']).toBe(decimal(books.balanceAsOf(Infinity, from)));
  expect(february['totals']).toMatchObject({ closing: decimal(books.balanceAsOf(Infinity, to)) });
  expect(await printed('statement', '--tenant', 'acme')).toContain(`closing balance ${decimal(books.balance).padStart(38)}`);
}, 60_000);

/** Below zero, as the statement has them; a call that a pool paid took nothing. */
function amountsByCall(): Readonly<Record<string, string>> {
  return Object.fromEntries([...books.priced].map(([id, { micros }]) => [id, decimal(-micros)]));
}

test('replay: the events as they stand in the store, each with where it came from', async () => {
  const events = await world.events('acme');
  const replayed = await lines('replay', '--tenant', 'acme', '--json');
  expect(replayed.map(({ id, type, data, metadata, revision }) => ({ id, type, data, metadata, revision }))).toEqual(
    events.map(({ id, type, data, metadata, revision }) => ({ id, type, data, metadata, revision })),
  );
  const origins = replayed.flatMap(({ type, origin }) => (type === 'CallDebited.v1' ? [origin] : []));
  expect(origins).toHaveLength(books.priced.size);
  for (const origin of origins) expect(origin).toMatchObject({ kind: 'http', record: expect.any(Number) });
  const two = await printed('replay', '--tenant', 'acme', '--from-revision', '6', '--to-revision', '7');
  expect(two.split('\n').filter((line) => /^\d/.test(line))).toEqual([
    '6  2026-01-05T09:00:00.000Z  CreditPurchased.v1  balance 30',
    '7  2026-01-05T09:00:00.000Z  AutoRechargeSet.v1  balance 30',
  ]);
}, 60_000);

test('export: the postings of each account come to what the books say', async () => {
  const postings = await lines('export', '--format', 'ndjson');
  const sums = new Map<string, bigint>();
  for (const { debit, credit, amount } of postings as readonly Readonly<Record<string, string>>[]) {
    const micros = microsIn(amount ?? '');
    sums.set(debit ?? '', (sums.get(debit ?? '') ?? 0n) + micros);
    sums.set(credit ?? '', (sums.get(credit ?? '') ?? 0n) - micros);
  }
  expect(Object.fromEntries(sums)).toEqual({
    'tenant-credit': -books.balance,
    'call-revenue': books.sumOf('call'),
    'cash-clearing': books.sumOf('purchase') + books.sumOf('refund'),
    adjustments: books.sumOf('adjustment'),
  });
  const csv = (await printed('export', '--format', 'csv', '--tenant', 'acme')).trimEnd().split('\n');
  expect(csv).toHaveLength(postings.length + 1);
  expect(csv.at(-1)?.split(',')).toContain(decimal(books.balance));
}, 60_000);

test('report: each month has its answered calls once, at what they took, with numbers masked', async () => {
  const seen = new Map<string, string>();
  for (const month of ['2025-12', '2026-01', '2026-02', '2026-03']) {
    const rows = parseCsv((await printed('report', '--tenant', 'acme', '--month', month)).replace('\ufeff', ''));
    for (const row of rows) {
      const call = everyCall.get(row['Call ID']?.replace('call-of-', '') ?? '') as RawCall;
      expect(new Date(call.answeredMs ?? 0).toISOString().slice(0, 7)).toBe(month);
      expect(row).toMatchObject({
        UPN: call.user,
        'User Display Name': call.displayName.replace(/^=/, "'="),
        'Destination Number': `'${call.called.slice(0, -4)}****`,
        'Start Time': new Date(call.answeredMs ?? 0).toISOString(),
        'Duration Seconds': String(Math.ceil(call.usageMs / 1000)),
        'Connection Charge': call.called.startsWith('+49') ? '0.03' : '0',
        Currency: 'EUR',
      });
      seen.set(call.id, decimal(-microsIn(row['Charge'] ?? '')));
    }
    expect(new Set(rows.map(({ UsageId }) => UsageId)).size).toBe(rows.length);
  }
  expect(Object.fromEntries(seen)).toEqual(amountsByCall());
}, 60_000);

/** Quoted cells, doubled quotes; the header's names are the keys. */
function parseCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n)/g)];
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of cells) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  const [header = [], ...records] = rows.slice(0, -1);
  return records.map((record) => Object.fromEntries(header.map((name, at) => [name, record[at] ?? ''])));
}
