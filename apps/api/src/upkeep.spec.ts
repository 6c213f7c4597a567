// How everything runs, over real HTTP: lag, dead letters by code, rebuilds in the background, the proof of the ledger.

import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { activateDeck, importDeck } from '@tollkeeper/decks';
import { isDeckRejection, parseDeck } from '@tollkeeper/rating';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import { createSchema, findPostgres, waitFor } from '@tollkeeper/testing';
import { call, cdr, startApi, type TestApi } from './fixtures.js';
import { debitCall } from './rated-calls.fixture.js';
import { Rebuilds } from './rebuilds.js';

const TOKEN = 'a-token-of-the-operator';
const asOperator = { authorization: `Bearer ${TOKEN}` };
const MODELS = ['balance', 'low-balance-alert', 'auto-recharge', 'users', 'usage-day', 'calls', 'balance-day', 'stretches'];

const postgres = await findPostgres();
const engines: [string, () => Promise<Database>][] = [['SQLite', async () => ({ drop: async () => undefined })]];
if (postgres.url === undefined) test.skip(`PostgreSQL (skipped: ${postgres.reason})`, () => undefined);
else {
  const { url } = postgres;
  engines.push(['PostgreSQL', () => createSchema(url)]);
  afterAll(() => postgres.stop());
}

type Database = { readonly url?: string; readonly drop: () => Promise<unknown> };

let api: TestApi;

const state = async () => (await call(api, 'GET', '/v1/operations')).body;
const rebuild = (body: object, headers: Record<string, string> = asOperator) =>
  call(api, 'POST', '/v1/operations/rebuilds', body, headers);
const verify = (body: object, headers: Record<string, string> = asOperator) =>
  call(api, 'POST', '/v1/operations/verifications', body, headers);
const tables = (): ReadStore<Tables> => api.readStore as unknown as ReadStore<Tables>;

function until(what: string, holds: (now: any) => unknown): Promise<any> {
  return waitFor(
    async () => {
      const now = await state();
      return holds(now) ? now : undefined;
    },
    { timeoutMs: 20_000, what },
  );
}

async function tenants(count: number, from = 0): Promise<void> {
  for (let n = from; n < from + count; n += 1) await call(api, 'PUT', `/v1/tenants/t${n}`, { currency: 'EUR' });
}

