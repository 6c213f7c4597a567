// Exports as tables and lines: every posting once, in order, with nothing lost of its amount and nothing that could become a formula.

import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportLedger } from '@tollkeeper/audit';
import { findLibreOffice } from '@tollkeeper/testing';
import { cellsByLibreOffice, parsedCsv } from '../report/libreoffice.js';
import { booksOfAllKinds, type Books } from './books.js';

let books: Books;
let folder: string;

beforeAll(async () => {
  books = await booksOfAllKinds();
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-export-'));
});
afterAll(async () => {
  await books.store.close();
  rmSync(folder, { recursive: true });
});

async function text(format: 'csv' | 'ndjson'): Promise<string> {
  let all = '';
  await exportLedger(books.store, {}, { format, write: async (piece) => void (all += piece) });
  return all;
}

describe('NDJSON', () => {
  test('has each posting on a line, as the events say it', async () => {
    const lines = (await text('ndjson')).trimEnd().split('\n');
    const postings = lines.map((line) => JSON.parse(line));
    const posted: unknown[] = [];
    for await (const page of books.store.readAll({ streamPrefix: 'credit-' })) {
      for (const { id, metadata, revision, data } of page) {
        const { posting, tenant, balance } = data as { posting?: object | null; tenant: string; balance: string };
        if (posting) posted.push({ ...posting, tenant, balance, revision, eventId: id, hash: metadata['hash'] });
      }
    }
    expect(postings).toMatchObject(posted as object[]);
    expect(postings.find(({ cdrId }) => cdrId === 'overdraft')).toMatchObject({
      amount: '3.5',
      currency: 'USD',
      debit: 'tenant-credit',
      credit: 'call-revenue',
      balance: '-3.5',
      source: 'sbc-paris',
      generation: 0,
      description: 'Call to France',
    });
  });
});

describe('CSV', () => {
  test('says what NDJSON says, in a row each under one header', async () => {
    const [header = [], ...rows] = parsedCsv(await text('csv'));
    const postings = (await text('ndjson')).trimEnd().split('\n');
    expect(rows).toHaveLength(postings.length);
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([header.length]));
    const [amount, balance, eventId] = ['amount', 'balance', 'eventId'].map((name) => header.indexOf(name)) as [
      number,
      number,
      number,
    ];
    const asSaid = postings.map((line) => JSON.parse(line));
    expect(rows.map((row) => [row[eventId], row[amount], row[balance]])).toEqual(
      asSaid.map((posting) => [posting.eventId, posting.amount, posting.balance]),
    );
  });

  test('has no cell that a spreadsheet would run', async () => {
    const csv = await text('csv');
    expect(csv).toContain(`'=Côte d'Ivoire; Mobile | 2`);
    const figures = /^-\d+(\.\d+)?$/;
    const suspicious = parsedCsv(csv)
      .flat()
      .filter((cell) => /^\s*[=+\-@＝＋－＠]/.test(cell) && !figures.test(cell));
    expect(suspicious).toEqual([]);
  });
});

const libreOffice = findLibreOffice();
const name = libreOffice.command === undefined ? `LibreOffice (skipped: ${libreOffice.reason})` : 'LibreOffice';

(libreOffice.command === undefined ? describe.skip : describe)(name, () => {
  test('opens the workbook of postings, whose cells are those of the CSV', async () => {
    const file = join(folder, 'ledger.xlsx');
    await exportLedger(books.store, {}, { format: 'xlsx', put: (workbook) => writeFile(file, workbook) });
    const [sheet = [], ...others] = await cellsByLibreOffice(libreOffice.command ?? '', file, folder);
    // An amount is written there with two decimals at least.
    const opened = sheet.map((row) => row.map((cell) => cell.replace(/^(-?\d+\.\d*?)0+$/, '$1').replace(/\.$/, '')));
    // A cell of text is no formula, so that it needs no quote before it.
    const expected = parsedCsv(await text('csv')).map((row) => row.map((cell) => cell.replace(/^'/, '')));
    expect([opened, others]).toEqual([expected, []]);
    expect(expected.flat()).toContain('1234567890.123456');
  });
});
