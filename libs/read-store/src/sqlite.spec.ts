// Read store on SQLite: the contract, and what only a file can do.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { readStoreContract } from './contract.js';
import { openReadStore } from './open.js';

const newFolder = () => mkdtempSync(join(tmpdir(), 'read-store-'));

readStoreContract('SQLite', async () => {
  const folder = newFolder();
  return { url: `sqlite:${join(folder, 'read.db')}`, remove: async () => rmSync(folder, { recursive: true }) };
});

describe('read store on SQLite', () => {
  let folder: string;
  beforeEach(() => void (folder = newFolder()));
  afterEach(() => rmSync(folder, { recursive: true }));

  const url = () => `sqlite:${join(folder, 'read.db')}`;
  const notes = { name: 'note', up: async (db: any) => void (await sql`create table note (text text)`.execute(db)) };

  test('a reader beside the owner sees what it commits and writes nothing', async () => {
    await expect(openReadStore(url(), { readOnly: true })).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    const owner = await openReadStore<{ note: { text: string } }>(url());
    const reader = await openReadStore<{ note: { text: string } }>(url(), { readOnly: true });
    await expect(reader.checkpoint('a')).rejects.toMatchObject({ code: 'not-migrated' });
    await owner.migrate([notes]);
    await owner.advance('a', undefined, 1n, async (tx) => void (await tx.insertInto('note').values({ text: 'x' }).execute()));
    expect(await reader.checkpoint('a')).toBe(1n);
    await expect(reader.reset('a', ['note'])).rejects.toMatchObject({ code: 'read-only' });
    await expect(reader.db.deleteFrom('note').execute()).rejects.toMatchObject({ code: 'read-only' });
    await expect(owner.db.deleteFrom('note').execute()).rejects.toMatchObject({ code: 'read-only' });
    await Promise.all([reader.close(), owner.close()]);
  });

  test('a full disk writes nothing and says so; with room again the same call succeeds', async () => {
    const store = await openReadStore<{ note: { text: string } }>(url());
    await store.migrate([notes]);
    const write = (maxPages: number) =>
      store.advance('a', undefined, 1n, async (tx) => {
        await sql`pragma max_page_count = ${sql.lit(maxPages)}`.execute(tx);
        await tx
          .insertInto('note')
          .values({ text: 'x'.repeat(100_000) })
          .execute();
      });
    await expect(write(10)).rejects.toMatchObject({ code: 'disk-full', retryable: true });
    expect(await store.checkpoint('a')).toBeUndefined();
    await write(1_000);
    expect(await store.checkpoint('a')).toBe(1n);
    await store.close();
  });

  test('a long stream does not keep other queries waiting', async () => {
    const store = await openReadStore<{ note: { text: string } }>(url());
    await store.migrate([notes]);
    await store.advance('a', undefined, 1n, async (tx) => {
      await tx
        .insertInto('note')
        .values([{ text: 'x' }, { text: 'y' }])
        .execute();
    });
    const seen: string[] = [];
    for await (const { text } of store.db.selectFrom('note').selectAll().stream()) {
      await store.ping();
      seen.push(text);
    }
    expect(seen).toEqual(['x', 'y']);
    await store.close();
  });

  test('a file that is no database and a URL that is none are refused at opening', async () => {
    writeFileSync(join(folder, 'read.db'), 'this is a text file, and a rather long one at that'.repeat(100));
    await expect(openReadStore(url())).rejects.toMatchObject({ code: 'corrupt' });
    await expect(openReadStore('mysql://u:secret@host/db')).rejects.toThrow('not mysql://***@host/db');
    await expect(openReadStore('sqlite::memory:')).rejects.toThrow('must be sqlite:PATH');
  });
});
