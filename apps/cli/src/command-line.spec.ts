// The command line as people and scripts meet it: answers, exit codes, help, on files and on a folder.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openEventStore } from '@tollkeeper/event-store';
import type { Command } from 'commander';
import { commandLine } from './command-line.js';

const BIN = new URL('../bin/tollkeeper.js', import.meta.url).pathname;
const DECK = `prefix,destination,rate,increment,connectFee,currency
49,Germany,0.02,60,0,EUR
4915,Germany - Mobile,0.125,1,0.05,EUR
`;

let folder: string;
let deck: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-cli-'));
  deck = join(folder, 'rates.csv');
  writeFileSync(deck, DECK);
  // The folder of an embedded program, as far as decks go.
  await openEventStore(`sqlite:${join(folder, 'events.sqlite')}`).close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function tollkeeper(...args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { PATH = '' } = process.env;
  return spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', env: { PATH } });
}

function json(...args: readonly string[]): any {
  const { status, stdout, stderr } = tollkeeper(...args, '--json');
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

describe('price', () => {
  const ask = ['price', '--deck'];
  const call = ['--answer', '2026-12-25T08:00:00Z', '--called'];

  test('tells amount, segments and all that is needed to redo the sum', () => {
    expect(json(...ask, deck, ...call, '+4915112345678', '--usage', '61', '--max', '5')).toEqual({
      amount: '0.1771',
      billedUsageSeconds: 61,
      category: 'outbound',
      connectFee: '0.05',
      currency: 'EUR',
      decimals: 4,
      deckHash: createHash('sha256')
        .update(
          'prefix,destination,currency,connectFee,rate,increment\n49,Germany,EUR,,0.02,\n4915,Germany - Mobile,EUR,0.05,0.125,1\n',
        )
        .digest('hex'),
      destination: 'Germany - Mobile',
      gross: '17/96',
      maxCost: null,
      maxUsageSeconds: 2376,
      plan: 'default',
      prefix: '4915',
      rounding: 'up',
      rows: [2],
      segments: [{ fromSecond: 0, incrementSeconds: 1, rate: '0.125', rateUnitSeconds: 60, row: 2, seconds: 61 }],
      usageMs: 61_000,
    });
  });

  test('a number without a rate is an answer, with its code', () => {
    expect(json(...ask, deck, ...call, '+881123456', '--usage', '60')).toMatchObject({ rejection: 'no-rate' });
    expect(tollkeeper(...ask, deck, ...call, '+881123456', '--usage', '60')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('no-rate'),
    });
  });

  test('for people it is the sum as one writes it down', () => {
    const { stdout } = tollkeeper(...ask, deck, ...call, '+4930123456', '--usage', '61.5');
    expect(stdout).toContain('0.04 EUR to Germany (prefix 49, plan default, category outbound)');
    expect(stdout).toContain('0.02 × 120 / 60');
  });

  test.each([
    [['--called', '030123', '--usage', '60', '--answer', '2026-12-25'], 'expected a number in E.164'],
    [['--called', '+49', '--usage', '-1', '--answer', '2026-12-25'], 'expected seconds'],
    [['--called', '+49', '--usage', '60', '--answer', '2026-12-25T08:00:00'], 'expected an instant'],
    [['--called', '+49', '--usage', '60', '--answer', '2026-12-25', '--currency', 'EURO'], 'expected an ISO 4217 code'],
    [['--called', '+49', '--usage', '60'], "required option '--answer <instant>' not specified"],
  ])('%j is asked wrongly: exit 2', (args, message) => {
    const { status, stderr } = tollkeeper(...ask, deck, ...args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('a file that is not there, or not text, says so', () => {
    expect(tollkeeper(...ask, join(folder, 'none.csv'), ...call, '+49', '--usage', '1')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('cannot be read'),
    });
    const latin = join(folder, 'latin.csv');
    writeFileSync(latin, Buffer.from([0x70, 0xfc]));
    expect(tollkeeper(...ask, latin, ...call, '+49', '--usage', '1').stderr).toContain('not UTF-8');
  });
});

describe('deck', () => {
  test('check tells every fault with file, line and column, and exits 1', () => {
    const bad = join(folder, 'bad.csv');
    writeFileSync(bad, 'prefix,rate,currency\n49,-1,EUR\n49,0.02,EURO\n');
    const { status, stderr } = tollkeeper('deck', 'check', bad);
    expect(status).toBe(1);
    expect(stderr).toContain(`${bad}:2:4: rate "-1" is not a decimal`);
    expect(stderr).toContain(`${bad}:3:9: currency "EURO" is not an ISO 4217 code`);
    expect(stderr).toContain('2 faults; no row of the deck is used');
    expect(tollkeeper('deck', 'check', deck)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('2 rows, plan default, no fault'),
    });
  });

  test('import, list, show, diff, activate on a folder', () => {
    const at = ['--data', folder];
    const [{ hash }] = json('deck', 'import', deck, ...at, '--by', 'ada');
    expect(json('deck', 'list', ...at)).toMatchObject([{ hash, importedBy: 'ada', activations: [] }]);
    const shown = tollkeeper('deck', 'show', hash.slice(0, 8), ...at).stdout;
    expect(createHash('sha256').update(shown).digest('hex')).toBe(hash);
    const dearer = join(folder, 'dearer.csv');
    writeFileSync(dearer, DECK.replace('0.02', '0.03'));
    expect(json('deck', 'diff', hash, dearer, ...at)).toMatchObject([
      { kind: 'changed', columns: ['rate'], before: { rate: '0.02' }, after: { rate: '0.03' } },
    ]);
    const before = Date.now();
    const { activeFrom } = json('deck', 'activate', hash.slice(0, 8), ...at);
    expect(Date.parse(activeFrom) - before).toBeGreaterThanOrEqual(10_000);
    expect(tollkeeper('deck', 'activate', hash, ...at, '--at', '2026-01-01').stderr).toContain('keep their price');
    expect(json('deck', 'list', ...at)[0].activations).toHaveLength(2);
    expect(tollkeeper('deck', 'activate', hash.slice(0, 5), ...at)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('too short'),
    });
    expect(tollkeeper('deck', 'activate', 'ffffff', ...at)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no version begins with ffffff'),
    });
    expect(
      json('price', '--deck', hash.slice(0, 8), ...at, '--called', '+4930123', '--answer', '2026-12-25', '--usage', '60').amount,
    ).toBe('0.02');
  });
});

