// What is read of an account by a person: the statement of a period, and the events as they are stored.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  originText,
  replayOf,
  statementOf,
  type StatementEntry,
  type StatementOptions,
  type StatementTotals,
} from '@tollkeeper/audit';
import type { EventStore, RecordedEvent } from '@tollkeeper/event-store';
import { streamOf } from '@tollkeeper/ledger';
import { millionthsOf } from './accounts.oracle.js';
import { Books, booksOfAllKinds, DAY_MS, START_MS } from './books.js';
import { LONG_EVERY_MS, LONG_START_MS, LONG_TENANT, longStream } from '../bench/long-stream.js';

let books: Books;
beforeAll(async () => {
  books = await booksOfAllKinds();
});
afterAll(() => books.store.close());

type Read = { readonly opening: string; readonly entries: readonly StatementEntry[]; readonly totals: StatementTotals };

async function statement(store: EventStore, options: StatementOptions): Promise<Read> {
  const found = await statementOf(store, options);
  if (found === undefined) throw new Error('no account');
  const entries: StatementEntry[] = [];
  for await (const page of found.pages) entries.push(...page);
  return { opening: found.opening, entries, totals: found.totals() };
}

/** How many events were read of the store. */
function counting(store: EventStore): { readonly store: EventStore; readonly read: () => number } {
  let read = 0;
  const counted: EventStore = {
    ...store,
    async *readStream(stream, options) {
      for await (const page of store.readStream(stream, options)) {
        read += page.length;
        yield page;
      }
    },
  };
  return { store: counted, read: () => read };
}

describe('statement', () => {
  test('is the account in plain words, with every movement and the balance after it', async () => {
    const { entries, totals } = await statement(books.store, { tenant: 'acme' });
    const events = await books.events('acme');
    const whats = new Set(entries.map(({ what }) => what));
    for (const what of [
      'account opened',
      'call',
      'call debited again',
      'call reversed',
      'credit about to expire',
      'credit expired',
      'credit given',
      'credit purchased',
      'credit taken',
      'dispute lost',
      'month closed',
      'purchase refunded',
      'recharge asked for',
      'recharge paid',
      'terms set',
    ])
      expect(whats).toContain(what);
    let balance = 0n;
    for (const entry of entries) {
      balance += millionthsOf(entry.amount);
      expect([entry.revision, millionthsOf(entry.balance)]).toEqual([entry.revision, balance]);
    }
    expect(totals).toMatchObject({ closing: events.at(-1)?.data['balance'], entries: entries.length, calls: 5 });
    const moved = Object.values(totals.movements).reduce((sum, amount) => sum + millionthsOf(amount), 0n);
    expect(moved).toBe(millionthsOf(totals.closing));
  });

  test('of a period begins and ends with the balances of its neighbours', async () => {
    const middleMs = START_MS + 25 * DAY_MS;
    const before = await statement(books.store, { tenant: 'acme', toMs: middleMs });
    const after = await statement(books.store, { tenant: 'acme', fromMs: middleMs });
    expect(before.totals.closing).toBe(after.opening);
    const all = await statement(books.store, { tenant: 'acme' });
    expect([...before.entries, ...after.entries]).toEqual(all.entries);
    // The instant itself belongs to what begins with it.
    expect(after.entries[0]?.recordedAt).toBe(new Date(middleMs).toISOString());
    const nothing = await statement(books.store, { tenant: 'acme', fromMs: START_MS + 900 * DAY_MS });
    expect([nothing.entries, nothing.opening, nothing.totals.closing]).toEqual([[], all.totals.closing, all.totals.closing]);
    expect(await statementOf(books.store, { tenant: 'nobody' })).toBeUndefined();
  });

  test('of an hour of a year reads that hour, and finds it by some fifty events', async () => {
    const { store, read } = counting(longStream(10_000_000));
    const fromMs = LONG_START_MS + 5_000_000 * LONG_EVERY_MS;
    const { entries, opening, totals } = await statement(store, { tenant: LONG_TENANT, fromMs, toMs: fromMs + 3_600_000 });
    expect([entries.length, entries[0]?.revision]).toEqual([1_200, 5_000_000]);
    expect(millionthsOf(totals.closing) - millionthsOf(opening)).toBe(
      entries.reduce((sum, { amount }) => sum + millionthsOf(amount), 0n),
    );
    expect(read()).toBeLessThan(1_200 + 60);
  });

  test('opens the called numbers with the ring, and tells where it cannot', async () => {
    const own = new Books();
    await own.open('acme');
    for (const parties of ['open', 'erased', 'broken']) await own.call('acme', 1n, { id: parties, parties });
    const ring = {
      unseal: async (_tenant: string, key: string, sealed: string) => {
        if (sealed === 'erased') return 'erased' as const;
        if (sealed === 'broken') throw await tampered();
        return { called: `+49 of ${key}`, calling: null };
      },
    };
    const { entries } = await statement(own.store, { tenant: 'acme', ring });
    expect(entries.flatMap(({ call }) => (call === null ? [] : [[call.number, call.called]]))).toEqual([
      ['open', '+49 of sbc-paris\u0000open'],
      ['erased', null],
      ['sealed', null],
    ]);
    await own.store.close();
  });
});

async function tampered(): Promise<Error> {
  const { SealingError } = await import('@tollkeeper/sealing');
  return new SealingError('tampered', 'altered');
}

describe('replay', () => {
  test('gives the events as they are stored, with where each came from', async () => {
    const events = await books.events('acme');
    const replayed: unknown[] = [];
    for await (const page of replayOf(books.store, { tenant: 'acme' })) replayed.push(...page);
    const asStored = ({ stream, revision, id, type, data, metadata }: RecordedEvent) => ({
      stream,
      revision,
      id,
      type,
      data,
      metadata,
    });
    expect(replayed).toMatchObject(events.map(asStored));
    const [first] = replayed.filter((event) => (event as { type: string }).type === 'CallDebited.v1') as [{ origin: never }];
    expect(originText(first.origin)).toBe('telephony.cdr.v1/0/7');
    expect(replayed[0]).toMatchObject({ origin: null, balance: '0', recordedAt: new Date(START_MS).toISOString() });
    expect(originText({ kind: 'file', name: 'calls.csv', record: 3 })).toBe('file calls.csv, record 3');
    expect(originText({ kind: 'http', requestId: 'r-1', record: 0 })).toBe('HTTP request r-1, record 0');
  });

  test('of a span gives both its ends, and data whose JSON is what was stored', async () => {
    const revisions: number[] = [];
    for await (const page of replayOf(books.store, { tenant: 'acme', fromRevision: 3, toRevision: 6 })) {
      for (const event of page) revisions.push(event.revision);
    }
    expect(revisions).toEqual([3, 4, 5, 6]);
    for await (const page of replayOf(books.store, { tenant: 'acme', fromRevision: 6, toRevision: 5 })) expect(page).toEqual([]);
  });

  test('also shows what a newer program has written', async () => {
    const own = new Books();
    await own.open('acme');
    const data = { balance: '0', recordedAt: new Date(START_MS).toISOString() };
    const id = '00000000-0000-4000-8000-000000000000';
    await own.store.append(streamOf('acme'), 1, [{ id, type: 'Unheard.v9', data, metadata: { hash: 'h' } }]);
    for await (const page of replayOf(own.store, { tenant: 'acme', fromRevision: 2 })) {
      expect(page).toMatchObject([{ type: 'Unheard.v9', origin: null, hash: 'h' }]);
    }
    await own.store.close();
  });
});
