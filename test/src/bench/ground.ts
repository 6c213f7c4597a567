// Bench, what it stands on: the environment comes in; engines, names of the run's own and programs that use them go out.

import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { NO_STREAM, openEventStore, type EventStore } from '@tollkeeper/event-store';
import { DEFAULT_MAX_MESSAGE_BYTES, openMessageBus, type MessageBus } from '@tollkeeper/message-bus';
import { MIN_INSTANT_MS } from '@tollkeeper/rating';
import { availablePort, createSchema } from '@tollkeeper/testing';
import { useDeck } from '../stage/decks.js';
import { spawnProgram, type Program, type ProgramName } from '../stage/programs.js';
import { openAccounts, publishAll } from './filling.js';
import { progress } from './progress.js';
import { PARTITIONS, type Sizes } from './sizes.js';
import { CURRENCY, deckCsv, sourcesJson, workload, type Shape, type Workload } from './workload.js';

export type Ground = {
  readonly run: string;
  readonly sizes: Sizes;
  readonly nowMs: number;
  readonly folder: string;
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly eventStoreUrl: string;
  /** `KurrentDB`, or `SQLite` where no address of one was given. */
  readonly eventStoreName: string;
  readonly eventStore: EventStore;
  readonly bus: MessageBus;
  /** Where the store ended before the run wrote to it. */
  readonly startPosition: bigint;
  /** Opens the accounts of a workload and publishes its CDRs on a topic of its own. */
  fill(shape: Shape, count: number): Promise<Filled>;
  topic(name: string, factor?: number): Promise<string>;
  /** A database of its own, as its URL. */
  schema(): Promise<string>;
  /** Appends an event of the bench's own: what is appended later stands after its position. */
  mark(): Promise<bigint>;
  start(name: ProgramName, env: Readonly<Record<string, string>>): Promise<Program>;
  close(): Promise<void>;
};

export type Filled = {
  readonly name: string;
  readonly shape: Shape;
  readonly topic: string;
  readonly count: number;
  readonly workload: Workload;
};

/**
 * Without a bound V8 goes by the memory of the machine and lets garbage lie: 400 MiB and more, and longer pauses. With this one
 * a program stays under 300 MiB; collecting more often takes it about a fifth more CPU time under full load.
 */
export const HEAP_BOUNDS = '--max-old-space-size=400 --max-semi-space-size=16';

export type GroundAddresses = {
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly kurrentDbUrl: string | undefined;
};

export async function openGround(
  { brokers, databaseUrl, kurrentDbUrl }: GroundAddresses,
  sizes: Sizes,
  folder: string,
): Promise<Ground> {
  const run = `bench${Date.now().toString(36)}`;
  const eventStoreUrl = kurrentDbUrl ?? `sqlite:${join(folder, 'events.sqlite')}`;
  const eventStore = openEventStore(eventStoreUrl);
  const bus = openMessageBus(brokers, { clientId: 'bench' });
  const schemas: { drop(): Promise<void> }[] = [];
  const schema = async (): Promise<string> => {
    const made = await createSchema(databaseUrl);
    schemas.push(made);
    return made.url;
  };
  const ownUrl = await schema();
  let marks = 0;
  const mark = (): Promise<bigint> => appendMark(eventStore, run, marks++);
  const topics: string[] = [];
  const programs: Program[] = [];
  const nowMs = Date.now();
  await useDeck(eventStore, deckCsv(), MIN_INSTANT_MS, CURRENCY);
  const topic = async (name: string, factor = 1): Promise<string> => {
    const full = `${run}-${name}`;
    await bus.ensureTopics([{ name: full, partitions: PARTITIONS, maxMessageBytes: factor * DEFAULT_MAX_MESSAGE_BYTES }]);
    topics.push(full);
    return full;
  };
  return {
    run,
    sizes,
    nowMs,
    folder,
    brokers,
    databaseUrl: ownUrl,
    eventStoreUrl,
    eventStoreName: kurrentDbUrl === undefined ? 'SQLite' : 'KurrentDB',
    eventStore,
    bus,
    startPosition: await mark(),
    schema,
    mark,
    topic,
    async fill(shape, count) {
      const name = `${run}${shape}${topics.length}`;
      progress(`publishing ${count} CDRs, ${shape === 'hot' ? 'one tenant' : 'many tenants'}`);
      const full = await topic(`${shape}-${topics.length}`);
      const load = workload(name, shape, nowMs);
      await openAccounts(eventStore, load.tenants, nowMs);
      await publishAll(bus, full, load, count);
      return { name, shape, topic: full, count, workload: load };
    },
    async start(name, env) {
      const port = await availablePort();
      const logFile = join(folder, `${name}-${programs.length}.log`);
      const addresses = { KAFKA_BROKERS: brokers, KURRENTDB_URL: eventStoreUrl, DATABASE_URL: ownUrl };
      const around = {
        PATH: process.env['PATH'] ?? '',
        LOG_LEVEL: 'warn',
        NODE_OPTIONS: HEAP_BOUNDS,
        HEALTH_PORT: String(port),
        API_PORT: String(port),
      };
      const program = spawnProgram(name, { env: { ...addresses, ...around, ...env }, port, logFile });
      programs.push(program);
      return program;
    },
    async close() {
      await Promise.all(programs.map((program) => (program.hasExited() ? undefined : program.kill())));
      await Promise.all([bus.close(), eventStore.close()]);
      for (const made of schemas) await made.drop();
      await deleteTopics(brokers, topics);
    },
  };
}

/** Files that the rating program is given for a topic. */
export function ratingFiles({ folder }: Ground, topic: string): Readonly<Record<string, string>> {
  const sources = join(folder, `sources-${topic}.json`);
  writeFileSync(sources, sourcesJson(topic));
  return { SOURCES_FILE: sources };
}

async function appendMark(store: EventStore, run: string, marks: number): Promise<bigint> {
  const marked = { id: randomUUID(), type: 'BenchMarked.v1', data: {}, metadata: {} };
  return (await store.append(`bench-${run}`, NO_STREAM + marks, [marked])).position;
}

async function deleteTopics(brokers: string, topics: readonly string[]): Promise<void> {
  const admin = new kafkajs.Kafka({ clientId: 'bench', brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  if (topics.length > 0) await admin.deleteTopics({ topics: [...topics] });
  await admin.disconnect();
}
