// `tollkeeper verify` as people and scripts meet it, on a folder: the table, JSON, checkpoints, what is not at hand, exit codes.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openEventStore, StreamWriter } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { MIGRATIONS, PROJECTIONS, Projector, type Tables } from '@tollkeeper/read-models';
import { openReadStore } from '@tollkeeper/read-store';
import { openKeyStore } from '@tollkeeper/sealing';

const BIN = new URL('../bin/tollkeeper.js', import.meta.url).pathname;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-verify-cli-'));
  const store = openEventStore(`sqlite:${join(folder, 'events.sqlite')}`);
  await (await openKeyStore(`sqlite:${join(folder, 'keys.sqlite')}`)).close();
  const writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 1 });
  const nowMs = Date.now();
  const commands: readonly LedgerCommand[] = [
    { kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 },
    { kind: 'request-recharge', nowMs, rechargeId: 'card', amountMicros: 50_000_000n },
    { kind: 'attempt-payment', nowMs, rechargeId: 'card' },
    { kind: 'record-payment', nowMs, rechargeId: 'card', attempt: 1, outcome: { paid: true, paymentReference: 'pay-000001' } },
  ];
  await writer.execute(streamOf('acme'), commands);
  const body = { tenant: 'acme', rechargeId: 'card', attempt: 1, amount: '50', currency: 'EUR' };
  paid({ key: 'card/1', body, plan: { settled: 'paid', first: 'answer' } });
  const readStore = await openReadStore<Tables>(`sqlite:${join(folder, 'read-models.sqlite')}`);
  await readStore.migrate(MIGRATIONS);
  for await (const page of store.readAll({ streamPrefix: 'credit-' })) {
    for (const projection of PROJECTIONS) {
      await new Projector(projection, readStore, () => undefined).handle(page, page.at(-1)?.position ?? 0n);
    }
  }
  await Promise.all([store.close(), readStore.close()]);
});
afterEach(() => rmSync(folder, { recursive: true }));

function paid(payment: object): void {
  appendFileSync(join(folder, 'payments.ndjson'), `${JSON.stringify({ kind: 'payment', ...payment })}\n`);
}

function verify(...args: readonly string[]) {
  return tollkeeper('verify', ...args);
}

function tollkeeper(command: string, ...args: readonly string[]) {
  const { PATH = '' } = process.env;
  return spawnSync(process.execPath, [BIN, command, '--data', folder, ...args], { encoding: 'utf8', env: { PATH } });
}

function change(statement: string): void {
  const database = new DatabaseSync(join(folder, 'events.sqlite'));
  database.exec(statement);
  database.close();
}

test('a table of what was checked, and 0 when nothing differs', () => {
  const { status, stdout } = verify();
  const rows = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
  expect(rows).toEqual(
    expect.arrayContaining(['5 events', 'hash chain 5 0', 'trial balance 1 0', 'payments 1 0', 'projection balance 1 0']),
  );
  expect(rows).toEqual(expect.arrayContaining(['cash-clearing EUR 50 0', 'tenant-credit EUR 0 50']));
  expect(status).toBe(0);
});

test('what differs, where, and what to do, with 1', () => {
  change(`UPDATE events SET data = replace(data, '"balance":"50"', '"balance":"51"')`);
  const { status, stdout, stderr } = verify();
  expect(stdout).toContain('hash chain, credit-acme revision 4: what stands there is not what was written');
  expect(stdout).toContain('balances, credit-acme revision 4: the balance after is 51, and 50 follows');
  expect(stdout).toContain(
    'balance_day acme ' +
      new Date().toISOString().slice(0, 10) +
      ': balance is "50", a replay has "51"\n  Put the ledger right first',
  );
  expect(stderr).toMatch(/\d+ differ/);
  expect(status).toBe(1);
  const { differences } = JSON.parse(verify('--json', '--only', 'hash-chain').stdout) as { differences: object[] };
  expect(differences).toEqual([
    {
      check: 'hash chain',
      tenant: 'acme',
      stream: 'credit-acme',
      revision: 4,
      found: expect.any(String),
      advice: expect.stringContaining('Restore'),
    },
  ]);
});

test('a payment that the ledger does not have', () => {
  const body = { tenant: 'acme', rechargeId: 'card', attempt: 2, amount: '50', currency: 'EUR' };
  paid({ key: 'card/2', body, plan: { settled: 'paid', first: 'answer' } });
  const { status, stdout } = verify('--tenant', 'acme');
  expect(stdout).toContain('the gateway took payment pay-000002 of 50 EUR for recharge card');
  expect(status).toBe(1);
});

