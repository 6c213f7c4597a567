// Everything the embedded program keeps in its folder, opened: the three engines, the sealing keys, the payment simulator.

import { startSimulator, type Simulator } from '@tollkeeper/app-payments';
import type { Tables } from '@tollkeeper/read-models';
import { fileSnapshots, openEventStore, StreamWriter, type EventStore } from '@tollkeeper/event-store';
import {
  accountFromSnapshot,
  ledgerDecider,
  snapshotOf,
  tenantOf,
  type Account,
  type LedgerCommand,
  type LedgerEvent,
  type LedgerRejection,
} from '@tollkeeper/ledger';
import { openMessageBus, type MessageBus, type TopicSpec } from '@tollkeeper/message-bus';
import { openReadStore, type ReadStore } from '@tollkeeper/read-store';
import { openKeyRing, openKeyStore, type KeyRing } from '@tollkeeper/sealing';
import type { DataFolder } from './data-folder.js';

export type LedgerWriter = StreamWriter<Account, LedgerCommand, LedgerEvent, LedgerRejection>;

export type Engines = {
  readonly eventStore: EventStore;
  readonly writer: LedgerWriter;
  readonly bus: MessageBus;
  readonly readStore: ReadStore<Tables>;
  readonly ring: KeyRing;
  readonly simulator: Simulator;
  close(): Promise<void>;
};

export const TOPICS = {
  cdr: 'telephony.cdr.v1',
  deadLetters: 'telephony.cdr.v1.dlt',
  parked: 'telephony.cdr.v1.parked',
  balance: 'credit.balance.v1',
  alert: 'credit.alert.v1',
  rechargeCommand: 'credit.recharge-command.v1',
  rechargeCommandDeadLetters: 'credit.recharge-command.v1.dlt',
} as const;

const PARTITIONS = 4;
const MAX_CDR_MESSAGE_BYTES = 1_048_588;
const MAX_CACHED_ACCOUNTS = 10_000;

export async function openEngines(folder: DataFolder, onConflict: () => void): Promise<Engines> {
  const eventStore = openEventStore(`sqlite:${folder.events}`);
  const bus = openMessageBus(`sqlite:${folder.bus}`, { clientId: 'standalone' });
  await bus.ensureTopics(Object.values(TOPICS).map(topicSpec));
  const readStore = await openReadStore<Tables>(`sqlite:${folder.readModels}`);
  const keyStore = await openKeyStore(`sqlite:${folder.keys}`, { masterKey: process.env['SEALING_MASTER_KEY'] });
  const simulator = await startSimulator({ host: '127.0.0.1', port: 0, file: folder.payments });
  const writer = new StreamWriter({
    store: eventStore,
    decider: ledgerDecider,
    maxCachedStreams: MAX_CACHED_ACCOUNTS,
    snapshots: fileSnapshots(folder.snapshots, snapshotOf, (stream, bytes) => accountFromSnapshot(tenantOf(stream), bytes)),
    onConflict,
  });
  return {
    eventStore,
    writer,
    bus,
    readStore,
    ring: openKeyRing(keyStore),
    simulator,
    async close() {
      await writer.close();
      await Promise.all([eventStore.close(), bus.close(), readStore.close(), keyStore.close(), simulator.close()]);
    },
  };
}

function topicSpec(name: string): TopicSpec {
  const isPutAside = name === TOPICS.deadLetters || name === TOPICS.parked;
  if (!isPutAside) return { name, partitions: PARTITIONS, maxMessageBytes: MAX_CDR_MESSAGE_BYTES };
  return { name, partitions: PARTITIONS, maxMessageBytes: 2 * MAX_CDR_MESSAGE_BYTES, retentionMs: Infinity };
}