describe.each(engines)('with read models on %s', (_engine, open) => {
  let database: Database;
  beforeEach(async () => {
    database = await open();
    api = await startApi({ operatorToken: TOKEN, ...(database.url === undefined ? {} : { readStoreUrl: database.url }) });
  });
  afterEach(async () => {
    await api.close();
    await database.drop();
  });

  describe('the state', () => {
    test('of a ledger at rest tells that nothing lags, nothing was put aside, nothing runs', async () => {
      expect(await state()).toEqual({
        readModels: expect.arrayContaining(MODELS.map((name) => ({ name, lagEvents: 0, setAside: [] }))),
        intake: { topic: 'telephony.cdr.v1', lag: 0 },
        deadLetters: { total: 0, byCode: [] },
        rebuilds: [],
        verification: null,
      });
    });

    test('counts what each read model has not folded, what rating has not read, and dead letters by code', async () => {
      await tenants(3);
      await call(api, 'POST', '/v1/cdrs', cdr());
      const row = { message_key: null, reason: 'x', put_aside_at: '2026-03-03T11:00:00.000Z' };
      const letters = ['no-rate', 'cdr-malformed', 'no-rate'].map((code, n) => ({ ...row, letter_id: `cdr/0/${n}`, code }));
      await tables().write((tx) => tables().upsert(tx, 'dead_letter', ['letter_id'], letters));
      const aside = { model: 'balance', tenant: 't1', revision: 4, reason: 'it cannot be folded' };
      await tables().write((tx) => tx.insertInto('set_aside').values(aside).execute());
      const now = await until('the lag to show', ({ readModels }) => readModels[0].lagEvents === 3);
      expect(now).toMatchObject({
        intake: { lag: 1 },
        deadLetters: {
          total: 3,
          byCode: [
            { code: 'no-rate', count: 2 },
            { code: 'cdr-malformed', count: 1 },
          ],
        },
      });
      expect(now.readModels.find(({ name }: { name: string }) => name === 'balance')).toEqual({
        name: 'balance',
        lagEvents: 3,
        setAside: [{ tenant: 't1', revision: 4, reason: 'it cannot be folded' }],
      });
      expect(now.readModels.filter((one: { setAside: readonly object[] }) => one.setAside.length > 0)).toHaveLength(1);
      await api.project();
      await until('the lag to go', ({ readModels }) => readModels.every((one: { lagEvents: number }) => one.lagEvents === 0));
    });

    test('is looked at once a second, however many ask', async () => {
      const before = await state();
      await tenants(1);
      expect((await state()).readModels).toEqual(before.readModels);
      await until('the next look', ({ readModels }) => readModels[0].lagEvents === 1);
    });
  });

  describe('a rebuild', () => {
    test('mends rows that were altered; its progress is in the state', async () => {
      await tenants(5);
      await api.project();
      await tables().write((tx) => tx.updateTable('balance').set({ balance: '999' }).where('tenant', '=', 't3').execute());
      const { status, body } = await rebuild({ name: 'balance' });
      expect([status, body.rebuilds]).toEqual([
        202,
        [expect.objectContaining({ name: 'balance', state: 'running', finishedAt: null, error: null })],
      ]);
      const { rebuilds } = await until('the rebuild to end', ({ rebuilds: [one] }) => one?.state === 'done');
      expect(rebuilds).toEqual([expect.objectContaining({ name: 'balance', events: 5, total: 5, error: null })]);
      expect((await call(api, 'GET', '/v1/tenants/t3/balance')).body.balance).toBe('0');
    });

    test('of all read models goes one after another', async () => {
      await tenants(2);
      await api.project();
      const { body } = await rebuild({});
      expect(body.rebuilds.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(MODELS));
      const { rebuilds } = await until(
        'all of them to end',
        (now) => now.rebuilds.length === MODELS.length && now.rebuilds.every((one: { state: string }) => one.state === 'done'),
      );
      expect(rebuilds.every((one: { events: number }) => one.events === 2)).toBe(true);
    });

    test('is refused while one of the same read model is alive, whoever runs it, and not once that has died', async () => {
      const at = (agoMs: number) => new Date(api.clock.nowMs - agoMs).toISOString();
      await tables().write((tx) =>
        tx
          .insertInto('read_model_rebuild')
          .values({
            name: 'balance',
            run_id: 'elsewhere',
            state: 'running',
            events: 250,
            position: '100',
            target: '400',
            started_at: at(90_000),
            updated_at: at(30_000),
            finished_at: null,
            error: null,
          })
          .execute(),
      );
      expect((await state()).rebuilds).toEqual([expect.objectContaining({ state: 'running', events: 250, total: 1_000 })]);
      for (const body of [{ name: 'balance' }, {}]) {
        const answer = await rebuild(body);
        expect([answer.status, answer.body.code]).toEqual([409, 'rebuild-running']);
      }
      expect((await rebuild({ name: 'calls' })).status).toBe(202);
      api.clock.nowMs += 31_000;
      expect((await state()).rebuilds[0]).toMatchObject({
        name: 'balance',
        state: 'failed',
        error: expect.stringContaining('begin again'),
      });
      expect((await rebuild({ name: 'balance' })).status).toBe(202);
      await until('it to end', ({ rebuilds }) => rebuilds[0].name === 'balance' && rebuilds[0].state === 'done');
    });

    test('ends as failed when the process stops, and the live rows are as they were', async () => {
      await tenants(2);
      await api.project();
      // The application goes as it does on SIGTERM; the stores stay open for the look at what it left.
      const asked = await rebuild({});
      expect(asked.status).toBe(202);
      await api.app.close();
      const rows = await tables().db.selectFrom('read_model_rebuild').select(['name', 'state', 'error']).execute();
      expect(rows.filter((row) => row.state === 'running')).toEqual([]);
      expect(rows.length).toBeLessThan(MODELS.length);
      for (const row of rows.filter(({ state: ended }) => ended === 'failed'))
        expect(row.error).toContain('the server was stopped');
      expect(await tables().db.selectFrom('balance').select('tenant').execute()).toHaveLength(2);
    });

    test('is the operator’s, and of a read model that there is', async () => {
      expect((await rebuild({}, {})).body.code).toBe('operator-only');
      const { body } = await rebuild({ name: 'balances' });
      expect(body).toMatchObject({ code: 'request-invalid', detail: expect.stringContaining('balance, ') });
    });
  });

  describe('a verification', () => {
    async function debits(): Promise<void> {
      const deck = parseDeck('prefix,rate\n49,0.02\n', { currency: 'EUR' });
      if (isDeckRejection(deck)) throw new Error(deck.reason);
      await importDeck(api.eventStore, deck, { by: 'ada', name: 'rates.csv', nowMs: api.clock.nowMs });
      const activation = { plan: 'default', hash: deck.hash, by: 'ada', nowMs: api.clock.nowMs };
      await activateDeck(api.eventStore, { ...activation, activeFromMs: Date.parse('2026-01-01') });
      await tenants(1);
      for (let n = 0; n < 3; n += 1) await debitCall(api, 't0', deck.hash, { id: `cdr-${n}` });
      await api.project();
    }
    const ended = (now: { verification: { state: string } | null }) =>
      now.verification !== null && now.verification.state !== 'running';

    test('tells each check with how many were checked and how many differ', async () => {
      await debits();
      const begun = await verify({});
      expect([begun.status, begun.body.state]).toEqual([202, 'running']);
      const { verification } = await until('the verification to end', ended);
      expect(verification).toMatchObject({ state: 'done', tenant: null, error: null, finishedAt: expect.any(String) });
      const byName = new Map(verification.checks.map((check: { name: string }) => [check.name, check]));
      expect(byName.get('hash chain')).toMatchObject({ checked: 4, differ: 0 });
      expect(byName.get('charges')).toMatchObject({ checked: 3, differ: 0, differences: [] });
      expect(byName.get('projection balance')).toMatchObject({ checked: 1, differ: 0 });
      expect(byName.get('payments')).toMatchObject({ notChecked: expect.stringContaining('tollkeeper verify') });
    });

    test('finds a row that was altered, and says where and what to do', async () => {
      await debits();
      await tables().write((tx) => tx.updateTable('balance').set({ balance: '999' }).execute());
      await verify({ tenant: 't0' });
      const { verification } = await until('the verification to end', ended);
      const line = verification.checks.find(({ name }: { name: string }) => name === 'projection balance');
      expect([verification.tenant, line]).toEqual([
        't0',
        expect.objectContaining({
          differ: 1,
          differences: [expect.objectContaining({ stream: 'credit-t0', advice: expect.stringContaining('rebuild balance') })],
        }),
      ]);
    });

    test('is refused while another one is alive; one that has died counts as failed', async () => {
      const now = new Date(api.clock.nowMs).toISOString();
      const row = {
        state: 'running' as const,
        tenant: null,
        started_at: now,
        updated_at: now,
        finished_at: null,
        checks: '[]',
        error: null,
      };
      await tables().write((tx) =>
        tx
          .insertInto('verification')
          .values({ ...row, verification_id: now })
          .execute(),
      );
      expect((await verify({})).body).toMatchObject({ status: 409, code: 'verification-running' });
      api.clock.nowMs += 61_000;
      expect((await state()).verification).toMatchObject({ state: 'failed', error: expect.stringContaining('begin again') });
      expect((await verify({})).status).toBe(202);
      await until('the verification to end', ({ verification }) => verification.state === 'done');
    });

    test('ends as failed when the process stops', async () => {
      await debits();
      await verify({});
      await api.app.close();
      const row = await tables().db.selectFrom('verification').selectAll().executeTakeFirstOrThrow();
      // It may have ended before it was told.
      expect([row.state, row.error]).toEqual(
        row.state === 'done' ? ['done', null] : ['failed', expect.stringContaining('stopped')],
      );
    });

    test('of a tenant that has no account is none', async () => {
      const { status, body } = await verify({ tenant: 'typo' });
      expect([status, body.code]).toEqual([404, 'account-not-open']);
      expect((await state()).verification).toBeNull();
    });

    test('is the operator’s', async () => {
      expect((await verify({}, {})).body.code).toBe('operator-only');
    });
  });
});

test('looking makes no tables; what an operator begins does', async () => {
  api = await startApi({ isUnmigrated: true });
  for (const path of ['/v1/operations', '/v1/dead-letters']) {
    const { status, body } = await call(api, 'GET', path);
    expect([path, status, body.code, body.reason]).toEqual([path, 503, 'engine-unavailable', 'not-migrated']);
  }
  expect((await rebuild({ name: 'balance' }, {})).status).toBe(202);
  await until('the rebuild to end', ({ rebuilds: [one] }) => one?.state === 'done');
  await api.close();
});

test('a rebuild that two ask for at once is begun once', async () => {
  api = await startApi();
  const rebuilds = api.app.get(Rebuilds);
  const asked = await Promise.allSettled([rebuilds.ask('calls'), rebuilds.ask('calls'), rebuilds.ask(undefined)]);
  expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  await api.close();
});
