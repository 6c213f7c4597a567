// `tollkeeper statement`, `replay`, `balance` and `export` as people and scripts meet them, on a folder.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openEventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { placed, stretches, type StretchRow } from '@tollkeeper/projections';
import { openReadStore } from '@tollkeeper/read-store';
import { booksOfAllKinds, DAY_MS, START_MS } from './books.js';

const BIN = new URL('../../../apps/cli/bin/tollkeeper.js', import.meta.url).pathname;
const TENANTS = ['acme', 'contoso.com', 'a_b-c.d', '7up'];

let folder: string;
let acme: readonly RecordedEvent[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-reading-'));
  const books = await booksOfAllKinds();
  const store = openEventStore(`sqlite:${join(folder, 'events.sqlite')}`);
  for (const tenant of TENANTS) await store.append(`credit-${tenant}`, -1, await books.events(tenant));
  acme = await books.events('acme');
  await Promise.all([store.close(), books.store.close()]);
});
afterAll(() => rmSync(folder, { recursive: true }));

function tollkeeper(...args: readonly string[]) {
  const { PATH = '' } = process.env;
  return spawnSync(process.execPath, [BIN, ...args, '--data', folder], { encoding: 'utf8', env: { PATH } });
}

describe('statement', () => {
  test('is a table for people; without keys it says that the numbers stay sealed', () => {
    const { status, stdout, stderr } = tollkeeper('statement', '--tenant', 'acme', '--from', '2026-02-04');
    expect([status, stderr]).toEqual([0, expect.stringContaining('called numbers stay sealed')]);
    expect(stdout).toMatch(/^Statement of acme in EUR, from 2026-02-04T00:00:00\.000Z\. Times are UTC/);
    expect(stdout).toMatch(/^ +opening balance +\d/m);
    expect(stdout).toMatch(/^2026-02-04 08:00:00 {2}dispute lost +-1 +[\d.]+ {2}purchase-1: sent back; by ada$/m);
    expect(stdout).toMatch(
      new RegExp(`^ +closing balance +${String(acme.at(-1)?.data['balance'])} +\\d+ entries, 2 calls$`, 'm'),
    );
  });

  test('is one JSON object', () => {
    const found = JSON.parse(tollkeeper('statement', '--tenant', 'acme', '--json').stdout);
    expect(found).toMatchObject({ tenant: 'acme', currency: 'EUR', from: null, opening: '0' });
    expect(found.totals).toMatchObject({ closing: acme.at(-1)?.data['balance'], entries: found.entries.length });
    const nothing = JSON.parse(tollkeeper('statement', '--tenant', 'acme', '--to', '2025-01-01', '--json').stdout);
    expect(nothing).toMatchObject({ entries: [], totals: { closing: '0', entries: 0 } });
  });
});

describe('replay', () => {
  test('prints the bytes that are stored, an event a line', () => {
    const lines = tollkeeper('replay', '--tenant', 'acme', '--json').stdout.trimEnd().split('\n');
    const database = new DatabaseSync(join(folder, 'events.sqlite'), { readOnly: true });
    const stored = database.prepare("SELECT data, metadata FROM events WHERE stream = 'credit-acme' ORDER BY revision").all();
    database.close();
    expect(lines).toHaveLength(stored.length);
    for (const [at, { data, metadata }] of stored.entries()) {
      expect(lines[at]?.endsWith(`"data":${String(data)},"metadata":${String(metadata)}}`)).toBe(true);
    }
  });

  test('shows an event to people with its place of origin', () => {
    const debit = acme.findIndex(({ type }) => type === 'CallDebited.v1');
    const span = ['--from-revision', String(debit), '--to-revision', String(debit)];
    const { stdout } = tollkeeper('replay', '--tenant', 'acme', ...span);
    expect(stdout).toMatch(new RegExp(`^${debit}  2026-01-10T08:00:00\\.000Z  CallDebited\\.v1  balance `));
    expect(stdout).toContain('    from    telephony.cdr.v1/0/7\n');
    expect(tollkeeper('replay', '--tenant', 'acme', '--from-revision', '9999')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('has no event at these revisions'),
    });
  });
});

