// What every message bus must do, whatever engine is behind it: a subject comes in, one suite of tests goes out.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readingAtAPlace } from './contract-reading.js';
import { newGroup, offsetsByPartition, PARTITIONS, Stage, type Subject, text, until } from './contract-stage.js';
import { type Batch, type Message, type MessageToPublish } from './message-bus.js';

export function messageBusContract(name: string, subject: Subject): void {
  describe(name, () => {
    const stage = new Stage(subject);
    beforeAll(() => stage.open());
    afterAll(() => stage.close());
    publishing(stage);
    contents(stage);
    failing(stage);
    resuming(stage);
    groups(stage);
    readingAtAPlace(stage);
    bounds(stage);
  });
}

function publishing(stage: Stage): void {
  test('keeps the order of a partition and of a key, and a key in its partition', async () => {
    const topic = await stage.topic();
    const { seen } = await stage.read(topic);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const messages = Array.from({ length: 400 }, (_, i) => ({ key: keys[i % keys.length] ?? '', value: String(i) }));
    await Promise.all([0, 100, 200, 300].map((from) => stage.bus.publish(topic, messages.slice(from, from + 100))));
    await until(() => seen.length === 400);
    for (const key of keys) {
      const ofKey = seen.filter((message) => text(message.key) === key);
      expect(ofKey.map(({ value }) => text(value))).toEqual(messages.filter((m) => m.key === key).map(({ value }) => value));
      expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1);
    }
    for (const offsets of offsetsByPartition(seen)) expect(offsets).toEqual(offsets.map((_, i) => BigInt(i)));
  });

  test('puts a key where Kafka puts it', async () => {
    const topic = await stage.topic();
    const { seen } = await stage.read(topic);
    await stage.bus.publish(
      topic,
      ['foobar', '21', 'abc'].map((key) => ({ key, value: key })),
    );
    await until(() => seen.length === 3);
    // From Kafka's test vectors, -790332482, -973932308 and 479470107: sign bit off, modulo 6.
    expect(Object.fromEntries(seen.map((m) => [text(m.key), m.partition]))).toEqual({ foobar: 0, '21': 0, abc: 3 });
  });

  test('spreads messages without a key', async () => {
    const topic = await stage.topic();
    const { seen } = await stage.read(topic);
    await stage.bus.publish(
      topic,
      Array.from({ length: 60 }, () => ({ key: null, value: 'x' })),
    );
    await until(() => seen.length === 60);
    expect(offsetsByPartition(seen)).toHaveLength(PARTITIONS);
  });

  test('carries 20,000 messages, each once, in bounded batches', async () => {
    const topic = await stage.topic();
    const sizes: number[] = [];
    const { seen, group } = await stage.read(topic, {
      maxMessages: 500,
      handle: async ({ messages }) => void sizes.push(messages.length),
    });
    const value = Buffer.alloc(500, 'x');
    for (let from = 0; from < 20_000; from += 2_000) {
      await stage.bus.publish(
        topic,
        Array.from({ length: 2_000 }, (_, i) => ({ key: `key-${from + i}`, value })),
      );
    }
    await until(() => seen.length >= 20_000);
    expect(new Set(seen.map(({ key }) => text(key))).size).toBe(20_000);
    expect(seen).toHaveLength(20_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
    await until(async () => (await stage.bus.lag(group, [topic])) === 0n);
  });
}

function contents(stage: Stage): void {
  const wild = Buffer.from([0x00, 0xff, 0xfe, 0xc3, 0x28, 0x80]);
  const cases: readonly [string, MessageToPublish][] = [
    ['text', { key: 'key', value: 'välue', headers: { ce_type: 'balance', empty: '', ünï: 'cödé' } }],
    ['no key', { key: null, value: 'value' }],
    ['no value', { key: 'key', value: null }],
    ['neither', { key: null, value: null }],
    ['bytes that are no UTF-8', { key: wild, value: wild }],
    ['empty key and value', { key: '', value: Buffer.alloc(0) }],
  ];
  test.each(cases)('keeps key, value and headers: %s', async (_, message) => {
    const topic = await stage.topic(1);
    const { seen } = await stage.read(topic);
    const beforeMs = Date.now();
    await stage.bus.publish(topic, [message]);
    await until(() => seen.length === 1);
    const { timestampMs, ...rest } = seen[0] as Message;
    const part = (bytes: string | Buffer | null) => (bytes === null ? null : Buffer.from(bytes as string));
    expect(rest).toEqual({
      topic,
      partition: 0,
      offset: 0n,
      key: part(message.key),
      value: part(message.value),
      headers: message.headers ?? {},
    });
    expect(timestampMs).toBeGreaterThanOrEqual(beforeMs);
    expect(timestampMs).toBeLessThanOrEqual(Date.now());
  });
}

