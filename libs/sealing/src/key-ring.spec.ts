// Sealing, main step: what the sealed string promises, on a file in a temporary folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openKeyRing } from './key-ring.js';
import type { KeyRing } from './key-ring.js';
import { openKeyStore } from './key-store.js';
import type { KeyStore } from './key-store.js';

describe('a sealed string', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealing-'));
  let store: KeyStore;
  let ring: KeyRing;
  const ids = ['2026-01', '2026-02'].flatMap((month) => ['t', 'u'].map((tenant) => ({ tenant, month })));

  beforeAll(async () => {
    store = await openKeyStore(`sqlite:${join(folder, 'keys.db')}`);
    ring = openKeyRing(store);
    await ring.prepare(ids);
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  test('is the same for the same content in another order of fields, and another for other content', () => {
    const seal = (parties: object) => ring.seal('t', '2026-01', 'k', parties);
    const sealed = seal({ called: '+1', calling: '+2', deep: [{ b: 1, a: null }] });
    expect(seal({ deep: [{ a: null, b: 1 }], calling: '+2', called: '+1', user: undefined })).toBe(sealed);
    const others = [
      seal({ called: '+1', calling: '+3', deep: [{ b: 1, a: null }] }),
      ring.seal('t', '2026-01', 'l', { called: '+1', calling: '+2', deep: [{ b: 1, a: null }] }),
    ];
    const nonces = [sealed, ...others].map((one) => one.slice(11, 27));
    expect(new Set(nonces).size).toBe(3);
  });

  test('opens to what was sealed, whatever the fields are called', async () => {
    for (const parties of [{}, { '': '' }, JSON.parse('{"__proto__":{"admin":true}}') as object, { n: [1, 'ü', { x: [] }] }]) {
      const sealed = ring.seal('t', '2026-01', 'k', parties);
      expect(JSON.stringify(await ring.unseal('t', 'k', sealed))).toBe(JSON.stringify(parties));
    }
  });

  test('does not open altered, or under another tenant, month or business key', async () => {
    const sealed = ring.seal('t', '2026-01', 'k', { called: '+1' });
    const tampered = { code: 'tampered', retryable: false };
    await expect(ring.unseal('u', 'k', sealed)).rejects.toMatchObject(tampered);
    await expect(ring.unseal('t', 'l', sealed)).rejects.toMatchObject(tampered);
    await expect(ring.unseal('t', 'k', sealed.replace('2026-01', '2026-02'))).rejects.toMatchObject(tampered);
    const bytes = Buffer.from(sealed.slice(11), 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at]! ^= 1;
      await expect(ring.unseal('t', 'k', `v1.2026-01.${altered.toString('base64url')}`)).rejects.toMatchObject(tampered);
    }
  });

  test.each(['', 'v1', 'v1.2026-01.', 'v2.2026-01.erased', 'v1.2026-13.erased', 'v1.2026-01.AAAA', 'v1.2026-01.era$ed'])(
    '%p is malformed',
    async (sealed) => {
      await expect(ring.unseal('t', 'k', sealed)).rejects.toMatchObject({ code: 'malformed' });
    },
  );

  test('needs a key that was prepared, and a key that was ever made', async () => {
    expect(() => ring.seal('new', '2026-01', 'k', {})).toThrow(expect.objectContaining({ code: 'not-prepared' }));
    const sealed = ring.seal('t', '2026-01', 'k', {});
    await expect(ring.unseal('new', 'k', sealed)).rejects.toMatchObject({ code: 'key-missing' });
    await expect(ring.prepare([{ tenant: 't', month: '2026-1' }])).rejects.toThrow('YYYY-MM, not 2026-1');
    await expect(ring.destroy('t', 'today', 'zoe')).rejects.toThrow('YYYY-MM, not today');
  });

  test('a batch with more keys than the ring keeps is refused', async () => {
    const many = Array.from({ length: 10_001 }, (_, n) => ({ tenant: `many-${n}`, month: '2026-01' }));
    await expect(ring.prepare(many)).rejects.toMatchObject({ code: 'too-many-keys' });
  });
});
