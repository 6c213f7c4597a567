// The doctor: each check finds what it is for, and one that fails or hangs hides no other.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openDeckShelf } from '@tollkeeper/decks';
import { inMemoryEventStore } from '@tollkeeper/event-store';
import { inMemoryMessageBus } from '@tollkeeper/message-bus';
import { MIGRATIONS, type Tables } from '@tollkeeper/read-models';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { examine, ok, type Check, type Finding } from './doctor.js';
import { clocksAgree, engineAnswers, hasRoom, topicsStand } from './doctor-engines.js';
import { lettersAreFew, plansHaveDecks, readModelsKeepUp } from './doctor-ledger.js';
import { settingsAreGood, SETTINGS } from './doctor-settings.js';
import { DeadLetters } from './dead-letters.js';

const TOPICS = { cdr: 'cdr', deadLetters: 'cdr.dlt', parked: 'cdr.parked', others: ['credit.balance'] };

async function findingsOf(checks: readonly Check[], withinMs?: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of examine(checks, withinMs)) findings.push(finding);
  return findings;
}

const brief = (findings: readonly Finding[]) => findings.map(({ level, about }) => `${level} ${about}`);

async function freshReadStore(): Promise<ReadStore<Tables>> {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const store = await openReadStore<Tables>(`sqlite:${join(folder, 'read-models.sqlite')}`);
  await store.migrate(MIGRATIONS);
  return store;
}

test('a check that throws or hangs is a fault of its own, and those behind it are made', async () => {
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'unavailable' });
  const found = await findingsOf(
    [
      engineAnswers('event store', () => Promise.reject(away)),
      engineAnswers('message bus', () => new Promise(() => undefined)),
      { about: 'mistake', look: () => Promise.reject(new TypeError('x is undefined')) },
      { about: 'last', look: async () => [ok('last', 'fine')] },
    ],
    20,
  );
  expect(brief(found)).toEqual(['fault event store', 'fault message bus', 'fault mistake', 'ok last']);
  expect(found.map(({ isAway = false }) => isAway)).toEqual([true, true, false, false]);
  expect(found[1]?.says).toContain('no answer within 0.02 s');
});

describe('topics', () => {
  test('are missing, too narrow for letters, or kept too short', async () => {
    const bus = inMemoryMessageBus();
    const look = () => findingsOf([topicsStand(async () => bus, TOPICS)]);
    await bus.ensureTopics([
      { name: 'cdr', partitions: 4, maxMessageBytes: 1_000, retentionMs: 3_600_000 },
      { name: 'cdr.dlt', partitions: 4, maxMessageBytes: 1_999, retentionMs: 3_600_000 },
      { name: 'cdr.parked', partitions: 4, maxMessageBytes: 2_000 },
    ]);
    expect(brief(await look())).toEqual([
      'warning topic cdr',
      'fault topic cdr.dlt',
      'ok topic cdr.parked',
      'fault topic credit.balance',
      'fault topic cdr.dlt',
    ]);
    expect((await look()).at(-1)?.todo).toBe('set max.message.bytes to 2000');
  });
});

describe('settings', () => {
  const good = { SEALING_MASTER_KEY: Buffer.alloc(32).toString('base64'), OPERATOR_TOKEN: 'sesame', PATH: '/bin' };
  const look = (env: Record<string, string>) => findingsOf([settingsAreGood(env)]);

  test('that are good are one line', async () => {
    expect(brief(await look(good))).toEqual(['ok settings']);
  });

  test('that are missing, malformed or slips are told', async () => {
    expect(brief(await look({}))).toEqual(['warning SEALING_MASTER_KEY', 'warning OPERATOR_TOKEN']);
    expect(brief(await look({ ...good, SEALING_MASTER_KEY: 'short' }))).toEqual(['fault SEALING_MASTER_KEY']);
    expect(brief(await look({ ...good, MINIMUM_PURCHASE: 'EUR:20' }))).toEqual(['fault MINIMUM_PURCHASE']);
    expect(brief(await look({ ...good, SOURCES_FILE: '/no/such/file' }))).toEqual(['fault SOURCES_FILE']);
    const [slip] = await look({ ...good, KAFKA_BROKER: 'x' });
    expect(slip).toMatchObject({ level: 'warning', about: 'KAFKA_BROKER', todo: 'rename it to KAFKA_BROKERS, or ignore this' });
  });

  test('that programs know are all known here', () => {
    const apps = new URL('../../../apps/', import.meta.url);
    const declared = readdirSync(apps).flatMap((app) => {
      const files = [`${app}/src/settings.ts`, `${app}/src/notice-options.ts`].map((file) => new URL(file, apps));
      return files.flatMap((file) => {
        try {
          return [...readFileSync(file, 'utf8').matchAll(/env: '([A-Z_]+)'/g)].map(([, name = '']) => name);
        } catch {
          return [];
        }
      });
    });
    expect(declared.length).toBeGreaterThan(30);
    expect(declared.filter((name) => !SETTINGS.includes(name))).toEqual([]);
  });
});