describe('what is missing is said', () => {
  test('no engine and no folder: exit 2, and the name of the variable', () => {
    expect(tollkeeper('deck', 'list')).toMatchObject({ status: 2, stderr: expect.stringContaining('KURRENTDB_URL is not set') });
    expect(tollkeeper('dead-letters', 'list', '--data', join(folder, 'none'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('does not exist'),
    });
  });

  test('an engine that does not answer: exit 3', () => {
    const broken = mkdtempSync(join(tmpdir(), 'tollkeeper-cli-'));
    writeFileSync(join(broken, 'events.sqlite'), 'no database at all, but long enough to be looked at as one');
    expect(tollkeeper('deck', 'list', '--data', broken)).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/^tollkeeper: /),
    });
    rmSync(broken, { recursive: true });
  });
});

describe('help', () => {
  /** All there are, by the words that call them: the groups, too, and `tollkeeper` itself. */
  const commandsOf = (command: Command, words: readonly string[]): readonly (readonly [string, Command])[] => [
    [words.join(' '), command],
    ...command.commands.flatMap((below) => commandsOf(below, [...words, below.name()])),
  ];
  const COMMANDS = commandsOf(commandLine(), ['tollkeeper']);

  test('the tree of commands is whole', () => {
    const names = COMMANDS.map(([name]) => name);
    expect(names).toEqual(
      expect.arrayContaining(['tollkeeper', 'tollkeeper deck', 'tollkeeper verify charges', 'tollkeeper doctor']),
    );
  });

  test.each(COMMANDS)('%s --help has an example', (name, command) => {
    let text = '';
    command.configureOutput({ writeOut: (piece) => (text += piece) }).outputHelp();
    expect(text).toContain(`\nExample:\n  ${name} `);
  });

  test('is what --help prints', () => {
    const { status, stdout } = tollkeeper('licences', '--help');
    expect([status, stdout]).toEqual([0, expect.stringContaining('Example:\n  tollkeeper licences list ')]);
  });

  test('an unknown command is asked wrongly', () => {
    expect(tollkeeper('dance').status).toBe(2);
  });
});

test('the bin can be called with an older Node', () => {
  const system = ['/usr/local/bin/node', '/usr/bin/node'].find((file) => existsSync(file));
  if (system === undefined) return;
  const { stdout } = spawnSync(
    system,
    [BIN, 'price', '--deck', deck, '--called', '+4930123', '--answer', '2026-12-25', '--usage', '60', '--json'],
    { encoding: 'utf8' },
  );
  expect(JSON.parse(stdout)).toMatchObject({ amount: '0.02' });
});
