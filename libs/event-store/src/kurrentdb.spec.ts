// The contract on a real KurrentDB or EventStoreDB server; without one the suite is skipped by name.

import { describe, expect, test } from '@jest/globals';
import { codeOf, someEvents } from './contract-tools.js';
import { eventStoreContract } from './contract.js';
import { NO_STREAM } from './event-store.js';
import { findKurrentDb } from './kurrentdb-server.js';
import { openKurrentDbEventStore } from './kurrentdb.js';

const server = await findKurrentDb();

if (server.url !== undefined) {
  const { url } = server;
  eventStoreContract('event store on KurrentDB', async () => openKurrentDbEventStore(url));
} else if (server.required) {
  test('KurrentDB is required by REQUIRE_ENGINES', () => {
    throw new Error(server.reason);
  });
} else {
  describe.skip(`KurrentDB (skipped: ${server.reason})`, () => {
    test('the contract', () => undefined);
  });
}

describe('without a server', () => {
  test('nothing was written, and that is certain', async () => {
    const store = openKurrentDbEventStore('esdb://127.0.0.1:1?tls=false');
    expect(await codeOf(store.append('a-1', NO_STREAM, someEvents(1)))).toBe('unavailable');
    expect(await codeOf(store.ping())).toBe('unavailable');
    await store.close();
  });
});
