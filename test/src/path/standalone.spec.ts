// `npm start` as a newcomer and an operator meet it: the table, a second start, two servers on one folder, a clean stop.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openEventStore } from '@tollkeeper/event-store';
import { availablePort, waitFor } from '@tollkeeper/testing';
import { auditStream, spawnProgram, tollkeeperOn, type Program } from '../stage/index.js';

const UNTIL_MS = 45_000;

describe('the embedded program', () => {
  let folder: string;
  const programs: Program[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tollkeeper-standalone-'));
  });
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.hasExited() || program.kill()));
    await rm(folder, { recursive: true, force: true });
  });

  async function start(...args: readonly string[]): Promise<Program> {
    const port = await availablePort();
    const logFile = join(folder, `start-${programs.length}.log`);
    const env = { PATH: process.env['PATH'] ?? '' };
    const program = spawnProgram('standalone', { env, args: ['--port', String(port), ...args], port, logFile });
    programs.push(program);
    return program;
  }
  const data = (name: string) => join(folder, name);
  const revisions = async (name: string): Promise<Record<string, number>> => {
    const store = openEventStore(`sqlite:${join(data(name), 'events.sqlite')}`);
    const last: Record<string, number> = {};
    for (const tenant of ['lonestar', 'lumiere', 'rheintal']) {
      const events = [];
      for await (const page of store.readStream(`credit-${tenant}`)) events.push(...page);
      auditStream(events);
      last[tenant] = events.length;
    }
    await store.close();
    return last;
  };

  test('goes through the demo, prints the table and exits with --once; a second start repeats nothing', async () => {
    const first = await start('--data', data('demo'), '--once');
    expect(await first.exited).toEqual({ code: 0, signal: null });
    expect(first.logs()).toMatch(/tenant +calls +debited +recharged +balance +alerts +dead letters/);
    expect(first.logs()).toMatch(/lumiere +816 +115\.5974 EUR +100 EUR/);
    const before = await revisions('demo');
    const second = await start('--data', data('demo'), '--once');
    expect(await second.exited).toEqual({ code: 0, signal: null });
    expect(await revisions('demo')).toEqual(before);
    expect(second.logs()).toMatch(/lumiere +816 +115\.5974 EUR +100 EUR/);
  }, 90_000);

  test('rebuilds its read models to the same table', async () => {
    const rebuilt = await start('--data', data('demo'), '--once', '--rebuild');
    expect(await rebuilt.exited).toEqual({ code: 0, signal: null });
    expect(rebuilt.logs()).toMatch(/lumiere +816 +115\.5974 EUR +100 EUR +34\.4026 EUR/);
  }, 60_000);

  test('a second server on the folder refuses; SIGTERM ends the first one cleanly; it goes on where it was', async () => {
    const first = await start('--data', data('stopped'));
    await waitFor(async () => (await fetch(`${first.url}/livez`)).ok, {
      timeoutMs: UNTIL_MS,
      what: 'the first server to answer',
    });
    const second = await start('--data', data('stopped'));
    expect(await second.exited).toEqual({ code: 3, signal: null });
    expect(second.logs()).toContain(`in use by the server with process id ${first.pid}`);
    expect(await first.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    const again = await start('--data', data('stopped'), '--once');
    expect(await again.exited).toEqual({ code: 0, signal: null });
    expect(again.logs()).toMatch(/lumiere +816 +115\.5974 EUR +100 EUR/);
    expect(await revisions('stopped')).toEqual(await revisions('demo'));
  }, 120_000);

  test('a read model is rebuilt from the command line, beside the server and without it', async () => {
    const tollkeeper = tollkeeperOn(data('demo'));
    const server = await start('--data', data('demo'));
    await waitFor(async () => (await fetch(`${server.url}/readyz`)).ok, { timeoutMs: UNTIL_MS, what: 'the server to be ready' });
    const balances = async () => (await fetch(`${server.url}/v1/tenants`)).json();
    const before = await balances();
    const there = await tollkeeper.list('rebuild', 'balance', 'calls');
    expect(there).toEqual(
      ['balance', 'calls'].map((name) => ({ name, events: expect.any(Number), seconds: expect.any(Number) })),
    );
    const events = there[0]?.['events'];
    expect(events).toBeGreaterThan(2_000);
    expect(await balances()).toEqual(before);
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await tollkeeper.list('rebuild', 'balance')).toMatchObject([{ events }]);
    const { checks } = await tollkeeper.json('verify', '--only', 'projections');
    for (const check of checks as readonly object[]) expect(check).toMatchObject({ differ: 0 });
  }, 120_000);

  test('--empty serves an empty ledger; --help and an unknown option are answered', async () => {
    const empty = await start('--data', data('empty'), '--empty');
    await waitFor(async () => (await fetch(`${empty.url}/readyz`)).ok, {
      timeoutMs: UNTIL_MS,
      what: 'the empty server to be ready',
    });
    expect(await (await fetch(`${empty.url}/v1/tenants`)).json()).toMatchObject({ tenants: [] });
    expect(await empty.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    const help = await start('--help');
    expect(await help.exited).toEqual({ code: 0, signal: null });
    for (const option of ['--data', '--port', '--empty', '--once', '--rebuild']) expect(help.logs()).toContain(option);
    const wrong = await start('--bogus');
    expect(await wrong.exited).toEqual({ code: 2, signal: null });
    expect(wrong.logs()).toMatch(/unknown option '--bogus'/);
  }, 60_000);
});
