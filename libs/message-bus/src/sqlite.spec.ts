// The SQLite message bus keeps the contract; and what only a file has: group commit, a full disk, retention, a crash.
import { messageBusContract } from './contract.js';
import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqliteMessageBus } from './sqlite.js';

const WAIT_MS = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'message-bus-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'contract.sqlite');
messageBusContract('SQLite message bus', {
  open: () => openSqliteMessageBus(file),
  reopen: async (bus) => {
    await bus.close();
    return openSqliteMessageBus(file);
  },
});

describe('SQLite message bus, beyond the contract', () => {
  test('publishes of one tick share a transaction', async () => {
    const path = join(folder, 'group-commit.sqlite');
    await using bus = opened(path);
    await bus.ensureTopics([{ name: 't', partitions: 2 }]);
    const reader = new DatabaseSync(path, { readOnly: true });
    const version = () => reader.prepare('PRAGMA data_version').get()?.['data_version'] as number;
    const counts: number[] = [];
    const count = () => reader.prepare('SELECT count(*) AS n FROM messages').get()?.['n'] as number;
    const before = version();
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        await bus.publish('t', [{ key: String(i), value: 'v' }]);
        counts.push(count());
      }),
    );
    expect(version()).not.toBe(before);
    expect(counts).toEqual(Array.from({ length: 20 }, () => 20));
    reader.close();
  });

  test('a full disk is told as such, leaves nothing half written, and passes', async () => {
    const path = join(folder, 'full.sqlite');
    const small = openSqliteMessageBus(path, { maxFileBytes: 200_000 });
    await small.ensureTopics([{ name: 't', partitions: 1 }]);
    await small.publish('t', [{ key: 'k', value: 'fits' }]);
    const much = Array.from({ length: 10 }, () => ({ key: 'k', value: Buffer.alloc(50_000) }));
    await expect(small.publish('t', much)).rejects.toMatchObject({ code: 'disk-full', retryable: true });
    expect(await small.lag('group', ['t'])).toBe(1n);
    await small.publish('t', [{ key: 'k', value: 'still fits' }]);
    await small.close();
    await using bus = opened(path);
    await bus.publish('t', much);
    expect(await bus.lag('group', ['t'])).toBe(12n);
  });

  test('removes old messages that every group has committed, never the newest, and none of a topic kept for ever', async () => {
    await using bus = opened(join(folder, 'retention.sqlite'), { retentionMs: 0, pruneEveryMs: 5 });
    const kept = { name: 'kept', partitions: 1, retentionMs: Infinity };
    await bus.ensureTopics([{ name: 't', partitions: 1 }, kept]);
    const options = { topics: ['t', 'kept'], maxMessages: 1_000 };
    const slow = await bus.consume({ ...options, group: 'slow', handle: async () => undefined });
    await slow.stop();
    const fast = await bus.consume({ ...options, group: 'fast', handle: async () => undefined });
    const messages = Array.from({ length: 2_500 }, () => ({ key: 'k', value: 'v' }));
    await bus.publish('t', messages);
    await bus.publish('kept', messages);
    await until(async () => (await bus.lag('fast', ['t', 'kept'])) === 0n);
    expect(await bus.lag('new', ['t'])).toBe(2_500n);
    const again = await bus.consume({ ...options, group: 'slow', handle: async () => undefined });
    await until(async () => (await bus.lag('new', ['t'])) === 1n);
    expect(await bus.lag('new', ['kept'])).toBe(2_500n);
    expect(await bus.offsets('t')).toEqual([{ partition: 0, first: 2_499n, next: 2_500n }]);
    expect((await bus.read('t', 0, 7n, 10)).map(({ offset }) => offset)).toEqual([2_499n]);
    await bus.publish('t', [{ key: 'k', value: 'next' }]);
    await until(async () => (await bus.lag('slow', ['t'])) === 0n);
    await Promise.all([fast.stop(), again.stop()]);
  });

  test('opened for reading only, it reads beside the program that owns the file, and writes nothing', async () => {
    const path = join(folder, 'read-only.sqlite');
    expect(() => openSqliteMessageBus(path, { readOnly: true })).toThrow(expect.objectContaining({ code: 'unavailable' }));
    await using owner = opened(path);
    await owner.ensureTopics([{ name: 't', partitions: 1 }]);
    await using reader = opened(path, { readOnly: true, retentionMs: 0, pruneEveryMs: 1 });
    await owner.publish('t', [{ key: 'k', value: '1' }]);
    await owner.publish('t', [{ key: 'k', value: '2' }]);
    expect(await reader.read('t', 0, 0n, 10)).toHaveLength(2);
    expect(await reader.lag('anybody', ['t'])).toBe(2n);
    await expect(reader.publish('t', [{ key: 'k', value: '3' }])).rejects.toMatchObject({ name: 'BusError' });
    await expect(reader.publish('t', [{ key: 'k', value: '3' }])).rejects.toThrow('readonly');
    expect(await owner.read('t', 0, 0n, 10)).toHaveLength(2);
  });

  test('a path that cannot be opened is refused by name', () => {
    const path = join(folder, 'missing', 'bus.sqlite');
    expect(() => openSqliteMessageBus(path)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    expect(() => openSqliteMessageBus(path)).toThrow(path);
  });
});

function opened(...parameters: Parameters<typeof openSqliteMessageBus>) {
  const bus = openSqliteMessageBus(...parameters);
  return Object.assign(bus, { [Symbol.asyncDispose]: () => bus.close() });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + WAIT_MS;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`Waited ${WAIT_MS} ms in vain for ${condition.toString()}`);
    await sleep(5);
  }
}
