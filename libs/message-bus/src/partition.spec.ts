// The partition of a key is Kafka's: test vectors of its own clients, and kafkajs as the oracle.
import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import kafkajs from 'kafkajs';
import { createPartitioner, murmur2 } from './partition.js';

describe('murmur2', () => {
  // From UtilsTest.testMurmur2 in Kafka's clients.
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %s is %i', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  test('gives every key the partition that kafkajs gives it', () => {
    const ours = createPartitioner();
    const theirs = kafkajs.Partitioners.DefaultPartitioner();
    const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({ partitionId, leader: 0 })) as never;
    for (let length = 0; length < 200; length += 1) {
      const key = randomBytes(length);
      expect(ours(key, 12)).toBe(theirs({ topic: 't', partitionMetadata, message: { key, value: null } }));
    }
  });
});
