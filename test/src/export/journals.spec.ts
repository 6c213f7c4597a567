// Journals for other people's tools: hledger and beancount themselves read them, find no fault, and come to the balances that raw events
// come to.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportLedger, type ExportFormat } from '@tollkeeper/audit';
import type { RecordedEvent } from '@tollkeeper/event-store';
import { accountsOf, millionthsOf, withoutZeros, type Accounts } from './accounts.oracle.js';
import { booksOfAllKinds, DAY_MS, START_MS, type Books } from './books.js';
import { findTool, runOn } from './tools.js';

const TENANTS = ['acme', 'contoso.com', 'a_b-c.d', '7up'];
const IN_BEANCOUNT: Readonly<Record<string, string>> = {
  acme: 'Acme',
  'contoso.com': 'ContosoDotcom',
  'a_b-c.d': 'ALowb-cDotd',
  '7up': '7up',
};

let books: Books;
let streams: readonly (readonly RecordedEvent[])[];

beforeAll(async () => {
  books = await booksOfAllKinds();
  streams = await Promise.all(TENANTS.map((tenant) => books.events(tenant)));
});
afterAll(() => books.store.close());

type Asked = { readonly tenant?: string; readonly fromMs?: number; readonly toMs?: number };

async function exported(format: Exclude<ExportFormat, 'xlsx'>, asked: Asked = {}): Promise<string> {
  let text = '';
  const write = async (piece: string): Promise<void> => void (text += piece);
  await exportLedger(books.store, asked, { format, write });
  return text;
}

/** What stood before the instant counts as an opening. */
function openedAt(fromMs: number, nameOf: (tenant: string) => string): Accounts {
  const from = new Date(fromMs).toISOString();
  const isBefore = ({ data }: RecordedEvent): boolean => String(data['recordedAt']) < from;
  const sums = new Map(accountsOf(streams, nameOf));
  const before = accountsOf(
    streams.map((events) => events.filter((event) => isBefore(event))),
    nameOf,
  );
  for (const [account, micros] of before) {
    if (account.startsWith('Liabilities:')) {
      const currency = account.split(' ')[1] ?? '';
      const opening = `Equity:Opening-Balances ${currency}`;
      sums.set(opening, (sums.get(opening) ?? 0n) - micros);
    } else sums.set(account, (sums.get(account) ?? 0n) - micros);
  }
  return withoutZeros(sums);
}

test('the ledger of these tests has every kind of posting, and balances below zero', () => {
  const types = new Set(
    streams.flat().map(({ type, data }) => (type === 'CreditAdjusted.v1' ? `${type} ${String(data['direction'])}` : type)),
  );
  expect([...types].filter((type) => /Debited|Reversed|Purchased|Expired.v1|Refunded|Adjusted/.test(type)).toSorted()).toEqual([
    'CallDebited.v1',
    'CallReversed.v1',
    'CreditAdjusted.v1 credit',
    'CreditAdjusted.v1 debit',
    'CreditPurchased.v1',
    'LotExpired.v1',
    'PurchaseRefunded.v1',
  ]);
  expect(streams.map((events) => String(events.at(-1)?.data['balance']).startsWith('-'))).toContain(true);
});

const hledger = findTool('hledger');

