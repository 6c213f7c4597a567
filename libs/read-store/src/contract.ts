// Read store, contract: one suite that every engine behind the port passes.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { openReadStore } from './open.js';
import type { ReadStore } from './read-store.js';

type BalanceRow = { tenant: string; balance: string; revision: number; note: string | null };
type Tables = { balance: BalanceRow; lot: { tenant: string; lot: number; amount: string } };

const migrations = [
  {
    name: '1-balance',
    async up(db: Kysely<unknown>) {
      await sql`create table balance (tenant text primary key, balance text not null, revision bigint not null, note text)`.execute(
        db,
      );
    },
  },
  {
    name: '2-lot',
    async up(db: Kysely<unknown>) {
      await sql`create table lot (tenant text, lot integer, amount text, primary key (tenant, lot))`.execute(db);
    },
  },
];

/** A place without tables: a new file, or a schema of its own. */
export type EmptyPlace = { readonly url: string; remove(): Promise<void> };

export function readStoreContract(engine: string, createPlace: () => Promise<EmptyPlace>): void {
  describe(`read store contract: ${engine}`, () => {
    let place: EmptyPlace;
    let store: ReadStore<Tables>;
    let other: ReadStore<Tables>;

    beforeAll(async () => {
      place = await createPlace();
      store = await openReadStore<Tables>(place.url);
      other = await openReadStore<Tables>(place.url);
      await Promise.all([store.migrate(migrations), other.migrate(migrations)]);
    });
    beforeEach(async () => {
      for (const name of ['a', 'b']) await store.reset(name, ['balance', 'lot']);
    });
    afterAll(async () => {
      await Promise.all([store.close(), other.close()]);
      await place.remove();
    });

    const rows = () => store.db.selectFrom('balance').selectAll().orderBy('tenant').execute();
    const row = (tenant: string, revision = 0): BalanceRow => ({ tenant, balance: '10.000000', revision, note: null });
    const insert = (...inserted: BalanceRow[]) => ({
      into: (target: ReadStore<Tables>, name: string, from: bigint | undefined, to: bigint) =>
        target.advance(name, from, to, (tx) => target.upsert(tx, 'balance', ['tenant'], inserted)),
    });

    test('rows and checkpoint are written together', async () => {
      expect(await store.checkpoint('a')).toBeUndefined();
      await insert(row('t1')).into(store, 'a', undefined, 7n);
      expect(await rows()).toEqual([row('t1')]);
      expect(await store.checkpoint('a')).toBe(7n);
      expect(await other.checkpoint('a')).toBe(7n);
    });

    test('a write that throws leaves neither rows nor checkpoint', async () => {
      const wrong = new Error('fold failed');
      const failing = store.advance('a', undefined, 7n, async (tx) => {
        await tx.insertInto('balance').values(row('t1')).execute();
        throw wrong;
      });
      await expect(failing).rejects.toBe(wrong);
      expect(await rows()).toEqual([]);
      expect(await store.checkpoint('a')).toBeUndefined();
    });

    test.each([
      ['before its first position', undefined],
      ['behind', 6n],
      ['ahead', 8n],
    ])('a checkpoint expected %s has moved: nothing is written', async (_what, from) => {
      await insert(row('t1')).into(store, 'a', undefined, 7n);
      await expect(insert(row('t2')).into(store, 'a', from, 9n)).rejects.toMatchObject({
        code: 'checkpoint-moved',
        retryable: false,
      });
      expect(await rows()).toEqual([row('t1')]);
      expect(await store.checkpoint('a')).toBe(7n);
    });

    test('a checkpoint that was never written does not stand at a position', async () => {
      await expect(insert(row('t1')).into(store, 'a', 7n, 8n)).rejects.toMatchObject({ code: 'checkpoint-moved' });
    });

    test.each([undefined, 1n])('of two instances at %s one moves the checkpoint', async (from) => {
      if (from !== undefined) await insert().into(store, 'a', undefined, from);
      const outcomes = await Promise.allSettled([
        insert(row('by-store')).into(store, 'a', from, 2n),
        insert(row('by-other')).into(other, 'a', from, 2n),
      ]);
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'checkpoint-moved' } });
      expect(await rows()).toHaveLength(1);
    });

    test('read models advance independently at the same time', async () => {
      const steps = 20;
      const walk = async (target: ReadStore<Tables>, name: string) => {
        for (let at = 0; at < steps; at += 1) {
          await insert(row(`${name}-${at}`)).into(target, name, at === 0 ? undefined : BigInt(at), BigInt(at + 1));
        }
      };
      await Promise.all([walk(store, 'a'), walk(other, 'b'), walk(store, 'c')]);
      expect(await Promise.all(['a', 'b', 'c'].map((name) => store.checkpoint(name)))).toEqual([20n, 20n, 20n]);
      expect(await rows()).toHaveLength(3 * steps);
      await store.reset('c', []);
    });

    test('a write without a checkpoint is one transaction and answers what it found', async () => {
      const count = await store.write(async (tx) => {
        await store.upsert(tx, 'balance', ['tenant'], [row('t1'), row('t2')]);
        return (await tx.selectFrom('balance').select('tenant').execute()).length;
      });
      expect(count).toBe(2);
      const failing = store.write(async (tx) => {
        await tx.deleteFrom('balance').execute();
        throw new Error('changed its mind');
      });
      await expect(failing).rejects.toThrow('changed its mind');
      expect(await rows()).toHaveLength(2);
      expect(await store.checkpoint('a')).toBeUndefined();
    });

    test('of two that claim one row at once, one finds it free', async () => {
      await store.write((tx) => store.upsert(tx, 'balance', ['tenant'], [row('t1')]));
      const claim = (target: ReadStore<Tables>, who: string) =>
        target.write((tx) =>
          tx
            .updateTable('balance')
            .set({ note: who })
            .where('tenant', '=', 't1')
            .where('note', 'is', null)
            .returning('note')
            .execute(),
        );
      const claims = await Promise.all([claim(store, 'one'), claim(other, 'two')]);
      expect(claims.flat()).toHaveLength(1);
      expect((await rows())[0]?.note).toBe(claims.flat()[0]?.note);
    });

    test('a reader does not see rows that are not committed', async () => {
      await store.advance('a', undefined, 1n, async (tx) => {
        await tx.insertInto('balance').values(row('t1')).execute();
        expect(await rows()).toEqual([]);
        expect(await other.db.selectFrom('balance').selectAll().execute()).toEqual([]);
        expect(await store.checkpoint('a')).toBeUndefined();
        expect(await tx.selectFrom('balance').selectAll().execute()).toEqual([row('t1')]);
      });
      expect(await rows()).toEqual([row('t1')]);
    });

    test('a transaction of queries sees one state', async () => {
      await store.db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (tx) => {
          expect(await tx.selectFrom('balance').selectAll().execute()).toEqual([]);
          await insert(row('t1')).into(store, 'a', undefined, 1n);
          expect(await tx.selectFrom('balance').selectAll().execute()).toEqual([]);
          expect(await rows()).toEqual([row('t1')]);
        });
    });

    test('migrations run once, also in a second program, and new ones are added', async () => {
      await insert(row('t1')).into(store, 'a', undefined, 1n);
      const runs: string[] = [];
      const third = { name: '3-noted', up: async () => void runs.push('3-noted') };
      await Promise.all([store.migrate([...migrations, third]), other.migrate([...migrations, third])]);
      expect(runs).toEqual(['3-noted']);
      expect(await rows()).toEqual([row('t1')]);
    });

    test('a migration that fails leaves nothing of those before it', async () => {
      const half = {
        name: '4-half',
        up: async (db: Kysely<unknown>) => void (await sql`create table half (x text)`.execute(db)),
      };
      const failing = { name: '5-fails', up: () => Promise.reject(new Error('no')) };
      await expect(store.migrate([half, failing])).rejects.toThrow('no');
      await store.migrate([half]);
      await expect(store.migrate([half, half])).rejects.toThrow('Two migrations are named 4-half');
    });

    test('reset forgets the rows and the checkpoint, and no other checkpoint', async () => {
      await insert(row('t1')).into(store, 'a', undefined, 1n);
      await insert().into(store, 'b', undefined, 2n);
      await store.reset('a', ['balance']);
      expect(await rows()).toEqual([]);
      expect(await store.checkpoint('a')).toBeUndefined();
      expect(await store.checkpoint('b')).toBe(2n);
    });

    test('5,000 rows are inserted and then assigned anew in one batch each', async () => {
      const batch = (revision: number) => Array.from({ length: 5_000 }, (_, n) => row(`t${n}`, revision));
      await insert(...batch(1)).into(store, 'a', undefined, 1n);
      await insert(...batch(2), row('t0', 3)).into(store, 'a', 1n, 2n);
      const found = await rows();
      expect(found).toHaveLength(5_000);
      expect(found.filter(({ revision }) => revision !== 2)).toEqual([row('t0', 3)]);
    });

    test('an upsert by two columns keeps what is only key', async () => {
      await store.advance('a', undefined, 1n, async (tx) => {
        await store.upsert(
          tx,
          'lot',
          ['tenant', 'lot'],
          [
            { tenant: 't', lot: 1, amount: '1' },
            { tenant: 't', lot: 2, amount: '2' },
          ],
        );
        await store.upsert(tx, 'lot', ['lot', 'tenant'], [{ amount: '3', tenant: 't', lot: 2 }]);
      });
      expect(await store.db.selectFrom('lot').selectAll().orderBy('lot').execute()).toEqual([
        { tenant: 't', lot: 1, amount: '1' },
        { tenant: 't', lot: 2, amount: '3' },
      ]);
      await expect(
        store.advance('a', 1n, 2n, (tx) => store.upsert(tx, 'balance', ['tenant'], [row('x'), { tenant: 'y' } as BalanceRow])),
      ).rejects.toThrow('must all have the columns');
    });

    test('text, money and integers come back as they were written', async () => {
      const odd: BalanceRow = {
        tenant: `Zoë 😀 \u202e 'quoted' "double" \\ $1 ? -- \n`,
        balance: '0.10',
        revision: Number.MAX_SAFE_INTEGER,
        note: '',
      };
      await insert(odd, { ...row('plain'), note: '007' }).into(store, 'a', undefined, 2n ** 63n);
      expect(await store.db.selectFrom('balance').selectAll().where('tenant', '=', odd.tenant).execute()).toEqual([odd]);
      expect(await store.db.selectFrom('balance').select('note').where('tenant', '=', 'plain').execute()).toEqual([
        { note: '007' },
      ]);
      expect(await store.checkpoint('a')).toBe(2n ** 63n);
      const counted = await store.db
        .selectFrom('balance')
        .select((of) => of.fn.countAll().as('rows'))
        .executeTakeFirst();
      expect(counted).toEqual({ rows: 2 });
    });

    test('an integer that a number cannot hold is refused', async () => {
      await store.advance('a', undefined, 1n, async (tx) => {
        await sql`insert into balance values ('t1', '1', 9007199254740993, null)`.execute(tx);
      });
      await expect(rows()).rejects.toMatchObject({ code: 'invalid-data' });
    });

    test('errors have the same code on every engine', async () => {
      const write = (text: string) => store.advance('a', undefined, 1n, async (tx) => void (await sql.raw(text).execute(tx)));
      const twice = `insert into balance values ('t1', '1', 1, null), ('t1', '1', 1, null)`;
      await expect(write(twice)).rejects.toMatchObject({ code: 'constraint', retryable: false });
      await expect(write('select * from nowhere')).rejects.toMatchObject({ code: 'not-migrated', retryable: true });
      await expect(write('selekt')).rejects.toMatchObject({ code: 'query-failed', retryable: false });
      await expect(sql.raw('selekt').execute(store.db)).rejects.toMatchObject({ name: 'ReadStoreError' });
    });

    test('after close everything is refused as closed, and closing waits for what is under way', async () => {
      const third = await openReadStore<Tables>(place.url);
      await third.ping();
      const writing = insert(row('t1')).into(third, 'a', undefined, 1n);
      await Promise.all([writing, third.close(), third.close()]);
      expect(await store.checkpoint('a')).toBe(1n);
      await expect(third.ping()).rejects.toMatchObject({ code: 'closed' });
      await expect(third.checkpoint('a')).rejects.toMatchObject({ code: 'closed' });
      await expect(third.write(async () => 1)).rejects.toMatchObject({ code: 'closed' });
      await expect(insert().into(third, 'a', 1n, 2n)).rejects.toMatchObject({ code: 'closed' });
    });
  });
}