describe('a ledger at work', () => {
  test('lacks a table of this version', async () => {
    const [eventStore, readStore] = [inMemoryEventStore(), await freshReadStore()];
    await readStore.write((tx) => tx.schema.dropTable('ledger_stretch').execute());
    const check = readModelsKeepUp(
      async () => eventStore,
      async () => readStore,
    );
    const found = await findingsOf([check]);
    expect(brief(found)).toEqual(['fault read models']);
    expect(found[0]?.says).toMatch(/no such table: ledger_stretch; start the server/);
    await readStore.close();
  });

  test('has kept up, has no letters and no decks; or has', async () => {
    const [eventStore, readStore, bus] = [inMemoryEventStore(), await freshReadStore(), inMemoryMessageBus()];
    await bus.ensureTopics([{ name: 'cdr.dlt', partitions: 1 }]);
    const decks = openDeckShelf(eventStore, { onError: () => undefined });
    await decks.ready;
    const letters = new DeadLetters(bus, TOPICS);
    const checks = [
      readModelsKeepUp(
        async () => eventStore,
        async () => readStore,
      ),
      lettersAreFew(async () => letters),
      plansHaveDecks(
        async () => decks,
        async () => readStore,
        Date.now,
      ),
      clocksAgree(async () => readStore, Date.now),
      hasRoom('/tmp'),
    ];
    const before = await findingsOf(checks);
    expect(brief(before).slice(0, 1)).toEqual(['ok read model balance']);
    expect(brief(before).slice(-4, -1)).toEqual(['ok dead letters', 'warning rate decks', 'ok clock']);

    const metadata = {};
    await eventStore.append(
      'credit-acme',
      -1,
      Array.from({ length: 1_200 }, (_, n) => ({
        id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
        type: 'X',
        data: {},
        metadata,
      })),
    );
    await bus.publish('cdr.dlt', [{ key: 'acme', value: 'x', headers: { 'kafka_dlt-exception-message': 'no-rate: none' } }]);
    const at = new Date(Date.now() + 3_600_000).toISOString();
    await readStore.write(async (tx) => {
      await tx.insertInto('set_aside').values({ model: 'balance', tenant: 'acme', revision: 7, reason: 'cannot' }).execute();
      const columns = { tenant: 'acme', currency: 'EUR', plan: 'gold', balance: '0', available: '0', recorded_at: at };
      const table = await tx.introspection.getTables();
      const known = table.find(({ name }) => name === 'balance')?.columns ?? [];
      const row = Object.fromEntries(known.filter(({ isNullable }) => !isNullable).map(({ name }) => [name, 0]));
      await tx
        .insertInto('balance')
        .values({ ...row, ...columns } as never)
        .execute();
    });
    const after = await findingsOf(checks);
    expect(after.filter(({ level }) => level === 'warning').map(({ says }) => says)).toContain('1200 events behind');
    expect(brief(after)).toEqual(
      expect.arrayContaining([
        'fault read model balance',
        'warning dead letters',
        'fault plan gold',
        'fault clock of whoever records',
      ]),
    );
    expect(after.find(({ about }) => about === 'dead letters')?.says).toBe('open: 1 no-rate');
    await decks.close();
    await readStore.close();
  });
});
