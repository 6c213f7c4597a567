// Three months of one tenant, from raw call records, and then every command that an operator or an auditor has: what each of them says
// is compared with books that other code has kept from the same raw records.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tollkeeperOn, type Told, type Tollkeeper } from '../stage/index.js';
import { decimal, microsIn, type Books } from './books.oracle.js';
import { DECK, Life, SEED } from './life.js';
import { cdrOf, rawDays, ZOE, type RawCall } from './raw-calls.js';
import type { World } from './world.js';

const MARCH = '2026-03-01T00:00:00Z';
const HOUR_MS = 3_600_000;

let life: Life;
let world: World;
let books: Books;
let tollkeeper: Tollkeeper;

beforeAll(async () => {
  life = await Life.open();
  ({ world, books } = life);
  tollkeeper = tollkeeperOn(world.folder);
}, 30_000);
afterAll(() => world?.close(), 30_000);

test('three months go by', async () => {
  await life.threeMonths();
  expect(books.recharges).toBeGreaterThan(1);
  expect(books.priced.size).toBeGreaterThan(100);
}, 120_000);

test('statement: what each call took, what was bought and given, and what is left', async () => {
  const { totals, entries } = (await tollkeeper.json('statement', '--tenant', 'acme')) as { totals: Told; entries: Told[] };
  expect(totals).toMatchObject({ closing: decimal(books.balance), calls: books.priced.size });
  expect(totals['movements']).toEqual({
    purchases: decimal(books.sumOf('purchase')),
    calls: decimal(books.sumOf('call')),
    expiries: '0',
    adjustments: decimal(books.sumOf('adjustment')),
    refunds: decimal(books.sumOf('refund')),
  });
  const taken = entries.flatMap(({ call, amount }) => (call === null ? [] : [[(call as Told)['cdrId'], amount]]));
  expect(Object.fromEntries(taken)).toEqual(life.amountsByCall());
  const february = (await tollkeeper.json('statement', '--tenant', 'acme', '--from', '2026-02-01', '--to', '2026-03-01')) as Told;
  const [from, to] = [Date.parse('2026-02-01'), Date.parse('2026-03-01')];
  expect(february['opening']).toBe(decimal(books.balanceAsOf(Infinity, from)));
  expect(february['totals']).toMatchObject({ closing: decimal(books.balanceAsOf(Infinity, to)) });
  expect(await tollkeeper.text('statement', '--tenant', 'acme')).toContain(
    `closing balance ${decimal(books.balance).padStart(38)}`,
  );
}, 60_000);

test('replay: the events as they stand in the store, each with where it came from', async () => {
  const events = await world.events('acme');
  const replayed = await tollkeeper.lines('replay', '--tenant', 'acme', '--json');
  expect(replayed.map(({ id, type, data, metadata, revision }) => ({ id, type, data, metadata, revision }))).toEqual(
    events.map(({ id, type, data, metadata, revision }) => ({ id, type, data, metadata, revision })),
  );
  const origins = replayed.flatMap(({ type, origin }) => (type === 'CallDebited.v1' ? [origin] : []));
  expect(origins).toHaveLength(books.priced.size);
  for (const origin of origins) expect(origin).toMatchObject({ kind: 'bus', topic: 'telephony.cdr.v1', partition: 0 });
  const two = await tollkeeper.text('replay', '--tenant', 'acme', '--from-revision', '6', '--to-revision', '7');
  expect(two.split('\n').filter((line) => /^\d/.test(line))).toEqual([
    '6  2026-01-05T09:00:00.000Z  CreditPurchased.v1  balance 30',
    '7  2026-01-05T09:00:00.000Z  AutoRechargeSet.v1  balance 30',
  ]);
}, 60_000);

test('export: the postings of each account come to what the books say', async () => {
  const postings = await tollkeeper.lines('export', '--format', 'ndjson');
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
  const csv = (await tollkeeper.text('export', '--format', 'csv', '--tenant', 'acme')).trimEnd().split('\n');
  expect(csv).toHaveLength(postings.length + 1);
  expect(csv.at(-1)?.split(',')).toContain(decimal(books.balance));
}, 60_000);