function failing(stage: Stage): void {
  test('hands out the same messages again when handle throws, and tells onError', async () => {
    const topic = await stage.topic(1);
    const tried: string[][] = [];
    const errors: unknown[] = [];
    const { seen, group } = await stage.read(topic, {
      handle: async ({ messages }) => {
        tried.push(messages.map(({ value }) => text(value)));
        if (tried.length < 3) throw new Error('not now');
      },
      onError: (error) => errors.push(error),
    });
    await stage.bus.publish(topic, [
      { key: 'k', value: '1' },
      { key: 'k', value: '2' },
    ]);
    await until(() => seen.length === 2);
    expect(tried).toEqual([
      ['1', '2'],
      ['1', '2'],
      ['1', '2'],
    ]);
    expect(errors).toEqual([new Error('not now'), new Error('not now')]);
    await until(async () => (await stage.bus.lag(group, [topic])) === 0n);
  });

  test('goes on with the other partitions while one fails', async () => {
    const topic = await stage.topic();
    let broken = true;
    const { seen } = await stage.read(topic, {
      handle: async ({ partition }) => {
        if (partition === 0 && broken) throw new Error('partition 0 fails');
      },
    });
    for (let round = 1; round <= 3; round += 1) {
      // `foobar` falls into partition 0, `abc` into 3.
      await stage.bus.publish(topic, [
        { key: 'foobar', value: String(round) },
        { key: 'abc', value: String(round) },
      ]);
      await until(() => seen.length === round);
    }
    expect(seen.map(({ key }) => text(key))).toEqual(['abc', 'abc', 'abc']);
    broken = false;
    await until(() => seen.length === 6);
    expect(seen.slice(3).map(({ value }) => text(value))).toEqual(['1', '2', '3']);
  });
}

function resuming(stage: Stage): void {
  test('a stopped consumer has committed what was in its hand, and its group goes on behind that after a restart', async () => {
    const topic = await stage.topic(1);
    const inHand = Promise.withResolvers<Batch>();
    const release = Promise.withResolvers<void>();
    const first = await stage.read(topic, {
      maxMessages: 2,
      handle: async (batch) => {
        inHand.resolve(batch);
        await release.promise;
      },
    });
    await stage.bus.publish(
      topic,
      ['1', '2', '3', '4'].map((value) => ({ key: 'k', value })),
    );
    const batch = await inHand.promise;
    expect(batch.messages.map(({ value }) => text(value))).toEqual(['1', '2']);
    const stopped = first.consumer.stop();
    expect(batch.isOwned()).toBe(true);
    release.resolve();
    await stopped;
    expect(await stage.bus.lag(first.group, [topic])).toBe(2n);
    await stage.reopen();
    const second = await stage.read(topic, { group: first.group });
    await until(() => second.seen.length === 2);
    expect(second.seen.map(({ value }) => text(value))).toEqual(['3', '4']);
    expect(second.seen.map(({ offset }) => offset)).toEqual([2n, 3n]);
  });

  test('a group from latest begins with what is published after it', async () => {
    const topic = await stage.topic();
    await stage.bus.publish(topic, [{ key: 'k', value: 'old' }]);
    const { seen } = await stage.read(topic, { from: 'latest' });
    await stage.bus.publish(topic, [{ key: 'k', value: 'new' }]);
    await until(() => seen.length > 0);
    expect(seen.map(({ value }) => text(value))).toEqual(['new']);
  });

  test('lag counts what a group has not committed, and everything for one that is unknown', async () => {
    const topic = await stage.topic();
    const group = newGroup();
    expect(await stage.bus.lag(group, [topic])).toBe(0n);
    await stage.bus.publish(
      topic,
      Array.from({ length: 10 }, (_, i) => ({ key: String(i), value: 'x' })),
    );
    expect(await stage.bus.lag(group, [topic])).toBe(10n);
    await stage.read(topic, { group });
    await until(async () => (await stage.bus.lag(group, [topic])) === 0n);
    expect(await stage.bus.lag(newGroup(), [topic])).toBe(10n);
  });
}

