// Exports as tables and lines: every posting once, in order, with nothing lost of its amount and nothing that could become a formula.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportLedger } from '@tollkeeper/audit';
import { booksOfAllKinds, type Books } from './books.js';
import { findTool } from './tools.js';

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

/** RFC 4180, and nothing else. */
function cellsOf(csv: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
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
    const [header = [], ...rows] = cellsOf(await text('csv'));
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
    const suspicious = cellsOf(csv)
      .flat()
      .filter((cell) => /^\s*[=+\-@]/.test(cell) && !figures.test(cell));
    expect(suspicious).toEqual([]);
  });
});

const libreOffice = findTool('LibreOffice');

(libreOffice.isThere ? describe : describe.skip)(libreOffice.name, () => {
  test('opens the workbook of postings, whose cells are those of the CSV', async () => {
    const file = join(folder, 'ledger.xlsx');
    await exportLedger(books.store, {}, { format: 'xlsx', file });
    // Cells as they are and not as they are shown, but for an amount's two decimals.
    const asCsv = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false';
    const { status, stderr } = spawnSync(
      'soffice',
      [`-env:UserInstallation=file://${folder}/profile`, '--headless', '--convert-to', asCsv, '--outdir', folder, file],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, expect.anything()]);
    const opened = cellsOf(readFileSync(join(folder, 'ledger.csv'), 'utf8').replaceAll(/\r?\n/g, '\r\n')).map((row) =>
      row.map((cell) => cell.replace(/^(-?\d+\.\d*?)0+$/, '$1').replace(/\.$/, '')),
    );
    // A text cell needs no quote before a formula.
    const expected = cellsOf(await text('csv')).map((row) => row.map((cell) => cell.replace(/^'/, '').replaceAll('\n', '\r\n')));
    expect(opened).toEqual(expected);
    expect(expected.flat()).toContain('1234567890.123456');
  });
});
