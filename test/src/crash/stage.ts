// Crash test's stage: engines come in; topics, settings and the programs as processes, supervised, go out.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEventStore } from '@tollkeeper/event-store';
import { openMessageBus } from '@tollkeeper/message-bus';
import { useDeck } from '../stage/decks.js';
import type { ProgramName } from '../stage/programs.js';
import { freePort, type Engines } from './engines.js';
import type { Places } from './read-back.js';
import { rateDeckCsv } from './reference-price.js';
import { Supervised, type SupervisorWatch } from './supervisor.js';
import { SOURCES } from './switches.js';

/** The simulator first, because the others ask it. */
const INSTANCES: readonly (readonly [ProgramName, string])[] = [
  ['simulator', 'simulator'],
  ['rating', 'rating-1'],
  ['rating', 'rating-2'],
  ['projections', 'projections'],
  ['payments', 'payments-1'],
  ['payments', 'payments-2'],
  ['api', 'api'],
];
const PARTITIONS = 6;
const MAX_CDR_MESSAGE_BYTES = 1_048_588;

export type Stage = { readonly supervised: readonly Supervised[]; readonly places: Places; readonly apiUrl: string };

export async function setStage(engines: Engines, folder: string, tenantPrefix: string, watch: SupervisorWatch): Promise<Stage> {
  const { brokers, databaseUrl, eventStoreUrl } = engines;
  const topics = await makeTopics(brokers, tenantPrefix);
  const eventStore = openEventStore(eventStoreUrl);
  await useDeck(eventStore, rateDeckCsv());
  await eventStore.close();
  const ports = new Map<string, number>();
  for (const [, id] of INSTANCES) ports.set(id, await freePort());
  const urlOf = (id: string): string => `http://127.0.0.1:${ports.get(id)}`;
  const env = environmentOf(engines, folder, topics, urlOf('simulator'));
  const supervised = INSTANCES.map(([program, id]) => {
    const port = ports.get(id) ?? 0;
    const own = { HEALTH_PORT: String(port), API_PORT: String(port), CONSUMER_GROUP: `${tenantPrefix}${program}` };
    const args = program === 'simulator' ? ['--port', String(port), '--data', join(folder, 'payments.ndjson')] : [];
    return new Supervised({ id, program, port, args, env: { ...env, ...own }, logFile: join(folder, `${id}.log`) }, watch);
  });
  const places = { brokers, databaseUrl, eventStoreUrl, simulatorUrl: urlOf('simulator'), topics, tenantPrefix };
  return { supervised, places, apiUrl: urlOf('api') };
}

type Topics = Places['topics'] & { readonly parked: string; readonly rechargeDeadLetters: string };

async function makeTopics(brokers: string, prefix: string): Promise<Topics> {
  const topics = {
    cdrs: `${prefix}cdr`,
    deadLetters: `${prefix}cdr.dlt`,
    parked: `${prefix}cdr.parked`,
    balanceEvents: `${prefix}balance`,
    alerts: `${prefix}alert`,
    rechargeCommands: `${prefix}recharge-command`,
    rechargeDeadLetters: `${prefix}recharge-command.dlt`,
  };
  const bus = openMessageBus(brokers, { clientId: 'crash-stage' });
  await bus.ensureTopics(
    Object.values(topics).map((name) => {
      const isPutAside = name === topics.deadLetters || name === topics.parked;
      return { name, partitions: PARTITIONS, maxMessageBytes: MAX_CDR_MESSAGE_BYTES * (isPutAside ? 2 : 1) };
    }),
  );
  await bus.close();
  return topics;
}

function environmentOf(engines: Engines, folder: string, topics: Topics, gatewayUrl: string): Readonly<Record<string, string>> {
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const snapshots = join(folder, 'snapshots');
  mkdirSync(snapshots, { recursive: true });
  return {
    PATH: process.env['PATH'] ?? '',
    KAFKA_BROKERS: engines.brokers,
    DATABASE_URL: engines.databaseUrl,
    KURRENTDB_URL: engines.eventStoreUrl,
    SOURCES_FILE: write('sources.json', JSON.stringify(SOURCES)),
    CDR_TOPIC: topics.cdrs,
    DEAD_LETTER_TOPIC: topics.deadLetters,
    PARKED_TOPIC: topics.parked,
    BALANCE_TOPIC: topics.balanceEvents,
    ALERT_TOPIC: topics.alerts,
    RECHARGE_COMMAND_TOPIC: topics.rechargeCommands,
    SNAPSHOT_DIR: snapshots,
    PAYMENT_GATEWAY_URL: gatewayUrl,
    // Small sums cross triggers and thresholds often.
    MINIMUM_PURCHASE: 'EUR=0,USD=0',
    // Short, so that a lost answer and what a death leaves behind are taken up within the run.
    GATEWAY_TIMEOUT_MS: '1000',
    SWEEP_INTERVAL_MS: '2000',
  };
}