function groups(stage: Stage): void {
  test('two groups each get every message', async () => {
    const topic = await stage.topic();
    const [one, two] = await Promise.all([stage.read(topic), stage.read(topic)]);
    await stage.bus.publish(
      topic,
      Array.from({ length: 50 }, (_, i) => ({ key: String(i), value: 'x' })),
    );
    await until(() => one.seen.length === 50 && two.seen.length === 50);
  });

  test('two consumers of a group share the partitions, and one takes over when the other stops', async () => {
    const topic = await stage.topic();
    const group = newGroup();
    const one = await stage.read(topic, { group });
    const two = await stage.read(topic, { group });
    const publish = (round: string) =>
      stage.bus.publish(
        topic,
        Array.from({ length: 60 }, () => ({ key: null, value: round })),
      );
    await publish('both');
    await until(() => one.seen.length + two.seen.length >= 60);
    expect(offsetsByPartition(one.seen)).toHaveLength(PARTITIONS / 2);
    expect(offsetsByPartition(two.seen)).toHaveLength(PARTITIONS / 2);
    await one.consumer.stop();
    const before = two.seen.length;
    await publish('alone');
    await until(() => two.seen.length - before >= 60);
    expect(offsetsByPartition(two.seen.slice(before))).toHaveLength(PARTITIONS);
  });
}

function bounds(stage: Stage): void {
  test('describes a topic, keeps one that exists, and does not know others', async () => {
    const topic = await stage.topic(3, 2_000);
    const described = { name: topic, partitions: 3, maxMessageBytes: 2_000, retentionMs: expect.any(Number) };
    expect(await stage.bus.describeTopic(topic)).toEqual(described);
    await stage.bus.ensureTopics([{ name: topic, partitions: 9 }]);
    expect(await stage.bus.describeTopic(topic)).toEqual(described);
    expect(await stage.bus.describeTopic('contract-missing')).toBeUndefined();
  });

  test('refuses a message above the bound by name and size, and takes many that together exceed it', async () => {
    const topic = await stage.topic(1, 2_000);
    const { seen } = await stage.read(topic);
    const large = stage.bus.publish(topic, [
      { key: 'k', value: 'fits' },
      { key: 'k', value: Buffer.alloc(2_500) },
    ]);
    await expect(large).rejects.toMatchObject({ code: 'too-large', retryable: false });
    await expect(large).rejects.toThrow(new RegExp(`"${topic}" has 2501 bytes.* 2000 `));
    await stage.bus.publish(
      topic,
      Array.from({ length: 10 }, (_, i) => ({ key: 'k', value: Buffer.alloc(1_800, i) })),
    );
    await until(() => seen.length === 10);
    expect(seen.map(({ value }) => value?.[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('an unknown topic is refused by name', async () => {
    const unknown = { code: 'unknown-topic', message: expect.stringContaining('contract-missing') };
    const handle = async () => undefined;
    await expect(stage.bus.publish('contract-missing', [{ key: 'k', value: 'v' }])).rejects.toMatchObject(unknown);
    await expect(stage.bus.lag('group', ['contract-missing'])).rejects.toMatchObject(unknown);
    const consume = stage.bus.consume({ group: newGroup(), topics: ['contract-missing'], maxMessages: 1, handle });
    await expect(consume).rejects.toMatchObject(unknown);
  });

  test('answers a ping, and refuses everything once closed', async () => {
    await expect(stage.bus.ping()).resolves.toBeUndefined();
    const topic = await stage.topic(1);
    await stage.reopen();
    await expect(stage.bus.ping()).resolves.toBeUndefined();
    await stage.bus.publish(topic, [{ key: 'k', value: 'v' }]);
    await stage.bus.close();
    await expect(stage.bus.ping()).rejects.toMatchObject({ code: 'closed' });
    await expect(stage.bus.publish(topic, [{ key: 'k', value: 'v' }])).rejects.toMatchObject({ code: 'closed' });
  });
}
