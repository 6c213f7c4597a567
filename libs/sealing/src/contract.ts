// Sealing, contract: one suite for key rings on every key store.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KEY_LIFETIME_MS, KEY_REFRESH_MS, openKeyRing, STANDING_MONTH } from './key-ring.js';
import { openKeyStore } from './key-store.js';
import type { KeyStore } from './key-store.js';

/** A place without tables: a new file, or a schema of its own. */
export type EmptyPlace = { readonly url: string; remove(): Promise<void> };

const parties = { calling: '+4930123456', called: '+33612345678', user: 'u-1', displayName: 'Jörg 😀' };

export function sealingContract(engine: string, createPlace: () => Promise<EmptyPlace>): void {
  describe(`sealing contract: ${engine}`, () => {
    let place: EmptyPlace;
    let store: KeyStore;
    let other: KeyStore;
    let tenants = 0;
    const newTenant = () => `tenant-${(tenants += 1)} 'Zoë'`;

    beforeAll(async () => {
      place = await createPlace();
      [store, other] = await Promise.all([openKeyStore(place.url), openKeyStore(place.url)]);
    });
    afterAll(async () => {
      await Promise.all([store.close(), other.close()]);
      await place.remove();
    });

    test('another program with the same store opens what was sealed, and seals it to the same bytes', async () => {
      const id = { tenant: newTenant(), month: '2026-03' };
      const [ring, otherRing] = [openKeyRing(store), openKeyRing(other)];
      await ring.prepare([id, id, { ...id, month: '2026-04' }]);
      const sealed = ring.seal(id.tenant, id.month, 'key-1', parties);
      expect(sealed).toMatch(/^v1\.2026-03\.[A-Za-z0-9_-]+$/);
      expect(Buffer.from(sealed.slice(11), 'base64url').includes('4930')).toBe(false);
      expect(await otherRing.unseal(id.tenant, 'key-1', sealed)).toEqual(parties);
      await otherRing.prepare([id]);
      expect(otherRing.seal(id.tenant, id.month, 'key-1', parties)).toBe(sealed);
    });

    test('programs that need a new key at once get the same', async () => {
      const ids = Array.from({ length: 200 }, () => ({ tenant: newTenant(), month: '2026-03' }));
      const rings = [store, other, store, other].map((keyStore) => openKeyRing(keyStore));
      await Promise.all(rings.map((ring, n) => ring.prepare(n % 2 === 0 ? ids : ids.toReversed())));
      for (const { tenant, month } of ids) {
        expect(new Set(rings.map((ring) => ring.seal(tenant, month, 'k', parties))).size).toBe(1);
      }
      expect(new Set(ids.map(({ tenant, month }) => rings[0]!.seal(tenant, month, 'k', parties))).size).toBe(ids.length);
    });

    test('a pseudonym is the same in every program, tells nothing, and outlives the erasing of months', async () => {
      const [tenant, stranger] = [newTenant(), newTenant()];
      const ids = [tenant, stranger].map((name) => ({ tenant: name, month: STANDING_MONTH }));
      const [ring, otherRing] = [openKeyRing(store), openKeyRing(other)];
      await Promise.all([ring.prepare(ids), otherRing.prepare(ids)]);
      const pseudonym = ring.pseudonym(tenant, 'joerg@acme.example');
      expect(pseudonym).toMatch(/^u-[A-Za-z0-9_-]{22}$/);
      await ring.destroy(tenant, '2199-12', 'zoe');
      await ring.prepare(ids);
      expect([ring.pseudonym(tenant, 'joerg@acme.example'), otherRing.pseudonym(tenant, 'joerg@acme.example')]).toEqual([
        pseudonym,
        pseudonym,
      ]);
      expect(ring.pseudonym(stranger, 'joerg@acme.example')).not.toBe(pseudonym);
      expect(ring.pseudonym(tenant, 'zoe@acme.example')).not.toBe(pseudonym);
      expect(() => openKeyRing(store).pseudonym(tenant, 'x')).toThrow('call prepare');
    });

    test('a destroyed key erases its months and is never made again, in this program and in others', async () => {
      const tenant = newTenant();
      const ids = ['2026-01', '2026-02', '2026-03'].map((month) => ({ tenant, month }));
      let nowMs = 0;
      const ring = openKeyRing(store);
      const otherRing = openKeyRing(other, { nowMs: () => nowMs });
      await ring.prepare(ids);
      const sealed = ids.map(({ month }) => ring.seal(tenant, month, 'k', parties));
      const unsealed = (by: typeof ring) => Promise.all(sealed.map((one) => by.unseal(tenant, 'k', one)));
      expect(await unsealed(otherRing)).toEqual([parties, parties, parties]);

      expect(await ring.destroy(tenant, '2026-03', 'zoe')).toBe(2);
      expect(await ring.destroy(tenant, '2026-02', 'zoe')).toBe(0);
      expect(await store.destructions(tenant)).toEqual([
        { beforeMonth: '2026-03', author: 'zoe', at: expect.stringMatching(/^2/) },
        { beforeMonth: '2026-02', author: 'zoe', at: expect.stringMatching(/^2/) },
      ]);
      expect(await unsealed(ring)).toEqual(['erased', 'erased', parties]);
      nowMs = KEY_REFRESH_MS + 1;
      expect(await unsealed(otherRing)).toEqual(['erased', 'erased', parties]);

      await Promise.all([ring.prepare(ids), otherRing.prepare([...ids, { tenant, month: '2025-12' }])]);
      expect(ring.seal(tenant, '2026-01', 'k', parties)).toBe('v1.2026-01.erased');
      expect(otherRing.seal(tenant, '2025-12', 'k', parties)).toBe('v1.2025-12.erased');
      expect(await ring.unseal(tenant, 'k', 'v1.2026-01.erased')).toBe('erased');
      expect(ring.seal(tenant, '2026-03', 'k', parties)).toBe(sealed[2]);
      expect(await store.load(ids)).toEqual(['destroyed', 'destroyed', expect.anything()]);
    });

    test("one tenant's destruction leaves the others", async () => {
      const [first, second] = [newTenant(), newTenant()];
      const ring = openKeyRing(store);
      await ring.prepare([first, second].map((tenant) => ({ tenant, month: '2026-01' })));
      const sealed = ring.seal(second, '2026-01', 'k', parties);
      await ring.destroy(first, '2026-12', 'zoe');
      expect(await openKeyRing(store).unseal(second, 'k', sealed)).toEqual(parties);
    });

    test('keys made while they are destroyed do not outlive the destruction', async () => {
      const tenant = newTenant();
      const ids = Array.from({ length: 9 }, (_, n) => ({ tenant, month: `2026-0${n + 1}` }));
      await Promise.all([store.createMissing(ids), other.destroy(tenant, '2027-01', 'zoe'), store.createMissing(ids)]);
      expect(new Set(await store.load(ids))).toEqual(new Set(['destroyed']));
    });

    test('a key that is too old is not used', async () => {
      const id = { tenant: newTenant(), month: '2026-01' };
      let nowMs = 0;
      const ring = openKeyRing(store, { nowMs: () => nowMs });
      await ring.prepare([id]);
      nowMs = KEY_LIFETIME_MS;
      ring.seal(id.tenant, id.month, 'k', parties);
      nowMs = KEY_LIFETIME_MS + 1;
      const seal = () => ring.seal(id.tenant, id.month, 'k', parties);
      expect(seal).toThrow(expect.objectContaining({ code: 'not-prepared', retryable: true }));
      await ring.prepare([id]);
      seal();
    });
  });

  describe(`master key: ${engine}`, () => {
    let place: EmptyPlace;
    beforeAll(async () => void (place = await createPlace()));
    afterAll(() => place.remove());

    test('keys are stored wrapped, and opening with another or no master key is refused', async () => {
      const id = { tenant: 't', month: '2026-01' };
      const masterKey = randomBytes(32).toString('base64');
      const wrapping = await openKeyStore(place.url, { masterKey });
      const ring = openKeyRing(wrapping);
      await ring.prepare([id]);
      const sealed = ring.seal('t', '2026-01', 'k', parties);
      await wrapping.close();

      const wrong = randomBytes(32).toString('base64');
      await expect(openKeyStore(place.url, { masterKey: wrong })).rejects.toMatchObject({
        code: 'master-key-wrong',
        retryable: false,
      });
      await expect(openKeyStore(place.url)).rejects.toMatchObject({ code: 'master-key-missing' });
      for (const malformed of ['', 'short', masterKey.slice(1), `${masterKey}x`]) {
        await expect(openKeyStore(place.url, { masterKey: malformed })).rejects.toMatchObject({ code: 'master-key-malformed' });
      }
      const again = await openKeyStore(place.url, { masterKey });
      expect(await openKeyRing(again).unseal('t', 'k', sealed)).toEqual(parties);
      await again.close();
      await again.close();
    });
  });
}
