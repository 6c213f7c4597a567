// The contract on SQLite, and what only a file can show: other connections, what survives, a full disk.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from '@jest/globals';
import { codeOf, collect, someEvents } from './contract-tools.js';
import { eventStoreContract } from './contract.js';
import { NO_STREAM } from './event-store.js';
import { sqliteError } from './sqlite-database.js';
import { openSqliteEventStore } from './sqlite.js';

const folder = mkdtempSync(join(tmpdir(), 'event-store-'));
let files = 0;
const freshFile = (): string => join(folder, 'new', `events-${files++}.db`);
afterAll(() => rmSync(folder, { recursive: true }));

eventStoreContract('event store on SQLite', async () => openSqliteEventStore(freshFile()));

describe('a file of events', () => {
  test('is as it was when it is opened again', async () => {
    const file = freshFile();
    const before = openSqliteEventStore(file);
    await before.append('a-1', NO_STREAM, someEvents(3));
    const events = await collect(before.readStream('a-1'));
    await before.close();
    const after = openSqliteEventStore(file);
    expect(await collect(after.readStream('a-1'))).toEqual(events);
    await after.close();
  });

  test('keeps what was queued when it was closed', async () => {
    const file = freshFile();
    const before = openSqliteEventStore(file);
    const appending = before.append('a-1', NO_STREAM, someEvents(3));
    await before.close();
    expect((await appending).revision).toBe(2);
  });

  test('is followed by a reader while a writer has it open, and the reader cannot write', async () => {
    const file = freshFile();
    const writer = openSqliteEventStore(file);
    const reader = openSqliteEventStore(file, { readOnly: true });
    const { signal } = new AbortController();
    const following = reader.subscribe({ streamPrefix: 'a-', maxBatch: 10, signal })[Symbol.asyncIterator]();
    expect((await following.next()).value).toEqual({ events: [], position: 0n, caughtUp: true });
    await writer.append('a-1', NO_STREAM, someEvents(2));
    expect((await following.next()).value.events).toHaveLength(2);
    await expect(reader.append('a-1', 1, someEvents(1))).rejects.toThrow(TypeError);
    await following.return?.();
    await reader.close();
    await writer.close();
  });

  test('is fenced by the expected revision when two writers have it open', async () => {
    const file = freshFile();
    const stores = [openSqliteEventStore(file), openSqliteEventStore(file)];
    const codes = await Promise.all(stores.map((store) => codeOf(store.append('a-1', NO_STREAM, someEvents(1)))));
    expect(codes.toSorted()).toEqual(['no error', 'wrong-expected-revision']);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('waits for another connection that is writing, and goes on when it is done', async () => {
    const file = freshFile();
    const store = openSqliteEventStore(file);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const appending = store.append('a-1', NO_STREAM, someEvents(1));
    setTimeout(() => other.exec('COMMIT'), 150);
    expect((await appending).revision).toBe(0);
    other.close();
    await store.close();
  });

  test('that is no database, is of a newer program, or is not there yet, is refused with a reason', async () => {
    const file = freshFile();
    await openSqliteEventStore(file).close();
    const other = new DatabaseSync(file);
    other.exec('PRAGMA user_version = 2');
    other.close();
    expect(() => openSqliteEventStore(file)).toThrow(expect.objectContaining({ code: 'corrupt' }));
    expect(() => openSqliteEventStore(import.meta.filename)).toThrow(expect.objectContaining({ code: 'corrupt' }));
    expect(() => openSqliteEventStore(freshFile(), { readOnly: true })).toThrow(expect.objectContaining({ code: 'unavailable' }));
  });

  test('with an event that is no JSON is corrupt, and says which', async () => {
    const file = freshFile();
    const store = openSqliteEventStore(file);
    await store.append('a-1', NO_STREAM, someEvents(3));
    const other = new DatabaseSync(file);
    other.exec("UPDATE events SET data = '{' WHERE revision = 1");
    other.close();
    await expect(collect(store.readStream('a-1'))).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('revision 1 of a-1'),
      at: { stream: 'a-1', revision: 1, position: 2n },
    });
    const asText = await collect(store.readAllText!({ streamPrefix: '' }));
    expect(asText.map(({ data }) => data)[1]).toBe('{');
    await store.close();
  });

  test('that is older than its reader is refused instead of being followed in silence', async () => {
    const store = openSqliteEventStore(freshFile());
    const subscription = store.subscribe({
      after: 5n,
      streamPrefix: '',
      maxBatch: 10,
      signal: new AbortController().signal,
    });
    expect(await codeOf(subscription[Symbol.asyncIterator]().next())).toBe('corrupt');
    await store.close();
  });

  test('on a full disk says so', () => {
    const database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE t (x); PRAGMA max_page_count = 2');
    const fill = (): void => database.exec('INSERT INTO t VALUES (randomblob(100000))');
    let failure: unknown;
    try {
      fill();
    } catch (error) {
      failure = error;
    }
    expect(sqliteError(failure, 'Cannot append')).toMatchObject({ code: 'disk-full', retryable: true });
    database.close();
  });
});
