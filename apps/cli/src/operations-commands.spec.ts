// The operating commands as people and scripts meet them, on a folder of an embedded program that nobody serves.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openEventStore, StreamWriter } from '@tollkeeper/event-store';
import { ledgerDecider, streamOf } from '@tollkeeper/ledger';
import { openMessageBus, type Message, type MessageBus } from '@tollkeeper/message-bus';
import { MIGRATIONS } from '@tollkeeper/read-models';
import { openReadStore } from '@tollkeeper/read-store';
import { lockDataFolder } from '@tollkeeper/operations';
import { openKeyRing, openKeyStore } from '@tollkeeper/sealing';

const BIN = new URL('../bin/tollkeeper.js', import.meta.url).pathname;
const SPECS = [
  { name: 'telephony.cdr.v1', partitions: 2 },
  { name: 'telephony.cdr.v1.dlt', partitions: 2, maxMessageBytes: 2_097_176, retentionMs: Infinity },
  { name: 'telephony.cdr.v1.parked', partitions: 1, maxMessageBytes: 2_097_176, retentionMs: Infinity },
  ...['credit.balance.v1', 'credit.alert.v1', 'credit.recharge-command.v1'].map((name) => ({ name, partitions: 1 })),
];

let folder: string;
const inFolder = (name: string) => join(folder, name);

async function onBus<T>(use: (bus: MessageBus) => Promise<T>): Promise<T> {
  const bus = openMessageBus(`sqlite:${inFolder('bus.sqlite')}`, { clientId: 'test' });
  try {
    return await use(bus);
  } finally {
    await bus.close();
  }
}

