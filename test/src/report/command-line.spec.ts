// `tollkeeper report` and `tollkeeper explain` on the demo's folder: what they print, add up to and exit with.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { availablePort } from '@tollkeeper/testing';
import { COLUMNS } from '@tollkeeper/usage-report';
import { ROOT, spawnProgram } from '../stage/index.js';
import { parsedCsv } from './libreoffice.js';

const ALL_TIME = ['--from', '2020-01-01', '--to', '2090-01-01'];
const FIRST_CDR = '441b76e3-4a8f-4a13-ab3e-0140a30e8180';

let folder: string;
let data: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-report-'));
  data = ['--data', join(folder, 'demo')];
  const [port, logFile] = [await availablePort(), join(folder, 'demo.log')];
  const env = { PATH: process.env['PATH'] ?? '' };
  const demo = spawnProgram('standalone', { env, args: [...data, '--once', '--port', String(port)], port, logFile });
  expect(await demo.exited).toEqual({ code: 0, signal: null });
}, 90_000);
afterAll(() => rmSync(folder, { recursive: true }));

function tollkeeper(...args: readonly string[]) {
  const { PATH = '' } = process.env;
  const bin = `${ROOT}apps/cli/bin/tollkeeper.js`;
  return spawnSync(process.execPath, [bin, ...args, ...data], { encoding: 'utf8', env: { PATH }, maxBuffer: 64 * 1024 * 1024 });
}

describe('report', () => {
  test.each([
    ['lonestar', 758, 112_072_000],
    ['lumiere', 816, 115_597_400],
    ['rheintal', 844, 115_252_600],
  ])('of %s has every debited call, and adds up to what was debited', (tenant, count, debitedMicros) => {
    const { status, stdout, stderr } = tollkeeper('report', '--tenant', tenant, ...ALL_TIME);
    expect(status).toBe(0);
    expect(stderr).toContain(`the terms of ${tenant} name no country`);
    expect(stdout.charCodeAt(0)).toBe(0xfeff);
    const [headings, ...rows] = parsedCsv(stdout);
    expect(headings).toEqual([...COLUMNS]);
    expect(rows).toHaveLength(count);
    expect(new Set(rows.map(([id]) => id)).size).toBe(count);
    const micros = rows.map((row) => Math.round(Number(row[17]) * 1e6));
    expect(micros.reduce((sum, each) => sum + each, 0)).toBe(debitedMicros);
  });

  test('goes to a file, as CSV, as a workbook, and as JSON', () => {
    const of = ['report', '--tenant', 'lumiere', '--country', 'FR', ...ALL_TIME];
    const csv = tollkeeper(...of).stdout;
    const file = join(folder, 'lumiere.csv');
    expect(JSON.parse(tollkeeper(...of, '--out', file, '--json').stdout)).toMatchObject({ calls: 816, format: 'csv', out: file });
    expect(readFileSync(file, 'utf8')).toBe(csv);
    const workbook = join(folder, 'lumiere.xlsx');
    expect(tollkeeper(...of, '--format', 'xlsx', '--out', workbook).stdout).toContain('816 calls of lumiere');
    expect(readFileSync(workbook).subarray(0, 2).toString()).toBe('PK');
    const rows = JSON.parse(tollkeeper(...of, '--json').stdout);
    expect(rows).toHaveLength(816);
    expect(Object.keys(rows[0])).toEqual([...COLUMNS]);
    expect(rows[0]['Destination Number']).toMatch(/^\+\d+\*{4}$/);
  });

  test('of a month without calls is headings only', () => {
    const month = ['report', '--tenant', 'lumiere', '--month', '2020-02', '--country', 'FR'];
    expect(parsedCsv(tollkeeper(...month).stdout)).toEqual([[...COLUMNS]]);
    expect(JSON.parse(tollkeeper(...month, '--json').stdout)).toEqual([]);
  });

  test.each([
    [`update read_store_checkpoint set position = '1' where name = 'calls'`, 'stands at position 1'],
    [`delete from read_store_checkpoint where name = 'calls'`, 'has not begun'],
    [
      `insert into set_aside (model, tenant, revision, reason) values ('calls', 'lumiere', 7, 'a hole')`,
      'tollkeeper rebuild calls',
    ],
  ])('that would lack calls is none: %s', (damage, says) => {
    const database = new DatabaseSync(join(folder, 'demo', 'read-models.sqlite'));
    const { position } = database.prepare(`select position from read_store_checkpoint where name = 'calls'`).get() as {
      position: string;
    };
    database.exec(damage);
    const { status, stdout, stderr } = tollkeeper('report', '--tenant', 'lumiere', '--country', 'FR', ...ALL_TIME);
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining(says)]);
    database.exec(`delete from set_aside; insert or replace into read_store_checkpoint values ('calls', '${position}')`);
    database.close();
  });

  test.each<[readonly string[], number, string]>([
    [['--tenant', 'lumiere'], 2, 'name the period'],
    [['--tenant', 'lumiere', '--month', '2026-13'], 2, 'expected a month'],
    [['--tenant', 'lumiere', '--month', '2026-03', '--from', '2026-03-01'], 2, 'cannot be used with'],
    [['--tenant', 'lumiere', '--from', '2026-03-02', '--to', '2026-03-02'], 2, '--to is not after --from'],
    [['--tenant', 'lumiere', '--month', '2026-03', '--json', '--format', 'csv'], 2, '--format is of a file'],
    [['--tenant', 'nobody', '--month', '2026-03'], 1, 'tenant nobody has no account'],
    [['--tenant', 'nobody', '--month', '2026-03', '--country', 'FR'], 1, 'nobody has no account'],
    [['--tenant', 'lumiere', '--month', '2026-03', '--country', 'FR', '--out', '/nowhere/at/all.csv'], 2, 'cannot be written'],
  ])('%j: exit %i', (args, exit, message) => {
    const { status, stderr } = tollkeeper('report', ...args);
    expect([status, stderr]).toEqual([exit, expect.stringContaining(message)]);
  });
});

