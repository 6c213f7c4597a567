// Dead letters by the topic alone: what is open, what a retry and a discard make of it.

import { beforeEach, describe, expect, test } from '@jest/globals';
import { inMemoryMessageBus, type MessageBus, type MessageToPublish } from '@tollkeeper/message-bus';
import { DeadLetters, type DeadLetter } from './dead-letters.js';

const TOPICS = { deadLetters: 'cdr.dlt', cdr: 'cdr' };

let bus: MessageBus;
let letters: DeadLetters;

beforeEach(async () => {
  bus = inMemoryMessageBus();
  await bus.ensureTopics([
    { name: 'cdr', partitions: 4 },
    { name: 'cdr.dlt', partitions: 4 },
    { name: 'other', partitions: 1 },
  ]);
  letters = new DeadLetters(bus, TOPICS);
});

function place(id: string): Record<string, string> {
  const [topic = '', partition = '', offset = ''] = id.split('/');
  return {
    'kafka_dlt-original-topic': topic,
    'kafka_dlt-original-partition': partition,
    'kafka_dlt-original-offset': offset,
  };
}

function letter(id: string, key: string | null, rejection: string, value: string | Buffer = `bytes of ${id}`): MessageToPublish {
  const headers = { 'cdr-source': 'pbx', ...place(id), 'kafka_dlt-exception-message': rejection };
  return { key, value, headers };
}

function recorded(id: string, key: string | null): MessageToPublish {
  return { key, value: null, headers: { ...place(id), 'cdr-retry-settled': 'recorded' } };
}

async function listed(...parameters: Parameters<DeadLetters['list']>): Promise<readonly DeadLetter[]> {
  const found: DeadLetter[] = [];
  for await (const one of letters.list(...parameters)) found.push(one);
  return found.toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

const ids = async (...parameters: Parameters<DeadLetters['list']>) => (await listed(...parameters)).map(({ id }) => id);

describe('the list', () => {
  test('has the last word on each original: put aside, put aside anew, recorded', async () => {
    await bus.publish('cdr.dlt', [
      letter('cdr/0/1', 'acme', 'no-rate: no row for +49'),
      letter('cdr/0/2', 'acme', 'no-rate: no row for +33'),
      letter('cdr/1/1', 'globex', 'cdr-malformed: expected JSON: no brace'),
      recorded('cdr/0/1', 'acme'),
      letter('cdr/0/2', 'acme', 'cdr-too-old: by now'),
    ]);
    expect(await listed()).toEqual([
      expect.objectContaining({ id: 'cdr/0/2', key: 'acme', code: 'cdr-too-old', reason: 'by now', discarded: null }),
      expect.objectContaining({ id: 'cdr/1/1', code: 'cdr-malformed', reason: 'expected JSON: no brace' }),
    ]);
    expect(await ids({ tenant: 'acme' })).toEqual(['cdr/0/2']);
    expect(await ids({ code: 'cdr-malformed' })).toEqual(['cdr/1/1']);
    expect(await ids({ id: 'cdr/0/1' })).toEqual([]);
  });

  test('takes the later word where letters without a key stand in several partitions', async () => {
    // Without a key they are spread, so that words on one letter stand beside each other.
    for (const id of ['cdr/0/1', 'cdr/0/2', 'cdr/0/3', 'cdr/0/4']) await bus.publish('cdr.dlt', [letter(id, null, 'x: y')]);
    for (const id of ['cdr/0/4', 'cdr/0/3', 'cdr/0/2']) await bus.publish('cdr.dlt', [recorded(id, null)]);
    expect(await ids()).toEqual(['cdr/0/1']);
  });
});

describe('a retry', () => {
  test('sends key, bytes and headers to where they came from, marked with the letter', async () => {
    const bytes = Buffer.from([0xff, 0, 0x80]);
    await bus.publish('cdr.dlt', [letter('other/0/7', 'acme', 'no-rate: none', bytes), letter('cdr/0/2', 'acme', 'x: y')]);
    expect(await letters.retry({ code: 'no-rate' })).toEqual({ retried: 1, topics: ['other'] });
    const [sent] = await bus.read('other', 0, 0n, 10);
    expect(sent?.key?.toString()).toBe('acme');
    expect(sent?.value).toEqual(bytes);
    const origin = JSON.stringify({ kind: 'bus', offset: '7', partition: 0, topic: 'other' });
    expect(sent?.headers).toEqual({ 'cdr-source': 'pbx', 'cdr-origin': origin, 'cdr-retry': 'other/0/7' });
    expect(await letters.retry({ code: 'nothing-like-it' })).toEqual({ retried: 0, topics: [] });
  });

  test('of a letter that does not tell its topic goes to the intake', async () => {
    await bus.publish('cdr.dlt', [{ key: 'acme', value: 'x', headers: { 'kafka_dlt-exception-message': 'a: b' } }]);
    expect(await letters.retry({})).toEqual({ retried: 1, topics: ['cdr'] });
  });
});

describe('a discard', () => {
  const by = { author: 'zoë', reason: 'test calls of March' };

  test('strikes letters off, says who and why, and keeps them listable with their bytes', async () => {
    await bus.publish('cdr.dlt', [letter('cdr/0/1', 'acme', 'no-rate: none'), letter('cdr/0/2', 'acme', 'x: y')]);
    const [before] = await listed({ id: 'cdr/0/1' });
    expect(await letters.discard({ code: 'no-rate' }, by)).toBe(1);
    expect(await letters.discard({ code: 'no-rate' }, by)).toBe(0);
    expect(await ids()).toEqual(['cdr/0/2']);
    expect(await listed({}, ['discarded'])).toEqual([{ ...before, discarded: { ...by, at: expect.any(String) } }]);
    expect(await letters.show('cdr/0/1')).toMatchObject({ value: Buffer.from('bytes of cdr/0/1'), discarded: by });
    expect(await letters.show('cdr/0/1')).toMatchObject({ headers: { 'cdr-source': 'pbx' } });
  });

  test('can be undone by a retry of the letter by its name, and only so', async () => {
    await bus.publish('cdr.dlt', [letter('cdr/0/1', 'acme', 'no-rate: none')]);
    await letters.discard({}, by);
    expect(await letters.retry({ code: 'no-rate' })).toEqual({ retried: 0, topics: [] });
    expect(await letters.retry({ id: 'cdr/0/1' })).toEqual({ retried: 1, topics: ['cdr'] });
    await bus.publish('cdr.dlt', [recorded('cdr/0/1', 'acme')]);
    expect(await ids({}, ['open', 'discarded'])).toEqual([]);
    expect(await letters.show('cdr/0/1')).toBeUndefined();
  });
});
