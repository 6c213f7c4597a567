// For tests: the environment and the Docker engine come in, the address of a KurrentDB server goes out, or why there is none.

import { afterAll } from '@jest/globals';

type Found = { readonly url: string } | { readonly url?: undefined; readonly reason: string; readonly required: boolean };

const IMAGE = 'docker.kurrent.io/kurrent-latest/kurrentdb:latest';
const PORT = 2113;

export async function findKurrentDb(): Promise<Found> {
  const url = process.env['KURRENTDB_URL'];
  if (url !== undefined && url !== '') return { url };
  const required = (process.env['REQUIRE_ENGINES'] ?? '').split(',').includes('kurrentdb');
  try {
    return { url: await startContainer() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { required, reason: `KURRENTDB_URL is not set, and no container could be started: ${why}` };
  }
}

async function startContainer(): Promise<string> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(IMAGE)
    .withEnvironment({ KURRENTDB_INSECURE: 'true', KURRENTDB_RUN_PROJECTIONS: 'None' })
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forHttp('/health/live', PORT).forStatusCode(204))
    .start();
  afterAll(async () => {
    await container.stop();
  });
  return `kurrentdb://${container.getHost()}:${container.getMappedPort(PORT)}?tls=false`;
}
