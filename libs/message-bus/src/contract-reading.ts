// What reading without a group must do on every message bus: a stage comes in, its tests go out.
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { type Stage, text } from './contract-stage.js';
import { type Message } from './message-bus.js';

const LARGE_BYTES = 900_000;

export function readingAtAPlace(stage: Stage): void {
  test('reads a partition from a place on, as often as asked, without a group', async () => {
    const topic = await stage.topic(1);
    await stage.bus.publish(
      topic,
      ['a', 'b', 'c', 'd'].map((value) => ({ key: 'k', value, headers: { name: value } })),
    );
    const values = (messages: readonly Message[]) => messages.map(({ offset, value }) => `${offset} ${text(value)}`);
    expect(values(await stage.bus.read(topic, 0, 0n, 10))).toEqual(['0 a', '1 b', '2 c', '3 d']);
    expect(values(await stage.bus.read(topic, 0, 1n, 2))).toEqual(['1 b', '2 c']);
    expect(values(await stage.bus.read(topic, 0, 1n, 2))).toEqual(['1 b', '2 c']);
    expect(await stage.bus.read(topic, 0, 4n, 10)).toEqual([]);
    expect(await stage.bus.read(topic, 0, 1_000n, 10)).toEqual([]);
    expect(await stage.bus.read(topic, 7, 0n, 10)).toEqual([]);
    const [third] = await stage.bus.read(topic, 0, 2n, 1);
    expect(third).toMatchObject({ topic, partition: 0, offset: 2n, headers: { name: 'c' } });
    expect(text(third?.key ?? null)).toBe('k');
  });

  test('reads beside a group, whose lag it leaves alone', async () => {
    const topic = await stage.topic(2);
    const { seen, group, consumer } = await stage.read(topic);
    await stage.bus.publish(topic, [{ key: 'k', value: '1' }]);
    await consumer.stop();
    const lag = await stage.bus.lag(group, [topic]);
    const partition = (await stage.bus.offsets(topic)).find(({ next }) => next > 0n)?.partition ?? -1;
    expect(await stage.bus.read(topic, partition, 0n, 10)).toHaveLength(1);
    expect(await stage.bus.lag(group, [topic])).toBe(lag);
    expect(BigInt(seen.length)).toBe(1n - lag);
  });

  test('tells what each partition keeps, also of an empty one', async () => {
    const topic = await stage.topic(3);
    const nothing = [0, 1, 2].map((partition) => ({ partition, first: 0n, next: 0n }));
    expect(await stage.bus.offsets(topic)).toEqual(nothing);
    expect(await stage.bus.read(topic, 0, 0n, 10)).toEqual([]);
    await stage.bus.publish(topic, [
      { key: 'k', value: '1' },
      { key: 'k', value: '2' },
    ]);
    const offsets = await stage.bus.offsets(topic);
    expect(offsets.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    expect(offsets.map(({ next }) => next).toSorted()).toEqual([0n, 0n, 2n]);
  });

  test('hands out large messages in several answers, each with one at least', async () => {
    const topic = await stage.topic(1);
    for (let i = 0; i < 12; i += 1) await stage.bus.publish(topic, [{ key: 'k', value: Buffer.alloc(LARGE_BYTES, i) }]);
    const first: (number | undefined)[] = [];
    let answers = 0;
    for (let from = 0n; from < 12n; answers += 1) {
      const messages = await stage.bus.read(topic, 0, from, 100);
      expect(messages.length).toBeGreaterThan(0);
      first.push(...messages.map(({ value }) => value?.[0]));
      from = (messages.at(-1)?.offset ?? 12n) + 1n;
    }
    expect(first).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(answers > 1 || stage.bus.kind === 'memory').toBe(true);
  });

  test('describes how long a topic keeps its messages', async () => {
    const [hour, ever] = [`hour-${randomUUID()}`, `ever-${randomUUID()}`];
    const kept = { partitions: 1 };
    await stage.bus.ensureTopics([
      { name: hour, ...kept, retentionMs: 3_600_000 },
      { name: ever, ...kept, retentionMs: Infinity },
    ]);
    expect(await stage.bus.describeTopic(hour)).toMatchObject({ retentionMs: 3_600_000 });
    expect(await stage.bus.describeTopic(ever)).toMatchObject({ retentionMs: Infinity });
  });

  test('an unknown topic is refused by name, also when reading', async () => {
    const unknown = { code: 'unknown-topic', message: expect.stringContaining('contract-missing') };
    await expect(stage.bus.read('contract-missing', 0, 0n, 1)).rejects.toMatchObject(unknown);
    await expect(stage.bus.offsets('contract-missing')).rejects.toMatchObject(unknown);
  });
}