describe('explain', () => {
  test('tells a call from its bytes to its money on one page', () => {
    const { status, stdout } = tollkeeper('explain', FIRST_CDR);
    expect(status).toBe(0);
    for (const said of ['0.064 EUR debited', 'the bytes are kept', '0.032 × 120 / 60 = 0.064', 'they agree', 'Dr tenant-credit'])
      expect(stdout).toContain(said);
    expect(stdout.split('\n').length).toBeLessThan(70);
  });

  test('explains calls of every switch, and each agrees with itself', () => {
    const database = new DatabaseSync(join(folder, 'demo', 'read-models.sqlite'), { readOnly: true });
    const ids = database.prepare('select source, max(cdr_id) as id from call group by source').all() as {
      source: string;
      id: string;
    }[];
    database.close();
    expect(new Set(ids.map(({ source }) => source)).size).toBe(5);
    for (const { source, id } of ids) {
      const { status, stdout } = tollkeeper('explain', id, '--source', source, '--json');
      expect([id, status]).toEqual([id, 0]);
      expect(JSON.parse(stdout)).toMatchObject({ id, source, faults: [], raw: { kept: true, matches: true } });
    }
  });

  test('a CDR that was never recorded: exit 1, and where to look', () => {
    const { status, stderr } = tollkeeper('explain', 'no-such-cdr');
    expect([status, stderr]).toEqual([1, expect.stringContaining('dead-letters list')]);
  });

  test('a CDR by the instant of its answer: that call, or none', () => {
    const { answeredAt } = JSON.parse(tollkeeper('explain', FIRST_CDR, '--json').stdout);
    expect(tollkeeper('explain', FIRST_CDR, '--answered', answeredAt).status).toBe(0);
    const { status, stderr } = tollkeeper('explain', FIRST_CDR, '--answered', '2020-01-01');
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${FIRST_CDR}, answered at 2020-01-01T00:00:00.000Z, was`)]);
  });

  test('an event that was altered in the store: exit 1, and what does not agree', () => {
    const file = join(folder, 'demo', 'events.sqlite');
    expect(existsSync(file)).toBe(true);
    const database = new DatabaseSync(file);
    const { changes } = database
      .prepare(
        `update events set data = replace(data, '"amount":"0.064","available"', '"amount":"0.064001","available"') where data like ?`,
      )
      .run(`%${FIRST_CDR}%`);
    database.close();
    expect(Number(changes)).toBe(1);
    const { status, stdout, stderr } = tollkeeper('explain', FIRST_CDR);
    expect(status).toBe(1);
    expect(stdout).toContain('THEY DO NOT AGREE');
    expect(stderr).toContain('the sum is 0.064, and 0.064001 was debited');
  });
});
