// Read store on PostgreSQL: the contract, and what only a server can do.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSchema, findPostgres, waitFor } from '@tollkeeper/testing';
import { sql } from 'kysely';
import { readStoreContract } from './contract.js';
import { openReadStore } from './open.js';
import type { ReadStore } from './read-store.js';

const postgres = await findPostgres();

if (postgres.url === undefined) {
  describe.skip(`PostgreSQL (skipped: ${postgres.reason})`, () => test('read store contract', () => {}));
} else {
  const { url } = postgres;
  afterAll(() => postgres.stop());

  readStoreContract('PostgreSQL', async () => {
    const schema = await createSchema(url);
    return { url: schema.url, remove: schema.drop };
  });

  describe('read store on PostgreSQL', () => {
    let store: ReadStore<unknown>;
    let schema: Awaited<ReturnType<typeof createSchema>>;
    beforeAll(async () => {
      schema = await createSchema(url);
      store = await openReadStore(schema.url);
    });
    afterAll(async () => {
      await store.close();
      await schema.drop();
    });

    test('a query before the migration says that the tables are not made yet', async () => {
      await expect(store.checkpoint('a')).rejects.toMatchObject({ code: 'not-migrated', retryable: true });
      await store.migrate([]);
      await expect(store.checkpoint('a')).resolves.toBeUndefined();
    });

    test('connections that the server ends, idle or in a transaction, are replaced', async () => {
      const killer = await openReadStore(url);
      const pid = async (on: ReadStore<unknown>['db']) =>
        (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(on)).rows[0]!.pid;
      const gone = async (killed: number) => {
        await sql`select pg_terminate_backend(${killed})`.execute(killer.db);
        await waitFor(
          async () => (await sql`select 1 from pg_stat_activity where pid = ${killed}`.execute(killer.db)).rows.length === 0,
          { timeoutMs: 10_000, what: 'the server to end the connection' },
        );
      };
      const broken = store.advance('b', undefined, 1n, async (tx) => {
        await gone(await pid(tx));
        await sql`select 1`.execute(tx);
      });
      await expect(broken).rejects.toMatchObject({ code: 'unavailable', retryable: true });
      expect(await store.checkpoint('b')).toBeUndefined();
      await gone(await pid(store.db));
      await waitFor(() => store.ping().then(() => true), { timeoutMs: 10_000, what: 'a new connection' });
      await store.advance('b', undefined, 1n, async () => {});
      await killer.close();
    });

    test('a server that is not there is unavailable, a wrong database is not', async () => {
      const nowhere = await openReadStore('postgres://tollkeeper@127.0.0.1:1/postgres');
      await expect(nowhere.ping()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
      await nowhere.close();
      const wrong = await openReadStore(Object.assign(new URL(url), { pathname: '/no-such-database' }).href);
      await expect(wrong.ping()).rejects.toMatchObject({ code: 'access-denied', retryable: false });
      await wrong.close();
    });
  });
}