(hledger.isThere ? describe : describe.skip)(hledger.name, () => {
  const balances = (journal: string): Accounts => {
    const { status, stdout, stderr } = runOn(journal, 'hledger', '-f', 'FILE', 'balance', '--flat', '--no-total', '-O', 'csv');
    expect([status, stderr]).toEqual([0, '']);
    const sums = new Map<string, bigint>();
    for (const line of stdout.trim().split('\n').slice(1)) {
      const [, account = '', amounts = ''] = /^"([^"]*)","([^"]*)"$/.exec(line) ?? [];
      for (const amount of amounts.split(', ')) {
        const [number = '', currency = ''] = amount.split(' ');
        sums.set(`${account} ${currency}`, millionthsOf(number));
      }
    }
    return withoutZeros(sums);
  };
  const own = (tenant: string): string => tenant;

  test('agrees with every balance, strictly', async () => {
    const journal = await exported('hledger');
    expect(runOn(journal, 'hledger', '-f', 'FILE', 'check', '--strict')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(balances(journal)).toEqual(accountsOf(streams, own));
  });

  test('agrees where a period begins with what stood before, also for one tenant', async () => {
    const fromMs = START_MS + 30 * DAY_MS;
    const journal = await exported('hledger', { fromMs });
    expect(runOn(journal, 'hledger', '-f', 'FILE', 'check', '--strict').stderr).toBe('');
    expect(balances(journal)).toEqual(openedAt(fromMs, own));
    const ofAcme = await exported('hledger', { fromMs, tenant: 'acme' });
    expect(runOn(ofAcme, 'hledger', '-f', 'FILE', 'check', '--strict').stderr).toBe('');
    const account = 'Liabilities:Tenant-Credit:acme EUR';
    expect(balances(ofAcme).get(account)).toBe(accountsOf(streams, own).get(account));
    expect(ofAcme).not.toContain('contoso');
  });

  test('keeps what the ledger says in descriptions and tags, whatever its characters', async () => {
    const journal = await exported('hledger');
    const descriptions = runOn(journal, 'hledger', '-f', 'FILE', 'descriptions').stdout.split('\n');
    expect(descriptions).toContain(`Call to =Côte d'Ivoire, Mobile / 2`);
    expect(descriptions).toContain(String.raw`Credit purchased, invoice INV "7", 2026 / first, \ [2026-01-01] line`);
    const tags = runOn(journal, 'hledger', '-f', 'FILE', 'tags', 'cdr', '--values');
    expect(tags.stdout.split('\n')).toContain('cdr%2C with: "all" | sorts; of=%5Bthings%5D');
  });

  test('finds an amount that was changed', async () => {
    const journal = (await exported('hledger')).replaceAll('1.234567 EUR', '1.234568 EUR');
    expect(runOn(journal, 'hledger', '-f', 'FILE', 'check').stderr).toContain('balance assertion');
  });
});

const beancount = findTool('beancount');

(beancount.isThere ? describe : describe.skip)(beancount.name, () => {
  const QUERY = 'select account, currency, sum(number) as total group by account, currency';
  const balances = (file: string): Accounts => {
    const { status, stdout } = runOn(file, 'bean-query', '-f', 'csv', 'FILE', QUERY);
    expect(status).toBe(0);
    const sums = new Map<string, bigint>();
    for (const line of stdout.trim().split(/\r?\n/).slice(1)) {
      const [account = '', currency = '', total = ''] = line.split(',').map((cell) => cell.trim());
      sums.set(`${account} ${currency}`, millionthsOf(total));
    }
    return withoutZeros(sums);
  };
  const named = (tenant: string): string => IN_BEANCOUNT[tenant] ?? '';

  test('agrees with every balance', async () => {
    const file = await exported('beancount');
    expect(runOn(file, 'bean-check', 'FILE')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(balances(file)).toEqual(accountsOf(streams, named));
    // Behind the month of each tenant that has a later one.
    expect(file.match(/^2026-02-01 balance /gm)).toHaveLength(2);
  });

  test('agrees where a period begins with what stood before', async () => {
    const fromMs = START_MS + 30 * DAY_MS;
    const file = await exported('beancount', { fromMs });
    expect(runOn(file, 'bean-check', 'FILE')).toMatchObject({ status: 0, stderr: '' });
    expect(balances(file)).toEqual(openedAt(fromMs, named));
  });

  test('finds an amount that was changed by a millionth', async () => {
    const file = (await exported('beancount')).replaceAll('1.234567 EUR', '1.234568 EUR');
    expect(runOn(file, 'bean-check', 'FILE').stderr).toContain('Balance failed');
  });
});
