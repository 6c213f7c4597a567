// The contract on a real KurrentDB or EventStoreDB server; without one the suite is skipped by name.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
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

  test('a server that was away at the first read is read from as soon as it is back', async () => {
    const { hostname, port } = new URL(url.replace(/^\w+(?=:)/, 'http'));
    const door = doorTo(hostname, Number(port || '2113'));
    const behindDoor = await door.listen(0);
    await door.close();
    const store = openKurrentDbEventStore(`kurrentdb://127.0.0.1:${behindDoor}?tls=false`);
    expect(await codeOf(store.ping())).toBe('unavailable');
    await door.listen(behindDoor);
    await store.ping();
    await store.close();
    await door.close();
  });
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

/** A port that leads to the server while it is open. */
function doorTo(host: string, port: number): { listen(at: number): Promise<number>; close(): Promise<void> } {
  const sockets = new Set<Socket>();
  const door = createServer((socket) => {
    const behind = connect(port, host);
    socket.pipe(behind).pipe(socket);
    for (const one of [socket, behind]) {
      sockets.add(one);
      one.on('error', () => one.destroy()).on('close', () => sockets.delete(one));
    }
  });
  return {
    listen: (at) =>
      new Promise((resolve, reject) => {
        door.once('error', reject).listen(at, '127.0.0.1', () => resolve((door.address() as AddressInfo).port));
      }),
    close: () =>
      new Promise((resolve) => {
        door.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
