// Users and their pseudonyms, on keys in a folder.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openKeyRing, openKeyStore, type KeyRing, type KeyStore } from '@tollkeeper/sealing';
import { faultOfIdentity, identityOf } from './identity.js';
import { nameOf, personOf, prepareNames, pseudonymOf, type Person } from './person.js';
import { openRecipients, sealRecipients } from './recipients.js';

const folder = mkdtempSync(join(tmpdir(), 'people-'));
let store: KeyStore;
let ring: KeyRing;
beforeAll(async () => {
  store = await openKeyStore(`sqlite:${join(folder, 'keys.db')}`);
  ring = openKeyRing(store);
  for (const tenant of ['acme', 'other', 'gone']) await prepareNames(ring, tenant);
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

test('one user is one identity however it is written', () => {
  expect([' Anna@Contoso.com', 'ANNA@CONTOSO.COM ', 'anna@contoso.com'].map(identityOf)).toEqual(
    Array.from({ length: 3 }, () => 'anna@contoso.com'),
  );
  expect(identityOf('Zoe\u0308')).toBe('zoë');
});

test.each([
  ['', 'blank'],
  ['  ', 'blank'],
  ['a\u0000b', 'control character'],
  ['a'.repeat(257), '256'],
])('%j is no identity', (text, fault) => expect(faultOfIdentity(text)).toContain(fault));

test('a pseudonym is the same for a user of a tenant, another elsewhere, and opens to the name again', async () => {
  const person = personOf(ring, 'acme', 'Anna@contoso.com') as Person;
  expect(person).toEqual(personOf(ring, 'acme', ' anna@contoso.COM'));
  expect(person.user).toBe(pseudonymOf(ring, 'acme', 'ANNA@contoso.com'));
  expect(person.user).not.toBe(pseudonymOf(ring, 'other', 'anna@contoso.com'));
  expect(JSON.stringify(person)).not.toContain('anna');
  expect(await nameOf(ring, 'acme', person)).toBe('anna@contoso.com');
});

const RECIPIENTS = { addresses: ['anna@contoso.com'], language: 'fr' } as const;

test('recipients are sealed to the same text, and opened again', async () => {
  const sealed = sealRecipients(ring, 'acme', RECIPIENTS) ?? '';
  expect(sealed).toBe(sealRecipients(ring, 'acme', { language: 'fr', addresses: ['anna@contoso.com'] }));
  expect(sealed).not.toContain('contoso');
  expect(await openRecipients(ring, 'acme', sealed)).toEqual(RECIPIENTS);
});

test('a tenant whose key was destroyed has no names any more', async () => {
  const person = personOf(ring, 'gone', 'anna') as Person;
  const sealedBefore = sealRecipients(ring, 'gone', RECIPIENTS) ?? '';
  await store.destroy('gone', '9999-13', 'test');
  const later = openKeyRing(store);
  await prepareNames(later, 'gone');
  expect(personOf(later, 'gone', 'anna')).toBeUndefined();
  expect(sealRecipients(later, 'gone', RECIPIENTS)).toBeUndefined();
  expect(await openRecipients(later, 'gone', sealedBefore)).toBeUndefined();
  expect(await nameOf(later, 'gone', person)).toBeNull();
});
