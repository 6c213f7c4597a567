// The commands that work on one tenant's account, as people and scripts meet them, on a folder of an embedded program.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openEventStore, StreamWriter } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf, type LedgerCommand } from '@tollkeeper/ledger';
import { openKeyStore } from '@tollkeeper/sealing';

const BIN = new URL('../bin/tollkeeper.js', import.meta.url).pathname;
const EUR = 1_000_000n;

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-cli-account-'));
  await (await openKeyStore(`sqlite:${join(folder, 'keys.sqlite')}`)).close();
  const store = openEventStore(`sqlite:${join(folder, 'events.sqlite')}`);
  const writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 10 });
  const nowMs = Date.now() - 60_000;
  const rechargeId = 'acme:card-1';
  const outcome = { paid: true, paymentReference: 'pay-1' } as const;
  const commands: readonly LedgerCommand[] = [
    { kind: 'open-account', nowMs, currency: 'EUR', plan: 'default', intakeWindowDays: 35 },
    { kind: 'purchase-credit', nowMs, purchaseId: 'inv-1', amountMicros: 20n * EUR, origin: { kind: 'invoice', reference: 'I' } },
    { kind: 'request-recharge', nowMs, rechargeId, amountMicros: 30n * EUR },
    { kind: 'attempt-payment', nowMs, rechargeId },
    { kind: 'record-payment', nowMs, rechargeId, attempt: 1, outcome },
  ];
  for (const result of await writer.execute(streamOf('acme'), commands)) expect(result.kind).toBe('recorded');
  await writer.close();
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

type Outcome = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

function tollkeeper(...args: readonly string[]): Outcome {
  const { PATH = '' } = process.env;
  return spawnSync(process.execPath, [BIN, ...args, '--data', folder], { encoding: 'utf8', env: { PATH } });
}

function json(...args: readonly string[]): any {
  const { status, stdout, stderr } = tollkeeper(...args, '--json');
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

function fileOf(text: string): string {
  const file = join(folder, 'users.csv');
  writeFileSync(file, text);
  return file;
}

describe('licences', () => {
  const FILE =
    'user,country,licences,from\nAnna@contoso.com,FR,communications-credits|calling-plan-120,2026-01-01\nbob,US,,2099-01-01\n';

  test('are imported whole, once, and listed by name', () => {
    const file = fileOf(FILE);
    expect(json('licences', 'import', file, '--tenant', 'acme', '--dry-run')).toMatchObject({ rows: 2, assigned: 0 });
    expect(json('licences', 'list', '--tenant', 'acme')).toEqual([]);
    expect(json('licences', 'import', file, '--tenant', 'acme')).toMatchObject({ rows: 2, assigned: 2, unchanged: 0 });
    expect(json('licences', 'import', file, '--tenant', 'acme')).toMatchObject({ rows: 2, assigned: 0, unchanged: 2 });
    const anna = { country: 'FR', from: '2026-01-01T00:00:00.000Z', licences: ['calling-plan-120', 'communications-credits'] };
    expect(json('licences', 'list', '--tenant', 'acme')).toEqual([
      { user: 'anna@contoso.com', pseudonym: expect.stringMatching(/^u-/), now: anna, later: [], policy: null },
      expect.objectContaining({
        user: 'bob',
        now: null,
        later: [{ country: 'US', from: '2099-01-01T00:00:00.000Z', licences: [] }],
      }),
    ]);
  });

  test('with a fault are refused whole, with line and column of each', () => {
    const file = fileOf(`${FILE}carol,FR,calling-plan-7,\ndave,France,,\n`);
    const { status, stderr } = tollkeeper('licences', 'import', file, '--tenant', 'acme');
    expect(status).toBe(1);
    expect(stderr).toContain(`${file}:4:10: "calling-plan-7" is no licence`);
    expect(stderr).toContain(`${file}:5:6: "France" is no country`);
    expect(stderr).toContain('2 faults; no row of the file is used');
    expect(json('licences', 'list', '--tenant', 'acme')).toHaveLength(2);
    expect(tollkeeper('licences', 'import', join(folder, 'none.csv'), '--tenant', 'acme').status).toBe(2);
  });

  test('are assigned to one', () => {
    const assign = ['licences', 'assign', ' BOB ', '--tenant', 'acme', '--country', 'de', '--licence', 'pay-as-you-go'];
    expect(json(...assign)).toMatchObject({ user: 'bob', country: 'DE', licences: ['pay-as-you-go'], changed: true });
    expect(json(...assign)).toMatchObject({ changed: false });
    expect(tollkeeper('licences', 'list', '--tenant', 'acme').stdout).toMatch(/bob +DE +pay-as-you-go +2099-01-01 US nothing/);
    expect(tollkeeper('licences', 'assign', 'bob', '--tenant', 'acme').status).toBe(2);
    expect(tollkeeper('licences', 'assign', 'bob', '--tenant', 'acme', '--country', 'DE', '--licence', 'gold').status).toBe(2);
  });
});

describe('conditions', () => {
  test('policies are the tenant’s or a user’s', () => {
    expect(json('policy', 'set', 'zone-a', '--tenant', 'acme')).toMatchObject({ user: null, policy: 'zone-a', changed: true });
    expect(json('policy', 'set', 'zone-a', '--tenant', 'acme').changed).toBe(false);
    expect(json('policy', 'set', 'none', '--tenant', 'acme', '--user', 'anna@contoso.com').changed).toBe(true);
    const [anna] = json('licences', 'list', '--tenant', 'acme');
    expect(anna.policy).toBe('none');
    expect(tollkeeper('policy', 'set', 'everything', '--tenant', 'acme').status).toBe(2);
  });

  test('terms are set one by one and shown', () => {
    const set = ['terms', 'set', '--tenant', 'acme', '--country', 'FR', '--burst-limit', '50.00', '--lot-term-months', '6'];
    expect(json(...set)).toEqual({ tenant: 'acme', burstLimit: '50', country: 'FR', lotTermMonths: 6, changed: true });
    expect(json('terms', 'set', '--tenant', 'acme', '--burst-limit', 'none').changed).toBe(true);
    expect(json('terms', 'show', '--tenant', 'acme')).toMatchObject({ burstLimit: null, country: 'FR', lotTermMonths: 6 });
    expect(tollkeeper('terms', 'show', '--tenant', 'acme').stdout).toMatch(/burstLimit +none/);
    const refused = tollkeeper('terms', 'set', '--tenant', 'acme', '--quota-seconds', '0');
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('terms-invalid')]);
    expect(tollkeeper('terms', 'set', '--tenant', 'acme').status).toBe(2);
  });

  test('recipients are set whole, none included', () => {
    const set = ['recipients', 'set', '--tenant', 'acme', '--language', 'fr'];
    expect(json(...set, 'billing@contoso.com', 'anna@contoso.com')).toMatchObject({ changed: true });
    expect(json(...set, 'billing@contoso.com', 'anna@contoso.com')).toMatchObject({ changed: false });
    expect(json(...set)).toMatchObject({ addresses: [], changed: true });
    expect(tollkeeper(...set, 'nobody').status).toBe(2);
  });

  test('auto-recharge that nothing holds is nothing to resume', () => {
    expect(json('auto-recharge', 'resume', '--tenant', 'acme')).toEqual({ tenant: 'acme', changed: false });
  });

  test('of an account that is not open are refused', () => {
    const { status, stderr } = tollkeeper('terms', 'show', '--tenant', 'nobody');
    expect([status, stderr]).toEqual([1, 'tollkeeper: account-not-open: tenant nobody has no account; open one first\n']);
    expect(tollkeeper('terms', 'show', '--tenant', 'No Body').status).toBe(2);
  });
});

