// Sealing on SQLite: the contract, and what is left in the file.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sealingContract } from './contract.js';
import { openKeyStore } from './key-store.js';

const newFolder = () => mkdtempSync(join(tmpdir(), 'sealing-'));

sealingContract('SQLite', async () => {
  const folder = newFolder();
  return { url: `sqlite:${join(folder, 'keys.db')}`, remove: async () => rmSync(folder, { recursive: true }) };
});

test("a destroyed key is no longer in the store's files", async () => {
  const folder = newFolder();
  const store = await openKeyStore(`sqlite:${join(folder, 'keys.db')}`);
  const id = { tenant: 't', month: '2026-01' };
  await store.createMissing([id]);
  const [key] = await store.load([id]);
  const holdsKey = () =>
    readdirSync(folder).some((file) => readFileSync(join(folder, file)).includes(Buffer.from(key as Uint8Array)));
  expect(holdsKey()).toBe(true);
  await store.destroy('t', '2026-02', 'zoe');
  expect(holdsKey()).toBe(false);
  await store.close();
  rmSync(folder, { recursive: true });
});

test('opened for reading only, it gives keys beside the program that owns the file, and takes none', async () => {
  const folder = newFolder();
  const url = `sqlite:${join(folder, 'keys.db')}`;
  await expect(openKeyStore(url, { readOnly: true })).rejects.toMatchObject({ code: 'unavailable' });
  const owner = await openKeyStore(url);
  const id = { tenant: 't', month: '2026-01' };
  await owner.createMissing([id]);
  const reader = await openKeyStore(url, { readOnly: true });
  expect(await reader.load([id])).toEqual(await owner.load([id]));
  await expect(reader.createMissing([{ tenant: 't', month: '2026-02' }])).rejects.toThrow('readonly');
  await owner.destroy('t', '2026-02', 'zoe');
  expect(await reader.load([id])).toEqual(['destroyed']);
  await reader.close();
  await owner.close();
  rmSync(folder, { recursive: true });
});

test('a store that cannot be reached is unavailable, and a URL that is none is refused', async () => {
  await expect(openKeyStore('sqlite:/no/such/folder/keys.db')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await expect(openKeyStore('postgres://u@127.0.0.1:1/db')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await expect(openKeyStore('file:keys.db')).rejects.toThrow('must be sqlite:PATH');
});