test('a checkpoint finds that the end of a stream is gone', () => {
  const file = join(folder, 'checkpoint');
  expect(verify('--only', 'hash-chain', '--save-checkpoint', file).stdout).toContain('The checkpoint is saved.');
  expect(verify('--only', 'checkpoint', '--checkpoint', file).status).toBe(0);
  change('DELETE FROM events WHERE revision = 4');
  expect(verify('--only', 'hash-chain').status).toBe(0);
  const { status, stdout } = verify('--only', 'hash-chain,checkpoint', '--checkpoint', file);
  expect(stdout).toContain('checkpoint, credit-acme revision 4: the stream had this revision');
  expect(status).toBe(1);
});

test('a checkpoint holds what the chain has proven, and stands for no more than that', () => {
  const [whole, part] = [join(folder, 'whole'), join(folder, 'part')];
  expect(verify('--save-checkpoint', whole).status).toBe(0);
  const unproven = verify('--only', 'checkpoint', '--checkpoint', whole, '--save-checkpoint', part);
  expect([unproven.status, unproven.stderr]).toEqual([2, expect.stringContaining('name hash-chain in --only too')]);
  expect(existsSync(part)).toBe(false);
  expect(verify('--tenant', 'acme', '--save-checkpoint', part).status).toBe(0);
  expect(verify('--tenant', 'acme', '--checkpoint', part).status).toBe(0);
  const wider = verify('--checkpoint', part);
  expect([wider.status, wider.stderr]).toEqual([
    2,
    expect.stringContaining('is of tenant acme only; compare with --tenant acme'),
  ]);
  const empty = `${JSON.stringify({ format: 'tollkeeper-checkpoint-1' })}\n`;
  const sha256 = createHash('sha256').update(empty).digest('hex');
  writeFileSync(part, `${empty}${JSON.stringify({ streams: 0, sha256 })}\n`);
  expect(verify('--checkpoint', part).stderr).toContain('it holds no stream');
});

test('an event that cannot be read is told whatever is looked at', () => {
  change(`UPDATE events SET data = '{' WHERE revision = 2`);
  const { status, stdout } = verify('--only', 'calls,projections');
  expect(stdout).toContain('hash chain, credit-acme revision 2: it cannot be read: it is no JSON object');
  expect(stdout.match(/^hash chain/gm)).toHaveLength(2);
  expect(status).toBe(1);
});

test('a tenant of whom there is nothing', () => {
  for (const options of [
    ['--tenant', 'nosuch'],
    ['--json', '--tenant', 'nosuch'],
    ['charges', '--data', folder, '--tenant', 'nosuch'],
  ]) {
    const { status, stdout, stderr } = verify(...options);
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining('no event of tenant nosuch')]);
  }
  expect(verify('charges', '--data', folder, '--tenant', 'acme').status).toBe(0);
});

test('what is not at hand is told, and is no difference', () => {
  rmSync(join(folder, 'read-models.sqlite'));
  rmSync(join(folder, 'keys.sqlite'));
  const { status, stdout } = verify();
  expect(stdout).toMatch(/charges +not checked: .*keys\.sqlite does not exist/);
  expect(stdout).toMatch(/projections +not checked: .*read-models\.sqlite does not exist/);
  expect(status).toBe(0);
});

test('read models of the version before, or without tables, are not at hand, and what to do is told', async () => {
  const database = new DatabaseSync(join(folder, 'read-models.sqlite'));
  database.exec('DROP TABLE ledger_stretch');
  database.close();
  const before = verify();
  const told =
    /projections +not checked: .*no such table: ledger_stretch; start the server \(or projections\) of this version once/;
  expect([before.status, before.stdout]).toEqual([0, expect.stringMatching(told)]);
  rmSync(join(folder, 'read-models.sqlite'));
  await (await openReadStore(`sqlite:${join(folder, 'read-models.sqlite')}`)).close();
  const none = verify();
  expect([none.status, none.stdout]).toEqual([0, expect.stringMatching(/hash chain +5 +0/)]);
  expect(none.stdout).toMatch(/projections +not checked: .*start the server/);
});

test('a report and a balance say what to do, before their first byte', () => {
  const database = new DatabaseSync(join(folder, 'read-models.sqlite'));
  database.exec('DROP TABLE call; DROP TABLE ledger_stretch');
  database.close();
  const report = tollkeeper('report', '--tenant', 'acme', '--month', '2026-03');
  expect(report).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('or run tollkeeper rebuild') });
  const balance = tollkeeper('balance', '--tenant', 'acme');
  expect(balance).toMatchObject({ status: 0, stderr: expect.stringContaining('or run tollkeeper rebuild') });
});

test('asked wrongly: a line that is none, a checkpoint that is none', () => {
  const unknown = verify('--only', 'everything');
  expect([unknown.status, unknown.stderr]).toEqual([
    2,
    expect.stringContaining('--only does not know everything; there are hash-chain'),
  ]);
  const none = verify('--checkpoint', join(folder, 'payments.ndjson'));
  expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('is no whole checkpoint')]);
  expect(verify('--checkpoint', join(folder, 'nowhere')).status).toBe(2);
});
