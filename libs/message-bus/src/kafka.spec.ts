// The Kafka message bus keeps the contract; and what only a broker has: being away, sharing with kafkajs's own clients.
import { afterAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { messageBusContract } from './contract.js';
import { kafkaClient } from './kafka-client.js';
import { kafkaForTests } from './kafka-for-tests.js';
import { openKafkaMessageBus } from './kafka.js';

const kafka = await kafkaForTests();

if ('skipped' in kafka) {
  describe.skip(`Kafka (skipped: ${kafka.skipped})`, () => test('contract', () => undefined));
} else {
  const { brokers } = kafka;
  const open = () => openKafkaMessageBus({ brokers, clientId: 'contract' });
  messageBusContract('Kafka message bus', {
    open,
    reopen: async (bus) => {
      await bus.close();
      return open();
    },
  });
  afterAll(() => kafka.stop());
  readingWithoutTrace(brokers);
}

function readingWithoutTrace(brokers: readonly string[]): void {
  test('reads behind what the retention removed, and leaves no group', async () => {
    const bus = openKafkaMessageBus({ brokers, clientId: 'reading' });
    const admin = kafkaClient({ brokers, clientId: 'admin' }).admin();
    await admin.connect();
    const topic = `reading-${randomUUID()}`;
    await bus.ensureTopics([{ name: topic, partitions: 1 }]);
    await bus.publish(
      topic,
      ['a', 'b', 'c'].map((value) => ({ key: 'k', value })),
    );
    const groupsBefore = (await admin.listGroups()).groups.length;
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    expect(await bus.offsets(topic)).toEqual([{ partition: 0, first: 2n, next: 3n }]);
    expect((await bus.read(topic, 0, 0n, 10)).map(({ offset, value }) => `${offset} ${value?.toString()}`)).toEqual(['2 c']);
    expect((await admin.listGroups()).groups).toHaveLength(groupsBefore);
    await Promise.all([bus.close(), admin.disconnect()]);
  });
}

describe('Kafka message bus without a broker', () => {
  test('opens all the same, and says that it is unavailable', async () => {
    // Port 1 is privileged and unused, so the connection is refused at once.
    const bus = openKafkaMessageBus({ brokers: ['127.0.0.1:1'], clientId: 'nobody' });
    await expect(bus.ping()).rejects.toMatchObject({ name: 'BusError', code: 'unavailable', retryable: true });
    await expect(bus.publish('t', [{ key: 'k', value: 'v' }])).rejects.toMatchObject({ code: 'unavailable' });
    const errors: unknown[] = [];
    const consumer = await bus.consume({
      group: 'g',
      topics: ['t'],
      maxMessages: 1,
      handle: async () => undefined,
      onError: (error) => errors.push(error),
    });
    expect(errors[0]).toMatchObject({ code: 'unavailable' });
    await consumer.stop();
    await bus.close();
    await expect(bus.ping()).rejects.toMatchObject({ code: 'closed' });
  });
});
