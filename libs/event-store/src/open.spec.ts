// Which address opens which store.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openEventStore } from './open.js';

test('an address names its engine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'event-store-'));
  const kinds: Readonly<Record<string, string>> = {
    'memory:': 'memory',
    [`sqlite:${join(folder, 'events.db')}`]: 'sqlite',
    'kurrentdb://127.0.0.1:2113?tls=false': 'kurrentdb',
    'kurrentdb+discover://127.0.0.1:2113?tls=false': 'kurrentdb',
    'esdb://127.0.0.1:2113?tls=false': 'kurrentdb',
  };
  for (const [url, kind] of Object.entries(kinds)) {
    const store = openEventStore(url);
    expect(store.kind).toBe(kind);
    await store.close();
  }
  rmSync(folder, { recursive: true });
});

test.each(['', 'postgres://user:secret@db/x', 'sqlite:', 'memory', '/var/lib/events.db'])(
  '%j is refused with the choices, and no password',
  (url) => {
    const open = (): unknown => openEventStore(url);
    expect(open).toThrow(/memory:, sqlite:PATH, or kurrentdb:/);
    expect(open).not.toThrow(/secret/);
  },
);
