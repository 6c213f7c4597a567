// The usage report as other programs read it: LibreOffice opens the workbook, and its cells are those of the CSV.

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findLibreOffice } from '@tollkeeper/testing';
import { COLUMNS, csvOf, xlsxOf, type Cells } from '@tollkeeper/usage-report';
import { cellsByLibreOffice, csvByLibreOffice, parsedCsv } from './libreoffice.js';

const found = findLibreOffice();

const NASTY = [
  '=1+1',
  '=HYPERLINK("http://192.0.2.1/","free calls")',
  '+33123456789',
  "-2+3*cmd|' /C calc'!A0",
  '@SUM(A1:A9)',
  '\t=1+1',
  '\n=1+1',
  '＝1+1',
  "'=1+1",
  "'quoted'",
  'says "so", twice',
  'first line\nsecond line',
  'Zoë Martin-Øksnes 张伟 🙂',
  '<b>&amp;</b>',
  '_x0041_ and _x000D_',
  '  blanks before and after  ',
  '00420',
  '1234567890123456789012',
  '1E5',
  '2026-03-02',
  '12:30',
  'TRUE',
  '#REF!',
  'ends with a comma,',
  ';',
];

/** Every nasty text stands once in every column of text. */
const rows: readonly Cells[] = NASTY.map((_, at) =>
  COLUMNS.map((_column, column) => {
    if (column === 15) return String(at * 61);
    if (column === 16) return at % 2 === 0 ? '0' : '0.000001';
    if (column === 17) return ['0', '0.042713', '123456.123457', '999999999.999999', '12', '0.1'][at % 6] ?? '';
    return NASTY[(at + column) % NASTY.length] ?? '';
  }),
);

async function* inPages(perPage: number): AsyncIterable<readonly Cells[]> {
  for (let at = 0; at < rows.length; at += perPage) yield rows.slice(at, at + perPage);
}

async function csvText(): Promise<string> {
  let text = '';
  for await (const chunk of csvOf(inPages(7))) text += chunk;
  return text;
}

/** As csv.ts says: an apostrophe before what could be a formula is not part of it. */
function meant(cell: string): string {
  return cell.replace(/^'('*[=+\-@\t\n＝＋－＠])/, '$1');
}

test('no cell of the CSV can become a formula, and each gives back what was meant', async () => {
  const [headings, ...cells] = parsedCsv(await csvText());
  expect(headings).toEqual([...COLUMNS]);
  for (const cell of cells.flat()) expect(cell).not.toMatch(/^[=+\-@\t\n＝＋－＠]/);
  expect(cells.map((row) => row.map(meant))).toEqual(rows);
});

const name = found.command === undefined ? `LibreOffice (skipped: ${found.reason})` : 'LibreOffice';
(found.command === undefined ? describe.skip : describe)(name, () => {
  const command = found.command ?? '';
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tollkeeper-report-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('opens the workbook, and its cells are those of the CSV', async () => {
    const workbook = join(folder, 'nasty.xlsx');
    await pipeline(xlsxOf(inPages(7)), createWriteStream(workbook));
    const [sheet, ...others] = await cellsByLibreOffice(command, workbook, folder);
    expect(others).toEqual([]);
    expect(sheet).toEqual(parsedCsv(await csvText()).map((row) => row.map(meant)));
  });

  test('opens the CSV, and takes nothing in it for a formula', async () => {
    const file = join(folder, 'report.csv');
    await pipeline(csvOf(inPages(7)), createWriteStream(file));
    // It takes some texts for figures, as any program does with a CSV; what begins like a formula stays as it is.
    const guarded = (cells: readonly string[][]): string[] => cells.flat().filter((cell) => meant(cell) !== cell);
    const expected = guarded(parsedCsv(await csvText()));
    expect(expected.length).toBeGreaterThan(100);
    expect(guarded(await csvByLibreOffice(command, file, folder))).toEqual(expected);
  });

  test('finds every row where they fill several sheets', async () => {
    const workbook = join(folder, 'split.xlsx');
    await pipeline(xlsxOf(inPages(7), { maxSheetRows: 11 }), createWriteStream(workbook));
    const sheets = await cellsByLibreOffice(command, workbook, folder);
    expect(sheets.map((sheet) => sheet.length)).toEqual([11, 11, 6]);
    for (const [headings] of sheets) expect(headings).toEqual([...COLUMNS]);
    expect(sheets.flatMap((sheet) => sheet.slice(1))).toEqual(rows);
  });
});
