// Program, process tests: how a program starts, stops and dies, seen from outside.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const FIXTURE = fileURLToPath(new URL('./process.fixture.js', import.meta.url));

type Ended = { readonly code: number | null; readonly signal: string | null; readonly out: string; readonly log: string };

async function run(
  args: readonly string[],
  env: Record<string, string> = {},
  signals: readonly NodeJS.Signals[] = [],
): Promise<Ended> {
  const child = spawn(process.execPath, [FIXTURE, ...args], { env: { ...process.env, ...env } });
  let [out, log] = ['', ''];
  const left = [...signals];
  const sendNext = (): void => {
    const next = left.shift();
    if (next) child.kill(next);
  };
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    if (out.trimEnd() === 'ready') sendNext();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
    if (log.includes('stopping')) sendNext();
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, out, log };
}

describe('a program that runs until a signal', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('stops at %s and exits 0', async (signal) => {
    const ended = await run(['run'], {}, [signal]);
    expect(ended).toMatchObject({ code: 0, out: 'ready\nstopped\n' });
    expect(ended.log).toContain(`${signal}: stopping`);
  });

  test('exits 1 at the second signal', async () => {
    expect(await run(['hang'], {}, ['SIGTERM', 'SIGINT'])).toMatchObject({
      code: 1,
      log: expect.stringContaining('SIGINT again'),
    });
  });

  test('exits 1 when stopping takes too long', async () => {
    expect(await run(['hang'], {}, ['SIGTERM'])).toMatchObject({ code: 1, log: expect.stringContaining('more than 5000 ms') });
  });

  test('exits 0 when the signal ends its start', async () => {
    expect(await run(['start-slowly'], {}, ['SIGTERM'])).toMatchObject({ code: 0 });
  });

  test('exits 0 when it has finished by itself', async () => {
    expect(await run(['finish'])).toMatchObject({ code: 0, out: 'ready\nstopped\n' });
  });

  test.each([
    ['fail-to-start', 'cannot start', []],
    ['fail-to-stop', 'cannot stop', ['SIGTERM']],
    ['throw', 'wrong', []],
    ['reject', 'wrong', []],
  ] as const)('exits 1 on %s, and the log says why', async (behaviour, why, signals) => {
    expect(await run([behaviour], {}, signals)).toMatchObject({ code: 1, log: expect.stringContaining(why) });
  });
});

describe('a failpoint', () => {
  test.each([
    ['here', ''],
    ['here:3', 'passed 1\npassed 2\n'],
  ])('%s kills the process there', async (armed, out) => {
    expect(await run(['failpoint'], { FAILPOINT: armed })).toMatchObject({ signal: 'SIGKILL', out });
  });

  test.each(['', 'elsewhere', 'here:4'])('%p lets it pass', async (armed) => {
    expect(await run(['failpoint'], { FAILPOINT: armed })).toMatchObject({ code: 0, out: 'passed 1\npassed 2\npassed 3\n' });
  });

  test('that is malformed is refused', async () => {
    expect(await run(['failpoint'], { FAILPOINT: 'here:0' })).toMatchObject({ code: 1, log: expect.stringContaining('NAME:N') });
  });
});

describe('settings on the command line', () => {
  test.each([
    ['are taken', ['settings'], '7', { code: 0, out: 'size 7\n' }],
    [
      'are checked on demand',
      ['settings', '--check-config'],
      '7',
      { code: 0, out: 'fixture: the settings are complete\n  SIZE=7\n' },
    ],
    [
      'are explained',
      ['settings', '--help'],
      'x',
      { code: 0, out: expect.stringContaining('  SIZE\n      a size (default 1)\n') },
    ],
    [
      'are refused',
      ['settings'],
      'x',
      { code: 2, out: '', log: expect.stringContaining('1 fault in the settings\n  SIZE holds x') },
    ],
    ['are refused together', ['settings'], '10', { code: 2, log: expect.stringContaining('SIZE is more than fits') }],
    ['stand in the environment', ['settings', '-x'], '1', { code: 2, log: expect.stringContaining('unknown argument -x') }],
  ])('%s', async (_what, args, size, ended) => {
    expect(await run(args, { SIZE: size })).toMatchObject(ended);
  });
});
