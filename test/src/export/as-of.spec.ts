// Balances as of an instant equal the plain sum over all events, at any instants, with and without stretches, whole or with gaps.

import { afterEach, describe, expect, test } from '@jest/globals';
import { balanceAsOf } from '@tollkeeper/audit';
import type { RecordedEvent } from '@tollkeeper/event-store';
import { placed, stretches, type StretchRow } from '@tollkeeper/projections';
import fc from 'fast-check';
import { Books, DAY_MS, START_MS } from './books.js';

const TENANT = 'acme';
const MINUTE_MS = 60_000;
const CENT = 10_000n;

type Step =
  | { readonly kind: 'call'; readonly micros: bigint; readonly agoMinutes: number }
  /** Calls that a switch had kept back, the latest first. */
  | { readonly kind: 'backlog'; readonly micros: bigint; readonly count: number }
  | { readonly kind: 'rerate'; readonly pick: number; readonly micros: bigint }
  | { readonly kind: 'purchase' | 'credit' | 'debit' | 'refund'; readonly micros: bigint }
  | { readonly kind: 'wait'; readonly minutes: number };

const micros = fc.bigInt({ min: 1n, max: 9_000_000n });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('call'),
      micros: fc.bigInt({ min: 0n, max: 900_000n }),
      agoMinutes: fc.oneof(fc.integer({ min: -4, max: 90 }), fc.integer({ min: 0, max: 34 * 1440 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('backlog'), micros, count: fc.integer({ min: 10, max: 40 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('rerate'), pick: fc.nat(), micros: fc.bigInt({ min: 0n, max: 900_000n }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('purchase', 'credit', 'debit', 'refund'), micros }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait'), minutes: fc.oneof(fc.nat(30), fc.nat(20 * 1440)) }) },
);

async function booksAfter(steps: readonly Step[]): Promise<Books> {
  const books = new Books();
  await books.open(TENANT);
  const calls: string[] = [];
  let purchase = '';
  for (const [at, step] of steps.entries()) {
    if (step.kind === 'call') {
      const id = `cdr-${at}`;
      await books.call(TENANT, step.micros, { id, agoMs: step.agoMinutes * MINUTE_MS });
      calls.push(id);
    } else if (step.kind === 'backlog') {
      for (let n = 0; n < step.count; n += 1) {
        await books.call(TENANT, step.micros, { id: `cdr-${at}-${n}`, agoMs: n * 7 * MINUTE_MS });
      }
    } else if (step.kind === 'rerate') {
      const id = calls[step.pick % Math.max(1, calls.length)];
      if (id !== undefined) await books.rerate(TENANT, id, step.micros);
    } else if (step.kind === 'wait') await books.wait(step.minutes * MINUTE_MS, TENANT);
    else if (step.kind === 'purchase') purchase = await books.purchase(TENANT, (step.micros / CENT + 1n) * CENT);
    // More than was bought is refused, which is none of this test's business.
    else if (step.kind === 'refund') await books.refund(TENANT, purchase, 1n).catch(() => undefined);
    else await books.adjust(TENANT, step.kind, step.micros);
  }
  return books;
}

const SIGNS: Readonly<Record<string, bigint>> = {
  'CreditPurchased.v1': 1n,
  'CallReversed.v1': 1n,
  'CallDebited.v1': -1n,
  'LotExpired.v1': -1n,
  'PurchaseRefunded.v1': -1n,
};

/** In millionths, by a way of its own. */
function scan(events: readonly RecordedEvent[], asOf: string, knownAt: string, recordedAfter = ''): bigint {
  let sum = 0n;
  for (const { type, data } of events) {
    const { amount = '0', direction, effectiveAt, recordedAt } = data as Readonly<Record<string, string>>;
    if (recordedAt! > knownAt || effectiveAt! > asOf || recordedAt! <= recordedAfter) continue;
    const sign = type === 'CreditAdjusted.v1' ? (direction === 'credit' ? 1n : -1n) : (SIGNS[type] ?? 0n);
    if (sign !== 0n) sum += sign * millionths(amount);
  }
  return sum;
}

function millionths(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole + fraction.padEnd(6, '0'));
  return text.startsWith('-') ? -value : value;
}

/** Of as many events as it pleases; `left` tells which rows the read model does not have (yet). */
function rowsOf(events: readonly RecordedEvent[], length: number, left: (row: number) => boolean): readonly StretchRow[] {
  const rows: StretchRow[] = [];
  for (let first = 0; first < events.length; first += length) {
    let row: StretchRow | undefined;
    for (const event of events.slice(first, first + length)) row = stretches.fold(row, placed(event));
    if (row !== undefined && !left(rows.length)) rows.push(row);
    else if (row !== undefined) rows.push({ ...row, first_revision: -1 });
  }
  return rows.filter(({ first_revision }) => first_revision >= 0);
}

let books: Books | undefined;
afterEach(() => books?.store.close());

describe('balance as of an instant', () => {
  test('is the sum of what counts until then and was recorded until then: any history, any instants, with and without stretches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { minLength: 5, maxLength: 70 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: -1, max: 1 })), { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 1, max: 80 }),
        fc.nat(4),
        async (steps, picks, length, gap) => {
          books = await booksAfter(steps);
          const events = await books.events(TENANT);
          const instants = events.flatMap(({ data }) => [String(data['effectiveAt']), String(data['recordedAt'])]);
          const rows = rowsOf(events, length, (row) => gap > 1 && row % gap === 1);
          for (const [first, second, by] of picks) {
            const [asOf, knownAt] = [first, second].map((pick) => Date.parse(instants[pick % instants.length] ?? '') + by) as [
              number,
              number,
            ];
            await expectScanned(books, events, { asOf, knownAt });
            await expectScanned(books, events, { asOf, knownAt, rows });
            await expectScanned(books, events, { asOf, rows });
          }
          await books.store.close();
        },
      ),
      { numRuns: 150 },
    );
  });

  test('tells the calls that were recorded later, and how much they come to', async () => {
    books = new Books();
    await books.open(TENANT);
    await books.purchase(TENANT, 50_000_000n);
    await books.call(TENANT, 1_000_000n, { id: 'early' });
    const noonMs = books.nowMs;
    await books.wait(DAY_MS);
    for (const id of ['one', 'two', 'three']) await books.call(TENANT, 400_000n, { id, agoMs: DAY_MS + 1 });
    await books.rerate(TENANT, 'early', 900_000n);
    await books.call(TENANT, 7_000_000n, { agoMs: DAY_MS - 1 });
    const found = await balanceAsOf(books.store, { tenant: TENANT, asOfMs: noonMs });
    expect(found).toMatchObject({
      balance: '47.9',
      consistsOf: { purchases: '50', calls: '-2.1', expiries: '0', adjustments: '0', refunds: '0' },
      events: 7,
      recordedLater: { calls: 3, rerated: 1, amount: '-1.1' },
      restsOn: { revision: 10 },
    });
    expect(await balanceAsOf(books.store, { tenant: TENANT, asOfMs: noonMs, knownAtMs: noonMs })).toMatchObject({
      balance: '49',
      recordedLater: { calls: 0, rerated: 0, amount: '0' },
    });
    expect(await balanceAsOf(books.store, { tenant: TENANT, knownAtMs: START_MS - 1 })).toMatchObject({
      balance: '0',
      restsOn: null,
    });
    expect(await balanceAsOf(books.store, { tenant: 'nobody' })).toBeUndefined();
  });

  test('stretches that do not come to what the stream says are found', async () => {
    books = new Books();
    await books.open(TENANT);
    await books.purchase(TENANT, 50_000_000n);
    await books.call(TENANT, 1_000_000n);
    const rows = rowsOf(await books.events(TENANT), 3, () => false).map((row) => ({ ...row, movement: '51' }));
    await expect(balanceAsOf(books.store, { tenant: TENANT, stretches: pagesOf(rows) })).rejects.toThrow('rebuilt');
  });
});

type Asked = { readonly asOf: number; readonly knownAt?: number; readonly rows?: readonly StretchRow[] };

async function expectScanned({ store }: Books, events: readonly RecordedEvent[], { asOf, knownAt, rows }: Asked): Promise<void> {
  const found = await balanceAsOf(store, {
    tenant: TENANT,
    asOfMs: asOf,
    ...(knownAt === undefined ? {} : { knownAtMs: knownAt }),
    ...(rows === undefined ? {} : { stretches: pagesOf(rows) }),
  });
  const [asOfText, knownText] = [new Date(asOf).toISOString(), knownAt === undefined ? '9' : new Date(knownAt).toISOString()];
  const later = millionths(found?.recordedLater.amount ?? '');
  expect([millionths(found?.balance ?? ''), later]).toEqual([
    scan(events, asOfText, knownText),
    scan(events, asOfText, knownText, asOfText),
  ]);
  const parts = Object.values(found?.consistsOf ?? {}).reduce((sum, part) => sum + millionths(part), 0n);
  expect(parts).toBe(millionths(found?.balance ?? ''));
}

function pagesOf(rows: readonly StretchRow[]) {
  return async function* () {
    for (let at = 0; at < rows.length; at += 3) yield rows.slice(at, at + 3);
  };
}
