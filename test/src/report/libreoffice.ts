// Report tests: a workbook's file in, the cells that LibreOffice reads in it out.

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** Comma, quotes, UTF-8, from the first row; values as they are rather than as shown, text in quotes, and every sheet to a file of its own. */
const AS_CSV = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,false,false,-1';
const CONVERT_WITHIN_MS = 120_000;

/** Its guesses on opening a CSV: comma, quotes, UTF-8, from the first row, every column as it looks, which is where formulas would be. */
const FROM_CSV = 'Text - txt - csv (StarCalc):44,34,76,1,,0,false,true';

/** Cells of every sheet, in their order: rows of texts. */
export async function cellsByLibreOffice(command: string, workbook: string, folder: string): Promise<readonly string[][][]> {
  await convert(command, [workbook], folder);
  const name = basename(workbook, '.xlsx');
  const files = (await readdir(folder)).filter((file) => file.startsWith(`${name}-`) && file.endsWith('.csv'));
  // The first sheet has no number.
  files.sort((left, right) => left.length - right.length || (left < right ? -1 : 1));
  return Promise.all(files.map(async (file) => parsedCsv(await readFile(join(folder, file), 'utf8'))));
}

/** A CSV as it reads it by itself, cells that it evaluated as their values. */
export async function csvByLibreOffice(command: string, file: string, folder: string): Promise<readonly string[][]> {
  const out = join(folder, 'read-again');
  await convert(command, [`--infilter=${FROM_CSV}`, file], out);
  const [read] = (await readdir(out)).filter((name) => name.endsWith('.csv'));
  return parsedCsv(await readFile(join(out, read ?? ''), 'utf8'));
}

async function convert(command: string, what: readonly string[], folder: string): Promise<void> {
  const profile = pathToFileURL(join(folder, 'libreoffice-profile')).href;
  const args = [`-env:UserInstallation=${profile}`, '--headless', '--convert-to', AS_CSV, '--outdir', folder, ...what];
  await promisify(execFile)(command, args, { timeout: CONVERT_WITHIN_MS });
}

/** RFC 4180, by a reader that shares nothing with the writer under test. */
export function parsedCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  for (const [, quoted, plain = '', end] of text.replace(/^\ufeff/, '').matchAll(cell)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}
