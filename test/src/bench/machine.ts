// Bench, where it ran: addresses come in; the machine, the runtime and the engines with their versions go out.

import { cpus, totalmem } from 'node:os';
import { openReadStore } from '@tollkeeper/read-store';
import { sql } from 'kysely';

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly node: string;
  readonly sqlite: string;
  readonly postgres: string;
  readonly eventStore: string;
  /** Kafka's protocol does not tell the version; only that there is one. */
  readonly kafka: string;
};

export type Addresses = {
  readonly brokers: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly kurrentDbUrl: string | undefined;
};

export async function describeMachine({ brokers, databaseUrl, kurrentDbUrl }: Addresses): Promise<Machine> {
  const cores = cpus();
  const sqlite = process.versions['sqlite'] ?? 'unknown';
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    node: process.version,
    sqlite,
    postgres: databaseUrl === undefined ? 'none' : await postgresVersion(databaseUrl),
    eventStore: kurrentDbUrl === undefined ? `SQLite ${sqlite}` : await eventStoreVersion(kurrentDbUrl),
    kafka: brokers === undefined ? 'none' : `at ${brokers}`,
  };
}

async function postgresVersion(url: string): Promise<string> {
  const store = await openReadStore<object>(url);
  const { rows } = await sql<{ readonly server_version: string }>`show server_version`.execute(store.db);
  await store.close();
  return rows[0]?.server_version ?? 'unknown';
}

/** The server tells its version over HTTP only, on the port that also takes gRPC. */
async function eventStoreVersion(url: string): Promise<string> {
  const { hostname, port, searchParams } = new URL(url.replace(/^[a-z+]+:/, 'http:'));
  const scheme = searchParams.get('tls') === 'false' ? 'http' : 'https';
  try {
    const answer = await fetch(`${scheme}://${hostname}:${port}/info`);
    const { esVersion, dbVersion } = (await answer.json()) as { readonly esVersion?: string; readonly dbVersion?: string };
    return dbVersion === undefined ? `EventStoreDB ${esVersion}` : `KurrentDB ${dbVersion}`;
  } catch {
    return 'KurrentDB or EventStoreDB, version unknown';
  }
}
