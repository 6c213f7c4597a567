// The command line on a folder of the embedded program, while a server has it and after: reads go beside it, writes go through it, and
// both answer alike with and without it.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { availablePort, waitFor } from '@tollkeeper/testing';
import { ROOT, spawnProgram, type Program } from '../stage/index.js';

const UNTIL_MS = 45_000;
const TOKEN = 'sesame';

type Outcome = { readonly code: number | null; readonly out: string; readonly err: string };

describe('a folder that a server holds', () => {
  let folder: string;
  let server: Program;
  let balanceBefore: string;

  const data = () => join(folder, 'data');

  async function start(): Promise<Program> {
    const port = await availablePort();
    const env = { PATH: process.env['PATH'] ?? '', OPERATOR_TOKEN: TOKEN };
    const logFile = join(folder, `server-${port}.log`);
    const program = spawnProgram('standalone', { env, args: ['--data', data(), '--port', String(port)], port, logFile });
    await waitFor(() => program.logs().includes('Listening on') || program.hasExited(), {
      timeoutMs: UNTIL_MS,
      what: 'the server to have gone through the demo',
    });
    return program;
  }

  async function tollkeeper(
    args: readonly string[],
    env: Readonly<Record<string, string>> = { OPERATOR_TOKEN: TOKEN },
  ): Promise<Outcome> {
    const child = spawn(process.execPath, [`${ROOT}apps/cli/bin/tollkeeper.js`, ...args, '--data', data()], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, out, err };
  }

  async function json(...args: readonly string[]): Promise<any> {
    const { code, out, err } = await tollkeeper([...args, '--json']);
    if (code !== 0) throw new Error(`tollkeeper ${args.join(' ')} ended with ${code}: ${err}`);
    return JSON.parse(out);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tollkeeper-held-'));
    server = await start();
  }, 90_000);
  afterAll(async () => {
    if (!server.hasExited()) await server.kill();
    await rm(folder, { recursive: true, force: true });
  });

  const adjusting = (id: string) => ['adjust', '--tenant', 'lumiere', '--credit', '5', '--reason', 'test', '--id', id];

  test('is read beside it', async () => {
    const letters = await json('dead-letters', 'list', '--tenant', 'lumiere', '--code', 'no-rate');
    expect(letters.length).toBeGreaterThan(0);
    const shown = await json('dead-letters', 'show', letters[0].id);
    expect(shown).toMatchObject({ id: letters[0].id, text: expect.any(String) });
    const rerated = await json('rerate', '--from', '2020-01-01', '--to', '2099-01-01', '--tenant', 'lumiere', '--dry-run');
    expect(rerated).toMatchObject({ changes: [], written: 0 });
    expect(rerated.checked).toBeGreaterThan(500);
    const found = await json('doctor');
    expect(found[0]).toMatchObject({
      level: 'ok',
      says: expect.stringContaining(`server with process id ${server.pid} is ready`),
    });
  }, 60_000);

  test('is written through it, once for each id, by whoever has its token', async () => {
    const refused = await tollkeeper(adjusting('adj-1'), {});
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('set OPERATOR_TOKEN')]);
    const first = await json(...adjusting('adj-1'));
    expect(first).toMatchObject({ tenant: 'lumiere', id: 'adj-1', changed: true, currency: 'EUR' });
    balanceBefore = first.balance;
    expect(await json(...adjusting('adj-1'))).toEqual({ ...first, changed: false });
    expect(await json('policy', 'set', 'zone-a', '--tenant', 'lumiere')).toMatchObject({ policy: 'zone-a', changed: true });
    const nobody = await tollkeeper(['adjust', '--tenant', 'nobody', '--credit', '5', '--reason', 'test']);
    expect([nobody.code, nobody.err]).toEqual([
      1,
      'tollkeeper: account-not-open: tenant nobody has no account; open one first\n',
    ]);
  }, 60_000);

  const cdr = (id: string) => ({
    id,
    accountCode: '1002',
    calledNumber: '+33123456789',
    answerTime: new Date(Date.now() - 60_000).toISOString(),
    usageMs: 61_000,
  });

  test('takes files of CDRs through it: debited once, faulty ones put aside under their file', async () => {
    const file = join(folder, 'calls.json');
    await writeFile(file, JSON.stringify([cdr('held-1'), { ...cdr('held-2'), usageMs: 'long' }, cdr('held-3')], null, 2));
    const importing = ['import', file, '--source', 'sbc-dublin', '--json'];
    const { code, out, err } = await tollkeeper(importing);
    expect([code, err]).toEqual([1, 'tollkeeper: 1 records were faulty; they are put aside\n']);
    const [imported] = JSON.parse(out);
    expect(imported).toMatchObject({ records: 3, sent: 2, faulty: 1, faults: [{ code: 'cdr-field-invalid' }] });
    // The line in the file as it is laid out.
    expect(imported.faults[0].line).toBe(9);
    const again = await tollkeeper(importing);
    expect(JSON.parse(again.out)).toMatchObject([{ sent: 0, sentBefore: 2, faulty: 1 }]);
    await waitFor(async () => (await letterOf('calls.json')) !== undefined, {
      timeoutMs: UNTIL_MS,
      what: 'the faulty record put aside',
    });
    const letter = await letterOf('calls.json');
    expect(letter).toMatchObject({ key: null, code: 'cdr-field-invalid' });
    expect(JSON.parse(letter.headers['cdr-origin'])).toEqual({ kind: 'file', name: 'calls.json', record: 2 });
    await waitFor(async () => (await debitsOf('held-')).length === 2, { timeoutMs: UNTIL_MS, what: 'the calls to be debited' });
  }, 90_000);

  async function letterOf(file: string): Promise<any> {
    for (const { id } of await json('dead-letters', 'list', '--code', 'cdr-field-invalid')) {
      const letter = await json('dead-letters', 'show', id);
      if (letter.headers['cdr-origin']?.includes(file)) return letter;
    }
    return undefined;
  }

  async function debitsOf(prefix: string): Promise<readonly string[]> {
    const { openSqliteEventStore } = await import('@tollkeeper/event-store');
    const store = openSqliteEventStore(join(data(), 'events.sqlite'), { readOnly: true });
    const ids: string[] = [];
    for await (const page of store.readStream('credit-lumiere')) {
      for (const { type, data: facts } of page) {
        const { id } = (facts as { readonly cdr?: { readonly id?: string } }).cdr ?? {};
        if (type === 'CallDebited.v1' && id?.startsWith(prefix)) ids.push(id);
      }
    }
    await store.close();
    return ids;
  }

  test('is written by the command line itself once the server has ended, however it did', async () => {
    await server.kill('SIGKILL');
    const second = await json(...adjusting('adj-2'));
    expect(second).toMatchObject({ id: 'adj-2', changed: true });
    expect(Number(second.balance)).toBeGreaterThan(Number(balanceBefore) + 4);
    expect(await json(...adjusting('adj-1'))).toMatchObject({ id: 'adj-1', changed: false });
    expect((await json('doctor'))[0]).toMatchObject({ says: 'none is running' });
    const file = join(folder, 'later.ndjson');
    await writeFile(file, `${JSON.stringify(cdr('later-1'))}\n`);
    expect(await json('import', file, '--source', 'sbc-dublin')).toMatchObject([{ records: 1, sent: 1, faulty: 0 }]);
    server = await start();
    await waitFor(async () => (await debitsOf('later-')).length === 1, { timeoutMs: UNTIL_MS, what: 'the call to be debited' });
    expect(await json(...adjusting('adj-2'))).toMatchObject({ id: 'adj-2', changed: false });
  }, 120_000);
});
