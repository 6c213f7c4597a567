// Sealing on PostgreSQL: the contract, and what is left in the table.
import { afterAll, describe, expect, test } from '@jest/globals';
import { createSchema, findPostgres } from '@tollkeeper/testing';
import pg from 'pg';
import { sealingContract } from './contract.js';
import { openKeyStore } from './key-store.js';

const postgres = await findPostgres();

if (postgres.url === undefined) {
  describe.skip(`PostgreSQL (skipped: ${postgres.reason})`, () => test('sealing contract', () => {}));
} else {
  const { url } = postgres;
  afterAll(() => postgres.stop());

  sealingContract('PostgreSQL', async () => {
    const schema = await createSchema(url);
    return { url: schema.url, remove: schema.drop };
  });

  test('no key of a destroyed month is in the table, also when programs ask for it meanwhile', async () => {
    const schema = await createSchema(url);
    const [store, other] = await Promise.all([openKeyStore(schema.url), openKeyStore(schema.url)]);
    const client = new pg.Client({ connectionString: schema.url });
    await client.connect();
    for (let n = 0; n < 20; n += 1) {
      const ids = [{ tenant: `t${n}`, month: '2026-01' }];
      await Promise.all([store.createMissing(ids), other.destroy(`t${n}`, '2026-02', 'zoe'), store.createMissing(ids)]);
    }
    expect((await client.query('select * from sealing_key')).rows).toEqual([]);
    await Promise.all([client.end(), store.close(), other.close()]);
    await schema.drop();
  });
}
