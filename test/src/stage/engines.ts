// Tests across processes: the environment comes in; the engines to run on go out, or the name of what is missing.

import { afterAll, describe, test } from '@jest/globals';
import { findPostgres } from '@tollkeeper/testing';

export type Engines = {
  readonly brokers: string;
  /** The server; each stage makes a schema of its own there. */
  readonly databaseUrl: string;
  /** Undefined: each stage keeps its events in a SQLite file that its processes share. */
  readonly kurrentDbUrl: string | undefined;
  stop(): Promise<void>;
};

export type FoundEngines =
  | { readonly engines: Engines; readonly names: string }
  | { readonly engines?: undefined; readonly skipped: string };

/** KAFKA_BROKERS, DATABASE_URL (else a container) and KURRENTDB_URL; what REQUIRE_ENGINES names must be there. */
export async function findEngines(env: NodeJS.ProcessEnv = process.env): Promise<FoundEngines> {
  const { KAFKA_BROKERS: brokers, KURRENTDB_URL: kurrentDbUrl, REQUIRE_ENGINES: required = '' } = env;
  const isRequired = (engine: string): boolean => required.split(',').includes(engine);
  if (!brokers && isRequired('kafka')) throw new Error('REQUIRE_ENGINES names kafka, but KAFKA_BROKERS is not set');
  if (!kurrentDbUrl && isRequired('kurrentdb')) throw new Error('REQUIRE_ENGINES names kurrentdb, but KURRENTDB_URL is not set');
  if (!brokers) return { skipped: 'no KAFKA_BROKERS' };
  const postgres = await findPostgres(env);
  if (postgres.url === undefined) return { skipped: postgres.reason };
  return {
    names: `Kafka, PostgreSQL and ${kurrentDbUrl ? 'KurrentDB' : 'an event store of SQLite'}`,
    engines: { brokers, databaseUrl: postgres.url, kurrentDbUrl: kurrentDbUrl || undefined, stop: () => postgres.stop() },
  };
}

/** A suite that runs on real engines, and says in its name on which, or why it did not run. */
export async function describeOnEngines(name: string, define: (engines: Engines) => void): Promise<void> {
  const found = await findEngines();
  if (found.engines === undefined) {
    describe.skip(`${name} (skipped: ${found.skipped})`, () => test('nothing ran', () => undefined));
    return;
  }
  const { engines, names } = found;
  describe(`${name}, on ${names}`, () => {
    define(engines);
    // Hooks of one suite run in the order in which they stand: the stage is closed by now.
    afterAll(() => engines.stop());
  });
}