async function published(topic: string): Promise<readonly Message[]> {
  return onBus(async (bus) => {
    const partitions = await bus.offsets(topic);
    return (await Promise.all(partitions.map(({ partition }) => bus.read(topic, partition, 0n, 1_000)))).flat();
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-cli-operations-'));
  await openEventStore(`sqlite:${inFolder('events.sqlite')}`).close();
  await (await openKeyStore(`sqlite:${inFolder('keys.sqlite')}`)).close();
  const readStore = await openReadStore(`sqlite:${inFolder('read-models.sqlite')}`);
  await readStore.migrate(MIGRATIONS);
  await readStore.close();
  await onBus((bus) => bus.ensureTopics(SPECS));
  writeFileSync(
    inFolder('sources.json'),
    JSON.stringify([
      { name: 'default', trustTenantField: true },
      { name: 'pbx', format: 'asterisk-csv' },
    ]),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

type Outcome = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

function tollkeeper(args: readonly string[], input = ''): Outcome {
  const env = { PATH: process.env['PATH'] ?? '', SOURCES_FILE: inFolder('sources.json') };
  return spawnSync(process.execPath, [BIN, ...args, '--data', folder], { encoding: 'utf8', env, input });
}

function json(...args: readonly string[]): any {
  const { status, stdout, stderr } = tollkeeper([...args, '--json']);
  if (stdout === '') throw new Error(`exit ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

const cdr = (id: string, more: object = {}) => ({
  id,
  tenant: 'acme',
  calledNumber: '+33123456789',
  answerTime: '2026-03-03T11:50:00Z',
  usageMs: 1_000,
  ...more,
});

describe('import', () => {
  function fileOf(name: string, content: string | Buffer): string {
    writeFileSync(inFolder(name), content);
    return inFolder(name);
  }

  test('sends a packed CSV record by record, keyed by tenant, and faulty ones with their bytes', async () => {
    const csv =
      'id,tenant,calledNumber,answerTime,usageMs\nf-1,acme,+33123456789,2026-03-03T11:50:00Z,1000\nf-2,acme,+331,never,1\n';
    const file = fileOf('calls.csv.gz', gzipSync(csv));
    const checked = tollkeeper(['import', file, '--check']);
    expect(checked).toMatchObject({ status: 1, stdout: `${file}: 2 records, 1 good, 1 faulty\n` });
    expect(checked.stderr).toContain(`${file}:3: `);
    expect(await published('telephony.cdr.v1')).toEqual([]);

    const { status, stdout, stderr } = tollkeeper(['import', file]);
    expect([status, stdout]).toEqual([1, `${file}: 2 records, 1 sent, 1 faulty\n`]);
    expect(stderr).toMatch(new RegExp(`${file}:3: cdr-field-invalid: .*`));
    const sent = (await published('telephony.cdr.v1')).toSorted((left, right) =>
      String(left.value) < String(right.value) ? -1 : 1,
    );
    expect(sent.map(({ key, value }) => [key?.toString() ?? null, value?.toString().split('\n')[1]])).toEqual([
      ['acme', 'f-1,acme,+33123456789,2026-03-03T11:50:00Z,1000'],
      [null, 'f-2,acme,+331,never,1'],
    ]);
    expect(sent.map(({ headers }) => headers)).toEqual([
      {
        'cdr-format': 'canonical-csv',
        'cdr-source': 'default',
        'cdr-origin': '{"kind":"file","name":"calls.csv.gz","record":1}',
      },
      { 'cdr-source': 'default', 'cdr-origin': '{"kind":"file","name":"calls.csv.gz","record":2}' },
    ]);
  });

  test('goes on where it was, sends nothing twice, and begins anew when told to', async () => {
    const file = fileOf('lines.ndjson', ['l-1', 'l-2', 'l-3'].map((id) => JSON.stringify(cdr(id))).join('\n'));
    const before = new Set(readdirSync(inFolder('imports')));
    expect(json('import', file)).toEqual([{ file, records: 3, sent: 3, sentBefore: 0, faulty: 0, withoutCdr: 0, faults: [] }]);
    expect(json('import', file)).toMatchObject([{ records: 3, sent: 0, sentBefore: 3 }]);
    const [name = ''] = readdirSync(inFolder('imports')).filter((one) => !before.has(one));
    const state = JSON.parse(readFileSync(inFolder(`imports/${name}`), 'utf8'));
    expect(state).toMatchObject({ file, records: 3, sent: 3, finished: true });
    // As a run that was cut off behind its first record leaves it.
    writeFileSync(inFolder(`imports/${name}`), JSON.stringify({ ...state, records: 1, sent: 1, finished: false }));
    const count = (await published('telephony.cdr.v1')).length;
    expect(tollkeeper(['import', file]).stdout).toBe(`${file}: 3 records, 2 sent, 1 sent before, 0 faulty\n`);
    expect(await published('telephony.cdr.v1')).toHaveLength(count + 2);
    expect(json('import', file, '--restart')).toMatchObject([{ sent: 3, sentBefore: 0 }]);
  });

  test('reads standard input and several files in order, and refuses what it cannot read', async () => {
    const file = fileOf('one.json', JSON.stringify([cdr('s-1')], null, 2));
    const { status, stdout } = tollkeeper(['import', file, '-'], JSON.stringify(cdr('s-2')));
    expect([status, stdout]).toEqual([0, `${file}: 1 record, 1 sent, 0 faulty\n-: 1 record, 1 sent, 0 faulty\n`]);
    const ids = (await published('telephony.cdr.v1')).map(({ value }) => value?.toString() ?? '');
    expect(ids.findIndex((text) => text.includes('s-1'))).toBeLessThan(ids.findIndex((text) => text.includes('s-2')));
    expect(tollkeeper(['import', inFolder('none.csv')])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('cannot be read'),
    });
    expect(tollkeeper(['import', file, '--source', 'nobody'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('source-unknown: Source nobody is not configured; known are: default, pbx.'),
    });
    const cut = fileOf('cut.gz', gzipSync('x'.repeat(10_000)).subarray(0, 20));
    expect(tollkeeper(['import', cut])).toMatchObject({ status: 1, stderr: expect.stringContaining('no whole gzip') });
  });
});

describe('dead letters', () => {
  const id = 'telephony.cdr.v1/0/77';
  const wild = Buffer.from([0xff, 0x00, 0x80]);

  beforeAll(() =>
    onBus((bus) =>
      bus.publish('telephony.cdr.v1.dlt', [
        {
          key: 'acme',
          value: wild,
          headers: {
            'kafka_dlt-original-topic': 'telephony.cdr.v1',
            'kafka_dlt-original-partition': '0',
            'kafka_dlt-original-offset': '77',
            'kafka_dlt-exception-message': 'cdr-not-text: no UTF-8',
          },
        },
      ]),
    ),
  );

  test('are listed, shown with bytes that are no text, discarded with a reason, and still told of', () => {
    expect(json('dead-letters', 'list')).toEqual([expect.objectContaining({ id, code: 'cdr-not-text', discarded: null })]);
    const shown = tollkeeper(['dead-letters', 'show', id]);
    expect(shown.stdout).toContain('no UTF-8');
    expect(shown.stdout.trimEnd().endsWith('ff0080')).toBe(true);
    expect(json('dead-letters', 'show', id)).toMatchObject({ id, text: null, base64: wild.toString('base64') });
    expect(tollkeeper(['dead-letters', 'show', 'telephony.cdr.v1/0/1']).status).toBe(1);

    expect(tollkeeper(['dead-letters', 'discard', '--reason', 'test call'])).toMatchObject({ status: 2 });
    expect(json('dead-letters', 'discard', '--id', id, '--reason', 'test call', '--by', 'zoe')).toEqual({ discarded: 1 });
    expect(json('dead-letters', 'list')).toEqual([]);
    expect(tollkeeper(['dead-letters', 'list', '--discarded']).stdout).toMatch(/cdr-not-text .* zoe +test call/);
    expect(tollkeeper(['dead-letters', 'discard', '--id', id, '--reason', 'again']).status).toBe(1);
    expect(json('dead-letters', 'retry', '--id', id)).toEqual({ retried: 1 });
  });
});

describe('rebuild', () => {
  test('builds every read model anew, or the one that is named', () => {
    const all = json('rebuild');
    expect(all).toContainEqual({ name: 'balance', events: 0, seconds: expect.any(Number) });
    expect(all.length).toBeGreaterThan(5);
    expect(json('rebuild', 'calls', 'balance')).toMatchObject([{ name: 'calls' }, { name: 'balance' }]);
    expect(tollkeeper(['rebuild', 'nothing'])).toMatchObject({ status: 2, stderr: expect.stringContaining('there are balance') });
  });
});

describe('doctor', () => {
  test('looks at everything in a folder, and says when an engine does not answer', () => {
    const { status, stdout } = tollkeeper(['doctor']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('ok       topic telephony.cdr.v1.dlt: 2 partitions')]);
    expect(stdout).toContain('warning  OPERATOR_TOKEN: is not set');
    const env = {
      PATH: process.env['PATH'] ?? '',
      KAFKA_BROKERS: '127.0.0.1:1',
      KURRENTDB_URL: `sqlite:${inFolder('events.sqlite')}`,
      DATABASE_URL: `sqlite:${inFolder('read-models.sqlite')}`,
    };
    const away = spawnSync(process.execPath, [BIN, 'doctor', '--json'], { encoding: 'utf8', env });
    const findings = JSON.parse(away.stdout) as { readonly level: string; readonly about: string }[];
    expect(away.status).toBe(3);
    expect(findings).toContainEqual(expect.objectContaining({ level: 'fault', about: 'message bus', isAway: true }));
    expect(findings).toContainEqual(expect.objectContaining({ level: 'ok', about: 'event store' }));
    expect(findings).toContainEqual(expect.objectContaining({ level: 'ok', about: 'read model calls' }));
  }, 60_000);
});

describe('erase', () => {
  beforeAll(async () => {
    const store = openEventStore(`sqlite:${inFolder('events.sqlite')}`);
    const writer = new StreamWriter({ store, decider: ledgerDecider, maxCachedStreams: 1 });
    const terms = { nowMs: Date.now(), currency: 'EUR', plan: 'default', intakeWindowDays: 35 };
    await writer.execute(streamOf('acme'), [{ kind: 'open-account', ...terms }]);
    await store.close();
  });

  test('refuses a tenant that has no account, and makes no table', () => {
    const args = ['erase', '--before', '2026-02', '--yes', '--tenant', 'acmee'];
    expect(tollkeeper(args)).toMatchObject({ status: 1, stderr: expect.stringContaining('account-not-open: tenant acmee') });
    const env = {
      PATH: process.env['PATH'] ?? '',
      KAFKA_BROKERS: '127.0.0.1:1',
      KURRENTDB_URL: `sqlite:${inFolder('events.sqlite')}`,
      DATABASE_URL: `sqlite:${inFolder('mistyped.sqlite')}`,
    };
    expect(spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', env })).toMatchObject({ status: 1 });
    expect(readdirSync(folder)).not.toContain('mistyped.sqlite');
  });

  test('asks first, destroys keys once, and tells what remains', async () => {
    const keyStore = await openKeyStore(`sqlite:${inFolder('keys.sqlite')}`);
    const ring = openKeyRing(keyStore);
    await ring.prepare([{ tenant: 'acme', month: '2026-01' }]);
    await keyStore.close();
    const args = ['erase', '--tenant', 'acme', '--before', '2026-02', '--by', 'zoe'];
    expect(tollkeeper(args)).toMatchObject({ status: 2, stderr: expect.stringContaining('give --yes') });
    expect(tollkeeper([...args, '--yes']).stdout).toContain('acme, before 2026-02: 1 keys destroyed, 0 calls cleared');
    expect(tollkeeper([...args, '--yes']).stdout).toContain('no key was left to destroy');
    expect(tollkeeper(['erase', '--tenant', 'acme', '--before', '2099-01', '--yes'])).toMatchObject({ status: 1 });
    expect(tollkeeper(['erase', '--tenant', 'acme', '--before', 'March', '--yes']).status).toBe(2);
  });
});

test('doctor says of a folder without a ledger that it has none, and no more', () => {
  const none = join(folder, 'nowhere');
  const { status, stdout } = spawnSync(process.execPath, [BIN, 'doctor', '--json', '--data', none], { encoding: 'utf8' });
  expect([status, JSON.parse(stdout)]).toEqual([
    1,
    [{ level: 'fault', about: `folder ${none}`, says: expect.stringContaining('does not exist; --data takes') }],
  ]);
});

describe('a folder that another program holds', () => {
  test('is read, and not written, while that program has no address', () => {
    const lock = lockDataFolder(folder, { program: 'backup' });
    expect(tollkeeper(['dead-letters', 'list']).status).toBe(0);
    const refused = tollkeeper(['dead-letters', 'retry']);
    expect([refused.status, refused.stderr]).toEqual([
      3,
      expect.stringContaining(`in use by the backup with process id ${process.pid}`),
    ]);
    lock.release();
  });

  test('has switches of its own: a file of others is refused, and why', () => {
    const lock = lockDataFolder(folder, { program: 'server' });
    lock.listensOn('http://127.0.0.1:1');
    writeFileSync(inFolder('beside.ndjson'), JSON.stringify(cdr('beside')));
    const { status, stderr } = tollkeeper(['import', inFolder('beside.ndjson'), '--sources', inFolder('sources.json')]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('has switches of its own')]);
    lock.release();
  });

  test('of no ledger is none', () => {
    const empty = mkdtempSync(join(tmpdir(), 'tollkeeper-no-ledger-'));
    const { status, stderr } = spawnSync(process.execPath, [BIN, 'dead-letters', 'retry', '--data', empty], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, expect.stringContaining('holds no ledger')]);
    expect(readdirSync(empty)).toEqual([]);
    rmSync(empty, { recursive: true });
  });
});