describe('money', () => {
  const ABOUT = ['--tenant', 'acme', '--reason', 'outage', '--by', 'j.doe'];

  test('is adjusted once for an id', () => {
    const give = ['adjust', ...ABOUT, '--credit', '5', '--id', 'ticket-1'];
    expect(json(...give)).toEqual({ tenant: 'acme', id: 'ticket-1', changed: true, balance: '55', currency: 'EUR' });
    expect(json(...give)).toMatchObject({ changed: false, balance: '55' });
    expect(json('adjust', ...ABOUT, '--debit', '1')).toMatchObject({ changed: true, balance: '54' });
    const other = tollkeeper('adjust', ...ABOUT, '--credit', '6', '--id', 'ticket-1');
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining('adjustment-exists-with-different-content')]);
    for (const id of ['inv-1', 'acme:x', 'acme.7'])
      expect(tollkeeper('adjust', ...ABOUT, '--credit', '5', '--id', id).status).toBe(1);
    expect(tollkeeper('adjust', ...ABOUT).status).toBe(2);
    expect(tollkeeper('adjust', ...ABOUT, '--credit', '0').status).toBe(2);
  });

  test('is refunded of a purchase by invoice or card, as the API names it', () => {
    expect(json('refund', 'card-1', ...ABOUT, '--amount', '10', '--id', 'r-1')).toMatchObject({ changed: true, balance: '44' });
    expect(json('refund', 'card-1', ...ABOUT, '--amount', '10', '--id', 'r-1')).toMatchObject({ changed: false });
    expect(json('refund', 'inv-1', ...ABOUT, '--amount', '20', '--dispute')).toMatchObject({ balance: '24' });
    const more = tollkeeper('refund', 'card-1', ...ABOUT, '--amount', '21');
    expect([more.status, more.stderr]).toEqual([1, expect.stringContaining('refund-exceeds-purchase')]);
    expect(tollkeeper('refund', 'inv-9', ...ABOUT, '--amount', '1').stderr).toContain('purchase-unknown');
  });
});