describe('balance', () => {
  const asked = ['balance', '--tenant', 'acme', '--as-of', new Date(START_MS - DAY_MS).toISOString()];

  test('tells what it consists of and what was recorded later, also without read models', () => {
    const { status, stdout, stderr } = tollkeeper(...asked);
    expect([status, stderr]).toEqual([0, expect.stringContaining('without read models the whole stream is read')]);
    expect(stdout).toContain(
      'acme: 0 EUR as of 2026-01-09T08:00:00.000Z, by the time of calls and credit, as the ledger knows now',
    );
    const { recordedLater } = JSON.parse(tollkeeper(...asked, '--json').stdout);
    // The late call, which was rerated twice and costs nothing now.
    expect(recordedLater).toEqual({ calls: 1, rerated: 2, amount: '0' });
    const known = JSON.parse(tollkeeper(...asked, '--known-at', '2026-01-11', '--json').stdout);
    expect(known).toMatchObject({ balance: '-0.04', recordedLater: { calls: 1, rerated: 0, amount: '-0.04' } });
  });

  test('takes stretches where there are some, and says when they are wrong', async () => {
    const readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'read-models.sqlite')}`);
    await readStore.migrate(MIGRATIONS);
    const row = acme.reduce<StretchRow | undefined>((before, event) => stretches.fold(before, placed(event)), undefined);
    const write = (rows: readonly StretchRow[]) =>
      readStore.write((tx) => readStore.upsert(tx, 'ledger_stretch', ['stretch_key'], rows));
    await write([row as StretchRow]);
    const found = JSON.parse(tollkeeper('balance', '--tenant', 'acme', '--json').stdout);
    expect(found).toMatchObject({ balance: acme.at(-1)?.data['balance'], read: { events: 0, stretches: 1 } });
    await write([{ ...(row as StretchRow), movement: '1' }]);
    expect(tollkeeper('balance', '--tenant', 'acme')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('tollkeeper rebuild stretches'),
    });
    await readStore.close();
  });
});

describe('export', () => {
  test('writes a file when it is whole, and tells what it holds', () => {
    const file = join(folder, 'ledger.journal');
    const { stdout } = tollkeeper('export', '--format', 'hledger', '--out', file, '--json');
    expect(JSON.parse(stdout)).toEqual({ format: 'hledger', file, postings: expect.any(Number), tenants: 4 });
    expect(tollkeeper('export', '--format', 'hledger').stdout).toBe(readFileSync(file, 'utf8'));
    const nowhere = tollkeeper('export', '--format', 'csv', '--out', join(folder, 'none', 'ledger.csv'));
    expect(nowhere).toMatchObject({ status: 2, stderr: expect.stringContaining('cannot be written') });
    const workbook = join(folder, 'ledger.xlsx');
    expect(tollkeeper('export', '--format', 'xlsx', '--tenant', 'acme', '--out', workbook).stdout).toContain('tenants: 1');
    expect([existsSync(workbook), existsSync(`${workbook}.unfinished`)]).toEqual([true, false]);
    // No terminal: a pipe takes bytes.
    expect(tollkeeper('export', '--format', 'xlsx', '--tenant', 'acme')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^PK/),
    });
  });

  test.each([
    [['export', '--format', 'csv', '--json'], 2, '--format ndjson prints postings as JSON'],
    [['export', '--format', 'csv', '--from', '2026-02-02', '--to', '2026-02-01'], 2, '--to is not after --from'],
    [['statement', '--tenant', 'acme', '--from', '2026-02-02', '--to', '2026-02-01'], 2, '--to is not after --from'],
    [['export', '--format', 'abacus'], 2, 'Allowed choices are'],
    [['export', '--format', 'csv', '--tenant', 'nobody'], 1, 'tenant nobody has no account'],
    [['statement', '--tenant', 'nobody'], 1, 'tenant nobody has no account'],
    [['balance', '--tenant', 'nobody'], 1, 'tenant nobody has no account'],
    [['replay', '--tenant', 'nobody'], 1, 'tenant nobody has no account'],
  ] as const)('%j: exit %i', (args, status, message) => {
    expect(tollkeeper(...args)).toMatchObject({ status, stderr: expect.stringContaining(message) });
  });
});
