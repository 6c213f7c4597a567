// Crash test's eyes: the engines come in; what stands in them goes out as it is, read by the engines' own clients.

import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { FORWARDS, KurrentDBClient, START, streamNameFilter } from '@kurrent/kurrentdb-client';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import {
  TABLES,
  type Observed,
  type SeenMessage,
  type SeenPayment,
  type SeenRow,
  type StoredEvent,
  type TableName,
} from './observed.js';

export type Places = {
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly eventStoreUrl: string;
  readonly simulatorUrl: string;
  readonly topics: Readonly<Record<'cdrs' | 'deadLetters' | 'balanceEvents' | 'alerts' | 'rechargeCommands', string>>;
  /** Begins the name of every tenant of this run. */
  readonly tenantPrefix: string;
};

export async function observe(places: Places): Promise<Observed> {
  const { topics, brokers } = places;
  const [events, rows, messages, payments] = await Promise.all([
    readEvents(places.eventStoreUrl, `credit-${places.tenantPrefix}`),
    readRows(places.databaseUrl),
    readTopics(brokers, Object.values(topics)),
    readPayments(places.simulatorUrl),
  ]);
  const of = (topic: string): readonly SeenMessage[] => messages.get(topic) ?? [];
  return {
    events,
    rows,
    payments,
    cdrs: of(topics.cdrs),
    deadLetters: of(topics.deadLetters),
    balanceEvents: of(topics.balanceEvents),
    alerts: of(topics.alerts),
    rechargeCommands: of(topics.rechargeCommands),
  };
}

export function readEvents(url: string, streamPrefix: string): Promise<readonly StoredEvent[]> | readonly StoredEvent[] {
  return url.startsWith('sqlite:') ? readSqlite(url.slice('sqlite:'.length), streamPrefix) : readKurrentDb(url, streamPrefix);
}

function readSqlite(file: string, streamPrefix: string): readonly StoredEvent[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    const rows = database
      .prepare('SELECT stream, revision, id, type, data, metadata FROM events ORDER BY stream, revision')
      .all();
    return rows
      .filter(({ stream }) => String(stream).startsWith(streamPrefix))
      .map(({ stream, revision, id, type, data, metadata }) => ({
        stream: String(stream),
        revision: Number(revision),
        id: String(id),
        type: String(type),
        data: JSON.parse(String(data)) as StoredEvent['data'],
        metadata: JSON.parse(String(metadata)) as StoredEvent['metadata'],
      }));
  } finally {
    database.close();
  }
}

async function readKurrentDb(url: string, streamPrefix: string): Promise<readonly StoredEvent[]> {
  const client = KurrentDBClient.connectionString([url] as unknown as TemplateStringsArray);
  const events: StoredEvent[] = [];
  const read = client.readAll({
    direction: FORWARDS,
    fromPosition: START,
    filter: streamNameFilter({ prefixes: [streamPrefix] }),
  });
  for await (const { event } of read) {
    if (event === undefined) continue;
    const { streamId: stream, revision, id, type, data, metadata } = event;
    events.push({
      stream,
      revision: Number(revision),
      id,
      type,
      data: data as StoredEvent['data'],
      metadata: metadata as StoredEvent['metadata'],
    });
  }
  await client.dispose();
  return events;
}

async function readRows(databaseUrl: string): Promise<Observed['rows']> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const rows: [TableName, readonly SeenRow[]][] = [];
    for (const table of TABLES) rows.push([table, (await client.query<SeenRow>(`select * from ${table}`)).rows]);
    return Object.fromEntries(rows) as Observed['rows'];
  } finally {
    await client.end();
  }
}

async function readPayments(simulatorUrl: string): Promise<readonly SeenPayment[]> {
  const answer = await fetch(`${simulatorUrl}/v1/payments`);
  return ((await answer.json()) as { readonly payments: readonly SeenPayment[] }).payments;
}

const READ_WITHIN_MS = 60_000;

/** Everything there is at the time of the call. */
async function readTopics(brokers: string, topics: readonly string[]): Promise<ReadonlyMap<string, readonly SeenMessage[]>> {
  const kafka = new Kafka({ clientId: 'crash-reader', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const missing = new Map<string, bigint>();
  for (const topic of topics) {
    for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
      if (BigInt(high) > BigInt(low)) missing.set(`${topic}/${partition}`, BigInt(high) - 1n);
    }
  }
  const read = new Map<string, SeenMessage[]>(topics.map((topic) => [topic, []]));
  if (missing.size > 0) await consumeUntilRead(kafka, topics, missing, read);
  await admin.disconnect();
  return read;
}

async function consumeUntilRead(
  kafka: Kafka,
  topics: readonly string[],
  missing: Map<string, bigint>,
  read: ReadonlyMap<string, SeenMessage[]>,
): Promise<void> {
  const consumer = kafka.consumer({ groupId: `crash-reader-${randomUUID()}` });
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(
    () => reject(new Error(`not read within ${READ_WITHIN_MS} ms: ${[...missing.keys()].join(', ')}`)),
    READ_WITHIN_MS,
  );
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const { topic, partition } = batch;
      const last = missing.get(`${topic}/${partition}`);
      for (const { offset, key, value, headers } of batch.messages) {
        const texts = Object.entries(headers ?? {}).map(([name, held]) => [name, String(held)]);
        const place = `${topic}/${partition}/${offset}`;
        read.get(topic)?.push({
          place,
          key: key?.toString('utf8') ?? null,
          value: value?.toString('utf8') ?? '',
          headers: Object.fromEntries(texts),
        });
      }
      if (last !== undefined && BigInt(batch.lastOffset()) >= last) missing.delete(`${topic}/${partition}`);
      if (missing.size === 0) resolve();
    },
  });
  await done.finally(() => clearTimeout(late));
  await consumer.disconnect();
}
