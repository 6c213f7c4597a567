// Contract tests: the environment comes in; a PostgreSQL to test on goes out, or the reason why there is none.
import { randomUUID } from 'node:crypto';

export type FoundPostgres =
  | { readonly url: string; stop(): Promise<void> }
  | { readonly url: undefined; readonly reason: string };

/**
 * The server of `DATABASE_URL`, else a container, else a reason for the name of the skipped suite. `REQUIRE_ENGINES=postgres`
 * turns that into a failure, so that a pipeline cannot pass without the engine.
 */
export async function findPostgres(env: NodeJS.ProcessEnv = process.env): Promise<FoundPostgres> {
  if (env['DATABASE_URL']) return { url: env['DATABASE_URL'], stop: async () => {} };
  return orFailWhenRequired((await startContainer()) ?? { url: undefined, reason: 'no DATABASE_URL, no Docker' }, env);
}

export function orFailWhenRequired(found: FoundPostgres, env: NodeJS.ProcessEnv): FoundPostgres {
  if (found.url === undefined && env['REQUIRE_ENGINES']?.split(',').includes('postgres')) {
    throw new Error(`REQUIRE_ENGINES names postgres, but there is none: ${found.reason}. Set DATABASE_URL`);
  }
  return found;
}

async function startContainer(): Promise<FoundPostgres | undefined> {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined;
  }
  const container = await new GenericContainer('postgres:16-alpine')
    .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust', POSTGRES_USER: 'tollkeeper' })
    .withExposedPorts(5432)
    // The image starts the server once to initialise it and says "ready" then too.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  return {
    url: `postgres://tollkeeper@${container.getHost()}:${container.getMappedPort(5432)}/tollkeeper`,
    stop: async () => {
      await container.stop();
    },
  };
}

/** A schema of its own for one suite, as a URL whose connections see nothing else; `drop` leaves the server as it was. */
export async function createSchema(url: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const schema = `test_${randomUUID().replaceAll('-', '')}`;
  await runOnce(url, `create schema ${schema}`);
  const inSchema = new URL(url);
  inSchema.searchParams.set('options', `-c search_path=${schema}`);
  return {
    // URLSearchParams writes a space as "+", which pg's parser takes literally.
    url: inSchema.href.replaceAll('+', '%20'),
    drop: () => runOnce(url, `drop schema ${schema} cascade`),
  };
}

async function runOnce(url: string, text: string): Promise<void> {
  // Loaded here, because rule tests import this lib too and need no database driver.
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
