// Crash test's engines: the environment comes in; Kafka, PostgreSQL and an event store go out, each with how it is killed and
// started again, where that is known.
//
// Kafka and PostgreSQL are started here, in new folders on free ports, where `services` beside the project (or SERVICES_DIR) holds
// kafka.sh and postgres.sh. Else KAFKA_BROKERS and DATABASE_URL are used, and those two are not killed. KURRENTDB_URL names an
// event store that nothing else may use meanwhile; it is killed and started by KURRENTDB_KILL_COMMAND and
// KURRENTDB_START_COMMAND, run through the shell. Without it the programs share a file of SQLite.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createSchema } from '@tollkeeper/testing';
import { ROOT } from '../stage/programs.js';

const run = promisify(execFile);
const ENGINE_COMMAND_MS = 90_000;

export type EngineName = 'kafka' | 'postgres' | 'kurrentdb';

export type KillableEngine = {
  readonly name: EngineName;
  /** Ends it at once, with nothing flushed that was not flushed before. */
  kill(): Promise<void>;
  /** Resolves when it answers again, on what it had. */
  start(): Promise<void>;
};

export type Engines = {
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly eventStoreUrl: string;
  readonly killable: readonly KillableEngine[];
  stop(): Promise<void>;
};

export async function startEngines(folder: string, env: NodeJS.ProcessEnv): Promise<Engines> {
  const services = env['SERVICES_DIR'] ?? join(ROOT, '..', 'shared', 'services');
  const kafka = await startService('kafka', 'KAFKA_BROKERS', services, folder, env);
  const postgres = await startService('postgres', 'DATABASE_URL', services, folder, env).catch(async (error: unknown) => {
    await kafka.stop();
    throw error;
  });
  const schema = await createSchema(postgres.address);
  const kurrentDb = await findKurrentDb(env);
  const started = [kafka, postgres].flatMap(({ engine }) => engine ?? []);
  return {
    brokers: kafka.address,
    databaseUrl: schema.url,
    eventStoreUrl: kurrentDb?.url ?? `sqlite:${join(folder, 'events.sqlite')}`,
    killable: [...started, ...(kurrentDb?.engine ?? [])],
    async stop() {
      if (postgres.engine === undefined) await schema.drop();
      await Promise.all([kafka.stop(), postgres.stop()]);
    },
  };
}

type Service = { readonly address: string; readonly engine?: KillableEngine; stop(): Promise<void> };

async function startService(
  name: 'kafka' | 'postgres',
  variable: string,
  services: string,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Service> {
  const script = join(services, `${name}.sh`);
  const address = env[variable];
  if (!existsSync(script)) {
    if (!address) throw new Error(`There is no ${script} to start ${name} with, and ${variable} is not set. Set one of them.`);
    return { address, stop: async () => undefined };
  }
  const data = join(folder, name);
  mkdirSync(data, { recursive: true });
  const port = String(await freePort());
  const start = async (): Promise<string> =>
    (await run(script, ['start', '--port', port, '--data', data], { timeout: ENGINE_COMMAND_MS })).stdout;
  const printed = new RegExp(`^${variable}=(.+)$`, 'm').exec(await start())?.[1];
  if (printed === undefined) throw new Error(`${script} printed no ${variable}`);
  return {
    address: printed,
    engine: {
      name,
      kill: async () => void (await run(script, ['stop', '--data', data, '--kill'], { timeout: ENGINE_COMMAND_MS })),
      start: async () => void (await start()),
    },
    stop: async () => void (await run(script, ['stop', '--data', data], { timeout: ENGINE_COMMAND_MS })),
  };
}

async function findKurrentDb(env: NodeJS.ProcessEnv): Promise<{ url: string; engine: readonly KillableEngine[] } | undefined> {
  const { KURRENTDB_URL: url, KURRENTDB_KILL_COMMAND: kill, KURRENTDB_START_COMMAND: start } = env;
  if (!url) return undefined;
  if (!kill || !start) return { url, engine: [] };
  const inShell = async (command: string): Promise<void> =>
    void (await run('sh', ['-c', command], { timeout: ENGINE_COMMAND_MS }));
  await inShell(start);
  return { url, engine: [{ name: 'kurrentdb', kill: () => inShell(kill), start: () => inShell(start) }] };
}

/** One that is free now, as its successor is, which a broker takes for its controller. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await listenOnce(0);
    if (port !== undefined && (await listenOnce(port + 1)) !== undefined) return port;
  }
}

function listenOnce(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
