// Bench, the engines of one process: a folder comes in, or none for memory; a bus full of CDRs, a store with accounts and
// the sealing keys go out.

import { join } from 'node:path';
import { openEventStore } from '@tollkeeper/event-store';
import { DEFAULT_MAX_MESSAGE_BYTES, openMessageBus } from '@tollkeeper/message-bus';
import { openKeyStore } from '@tollkeeper/sealing';
import { EMBEDDED_TOPICS, type RatingEngines } from './embedded-rating.js';
import { openAccounts, publishAll } from './filling.js';
import type { Workload } from './workload.js';

/** As standalone makes them. */
const EMBEDDED_PARTITIONS = 4;

export type EmbeddedEngines = RatingEngines & { close(): Promise<void> };

export async function openEmbedded(
  folder: string,
  durable: boolean,
  load: Workload,
  count: number,
  nowMs: number,
): Promise<EmbeddedEngines> {
  const address = (file: string): string => (durable ? `sqlite:${join(folder, file)}` : 'memory:');
  const bus = openMessageBus(address('bus.sqlite'), { clientId: 'bench' });
  const eventStore = openEventStore(address('events.sqlite'));
  const keyStore = await openKeyStore(`sqlite:${join(folder, 'keys.sqlite')}`);
  const names = Object.values(EMBEDDED_TOPICS);
  const twice = new Set<string>([EMBEDDED_TOPICS.deadLetters, EMBEDDED_TOPICS.parked]);
  const bytesOf = (name: string): number => (twice.has(name) ? 2 : 1) * DEFAULT_MAX_MESSAGE_BYTES;
  await bus.ensureTopics(names.map((name) => ({ name, partitions: EMBEDDED_PARTITIONS, maxMessageBytes: bytesOf(name) })));
  await openAccounts(eventStore, load.tenants, nowMs);
  await publishAll(bus, EMBEDDED_TOPICS.cdr, load, count);
  return {
    eventStore,
    bus,
    keyStore,
    async close() {
      await Promise.all([bus.close(), eventStore.close(), keyStore.close()]);
    },
  };
}
