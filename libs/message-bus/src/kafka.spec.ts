// The Kafka message bus keeps the contract; and what only a broker has: being away, sharing with kafkajs's own clients.
import { afterAll, describe, expect, test } from '@jest/globals';
import { messageBusContract } from './contract.js';
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
