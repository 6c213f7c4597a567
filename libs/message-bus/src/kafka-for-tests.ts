// Where the tests find a Kafka: the environment comes in; addresses, or the reason why there are none, go out.
import { createServer } from 'node:net';
import { getContainerRuntimeClient, GenericContainer, Wait } from 'testcontainers';

const IMAGE = 'apache/kafka:4.1.0';

export type KafkaForTests = { readonly brokers: readonly string[]; stop(): Promise<void> } | { readonly skipped: string };

/** KAFKA_BROKERS, else a container, else the reason to skip, which REQUIRE_ENGINES=kafka turns into a failure. */
export async function kafkaForTests(): Promise<KafkaForTests> {
  const brokers = process.env['KAFKA_BROKERS'];
  if (brokers) return { brokers: brokers.split(','), stop: async () => undefined };
  try {
    await getContainerRuntimeClient();
  } catch {
    const skipped = 'no KAFKA_BROKERS and no Docker';
    if (process.env['REQUIRE_ENGINES']?.split(',').includes('kafka')) throw new Error(`REQUIRE_ENGINES names kafka: ${skipped}`);
    return { skipped };
  }
  return await startContainer();
}

async function startContainer(): Promise<KafkaForTests> {
  // Chosen before the start, because the broker tells its clients the address to come back to.
  const port = await freePort();
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    })
    .withWaitStrategy(Wait.forLogMessage('Kafka Server started'))
    .start();
  return { brokers: [`127.0.0.1:${port}`], stop: async () => void (await container.stop()) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('The system gave no free port.');
  return address.port;
}