test('report: each month has its answered calls once, at what they took, with numbers masked', async () => {
  const seen = new Map<string, string>();
  for (const month of ['2025-12', '2026-01', '2026-02', '2026-03']) {
    const rows = await tollkeeper.csv('report', '--tenant', 'acme', '--month', month);
    for (const row of rows) {
      const call = life.everyCall.get(row['Call ID']?.replace('call-of-', '') ?? '') as RawCall;
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
  expect(Object.fromEntries(seen)).toEqual(life.amountsByCall());
}, 60_000);

test('balance as of an instant, as known at another: the books counted anew for each pair', async () => {
  const instants = life.days.flatMap(({ atMs }, at) => (at % 11 === 5 ? [atMs - 9 * HOUR_MS] : []));
  for (const asOfMs of instants) {
    for (const knownAtMs of [instants[1] as number, instants.at(-1) as number]) {
      const [asOf, knownAt] = [new Date(asOfMs).toISOString(), new Date(knownAtMs).toISOString()];
      const told = await tollkeeper.json('balance', '--tenant', 'acme', '--as-of', asOf, '--known-at', knownAt);
      expect(told).toMatchObject({ asOf, knownAt, balance: decimal(books.balanceAsOf(asOfMs, knownAtMs)) });
    }
  }
  expect(await tollkeeper.json('balance', '--tenant', 'acme')).toMatchObject({ balance: decimal(books.balance) });
}, 120_000);

test('explain: a call of each kind, from its bytes to its money, and the sum redone', async () => {
  const kinds = [...books.priced].filter(([, { micros, poolSeconds }], at) => at % 40 === 0 || (poolSeconds > 0 && micros > 0n));
  for (const [id, { micros, poolSeconds }] of kinds) {
    const told = await tollkeeper.json('explain', id);
    expect(told).toMatchObject({ id, tenant: 'acme', raw: { kept: true, matches: true }, sum: { agrees: true } });
    expect([told['pricing'], told['sum'], told['posting']]).toMatchObject([
      { destination: expect.any(String) },
      { recorded: decimal(micros), redone: decimal(micros) },
      micros === 0n ? {} : { amount: decimal(micros) },
    ]);
    expect(told['coverage']).toMatchObject({ pool: poolSeconds === 0 ? null : { usedMs: poolSeconds * 1000 } });
    expect(await tollkeeper.text('explain', id)).toContain('they agree');
  }
}, 120_000);

const checkpoint = () => join(world.folder, 'checkpoint');

async function proof(...args: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const { checks } = (await tollkeeper.json('verify', ...args)) as {
    checks: readonly { name: string; checked: number; differ: number }[];
  };
  expect(checks.filter(({ differ }) => differ > 0)).toEqual([]);
  return Object.fromEntries(checks.map(({ name, checked }) => [name, checked]));
}

test('verify: everything was checked, and nothing differs', async () => {
  const checked = await proof('--save-checkpoint', checkpoint());
  const events = (await world.events('acme')).length;
  expect(checked).toMatchObject({
    'hash chain': events,
    balances: events,
    charges: books.priced.size,
    recharges: books.recharges + 1,
    payments: books.recharges + 1,
    months: 2,
  });
}, 60_000);

test('rebuild: every read model from the ledger, and their rows are those that were there', async () => {
  const rebuilt = await tollkeeper.list('rebuild');
  expect(rebuilt.map(({ name }) => name)).toEqual(expect.arrayContaining(['balance', 'calls', 'stretches', 'usage-day']));
  const events = (await world.events('acme')).length;
  for (const { events: folded } of rebuilt) expect(folded).toBe(events);
  await proof('--only', 'projections');
}, 60_000);

test('dead letters: what no price led to is listed and shown, one is discarded, the others are priced by a mended deck', async () => {
  const unpriced = [...life.everyCall.values()].filter(
    ({ called, answeredMs }) => called.startsWith('+81') && answeredMs !== null,
  );
  const letters = (await tollkeeper.list('dead-letters', 'list')) as readonly Readonly<Record<string, string>>[];
  const letterOf = ({ id }: RawCall) => letters.find(({ reason }) => reason?.includes(id));
  expect(letters.map(({ code, key }) => `${code} ${key}`)).toEqual(unpriced.map(() => 'no-rate acme'));
  const [early] = unpriced as [RawCall];
  const letter = letterOf(early)?.['id'] as string;
  expect(await tollkeeper.text('dead-letters', 'show', letter)).toContain(`"calledNumber":"${early.called}"`);
  expect(await tollkeeper.json('dead-letters', 'discard', '--id', letter, '--reason', 'test call')).toMatchObject({
    discarded: 1,
  });
  const deck = join(world.folder, 'deck-2.csv');
  await writeFile(deck, `${DECK.replace('44,Britain,0.15', '44,Britain,0.18')}81,Japan,0.5,60,0,*\n`);
  await tollkeeper.text('deck', 'import', deck, '--currency', 'EUR', '--activate', MARCH, '--by', 'ada');
  books.dearerFromMs = Date.parse(MARCH);
  const mended = unpriced.filter(({ answeredMs }) => (answeredMs ?? 0) >= Date.parse(MARCH));
  expect(mended.length).toBeGreaterThan(0);
  for (const call of mended) {
    await tollkeeper.text('dead-letters', 'retry', '--id', letterOf(call)?.['id'] ?? '');
    books.call(call, world.clock.nowMs, () => true);
    await life.allRecorded('the retried call');
  }
  const left = await tollkeeper.list('dead-letters', 'list');
  expect(left).toHaveLength(unpriced.length - mended.length - 1);
}, 120_000);

test('import: a packed file of calls, some of them known, and the same file once more', async () => {
  const fresh = rawDays(SEED + 1)
    .flatMap(({ calls }) => calls)
    .filter(({ called, answeredMs }) => !called.startsWith('+81') && (answeredMs ?? 0) > Date.parse(MARCH))
    .filter(({ setupMs, usageMs }) => setupMs + usageMs < world.clock.nowMs)
    .map((call) => ({ ...call, id: `file-${call.id}`, displayName: 'Max Meier' }));
  for (const call of fresh) life.everyCall.set(call.id, call);
  const known = life.days.at(-1)?.calls.filter(({ answeredMs }) => answeredMs !== null) ?? [];
  const file = join(world.folder, 'march.ndjson.gz');
  await writeFile(file, gzipSync([...fresh, ...known].map((call) => JSON.stringify(cdrOf(call))).join('\n')));
  const sources = join(world.folder, 'sources.json');
  await writeFile(sources, JSON.stringify([{ name: 'switch', trustTenantField: true }]));
  const records = fresh.length + known.length;
  const imported = () => tollkeeper.list('import', file, '--source', 'switch', '--sources', sources);
  expect(await imported()).toMatchObject([{ records, sent: records, sentBefore: 0, faulty: 0 }]);
  for (const call of fresh) books.call(call, world.clock.nowMs);
  await life.allRecorded('the imported calls');
  expect(await imported()).toMatchObject([{ records, sent: 0, sentBefore: records }]);
  expect(await tollkeeper.json('explain', fresh[0]?.id ?? '')).toMatchObject({
    raw: { origin: { kind: 'file', name: 'march.ndjson.gz', record: 1 } },
    sum: { agrees: true },
  });
}, 120_000);

test('rerate: what the mended deck prices otherwise is turned round and debited anew', async () => {
  const period = ['--from', MARCH, '--to', '2026-04-01', '--tenant', 'acme'];
  const rehearsed = (await tollkeeper.json('rerate', ...period, '--dry-run')) as { changes: readonly { cdr: { id: string } }[] };
  const done = (await tollkeeper.json('rerate', ...period, '--yes', '--by', 'ada')) as Told;
  const dearer = [...books.priced.keys()].filter((id) => books.rerated(life.callOf(id), Date.now()));
  expect(rehearsed.changes.map(({ cdr }) => cdr.id).toSorted()).toEqual(dearer.toSorted());
  expect(done).toMatchObject({ written: dearer.length });
  await world.until('the recharges', async () => (await life.ofType('RechargeSucceeded.v1')).length === books.recharges + 1);
  const { totals } = (await tollkeeper.json('statement', '--tenant', 'acme')) as { totals: Told };
  expect(totals['closing']).toBe(decimal(books.balance));
  const [id] = dearer as [string];
  expect(await tollkeeper.json('explain', id)).toMatchObject({
    generation: 1,
    history: [{ type: 'CallDebited.v1' }, { type: 'CallReversed.v1' }, { type: 'CallDebited.v1' }],
    sum: { recorded: decimal(books.priced.get(id)?.micros ?? 0n), agrees: true },
  });
}, 60_000);

test('erase: persons of January are forgotten; the report has their calls without them, and the proof still holds', async () => {
  const january = () => tollkeeper.csv('report', '--tenant', 'acme', '--month', '2026-01');
  const before = await january();
  expect(await tollkeeper.json('erase', '--tenant', 'acme', '--before', '2026-02', '--yes', '--by', 'ada')).toMatchObject({
    tenant: 'acme',
    before: '2026-02',
    keysDestroyed: 2,
  });
  const nobody = { UPN: '', 'User Display Name': '', 'Caller ID': '', 'Destination Number': '' };
  const after = await january();
  expect(after).toEqual(before.map((row) => ({ ...row, ...nobody })));
  expect(await tollkeeper.text('report', '--tenant', 'acme', '--month', '2026-02')).toContain(ZOE);
  const events = (await world.events('acme')).length;
  expect(await proof('--checkpoint', checkpoint())).toMatchObject({ 'hash chain': events, charges: expect.any(Number) });
}, 60_000);

test('doctor: nothing is at fault', async () => {
  const findings = await tollkeeper.list('doctor');
  expect(findings.filter(({ level }) => level === 'fault')).toEqual([]);
}, 60_000);
