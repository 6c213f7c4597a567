// `tollkeeper dead-letters …`: what was put aside and is not settled yet, read from the topic itself, and sent again.
//
// What if a letter is retried twice, or its message was recorded meanwhile? The account knows the CDR, and rating settles the
// letter. What if it is refused again? Rating puts it aside under the same place, with the new reason.

import { randomUUID } from 'node:crypto';
import type { Message, MessageBus } from '@tollkeeper/message-bus';
import { DEAD_LETTER_TOPIC, type Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';
import { printJson, Progress, tableOf } from './output.js';

export type DeadLetter = {
  /** Topic, partition and offset of the original. */
  readonly id: string;
  readonly key: string | null;
  readonly code: string;
  readonly reason: string;
  readonly putAsideAt: string;
  readonly message: Message;
};

export type LetterFilter = { readonly code?: string; readonly tenant?: string; readonly id?: string };

export async function listLetters(filter: LetterFilter & { readonly json?: boolean }, engines: Engines): Promise<void> {
  const letters = (await readLetters(await engines.bus())).filter(matching(filter));
  if (filter.json) {
    printJson(letters.map(({ id, key, code, reason, putAsideAt }) => ({ id, key, code, reason, putAsideAt })));
    return;
  }
  if (letters.length === 0) console.log('no dead letter');
  else {
    const rows = letters.map(({ id, key, code, putAsideAt, reason }) => [id, key ?? '', code, putAsideAt, reason]);
    console.log(tableOf(['letter', 'key', 'code', 'put aside', 'reason'], rows));
  }
}

/**
 * The same key, bytes and headers to the topic that they came from, which may be what tells their switch, marked with the letter.
 */
export async function retryLetters(filter: LetterFilter & { readonly json?: boolean }, engines: Engines): Promise<void> {
  const bus = await engines.bus();
  const letters = (await readLetters(bus)).filter(matching(filter));
  if (letters.length === 0)
    throw new CommandError('no dead letter matches; tollkeeper dead-letters list tells which there are', EXIT.found);
  const byTopic = new Map<string, DeadLetter[]>();
  for (const letter of letters) {
    const topic = letter.id.slice(0, letter.id.indexOf('/'));
    const known = byTopic.get(topic);
    if (known === undefined) byTopic.set(topic, [letter]);
    else known.push(letter);
  }
  for (const [topic, its] of byTopic) {
    for (let at = 0; at < its.length; at += LETTERS_PER_PUBLISH) {
      await bus.publish(topic, its.slice(at, at + LETTERS_PER_PUBLISH).map(retried));
    }
  }
  if (filter.json) printJson({ retried: letters.length });
  else
    console.log(
      `${letters.length} sent again to ${[...byTopic.keys()].join(', ')}; those that are refused again are listed anew`,
    );
}

const LETTERS_PER_PUBLISH = 500;
const LETTERS_PER_BATCH = 500;
const SETTLED_HEADER = 'cdr-retry-settled';

/** The last word on each original: put aside, or settled since. */
async function readLetters(bus: MessageBus): Promise<readonly DeadLetter[]> {
  const group = `dead-letters-${randomUUID()}`;
  if ((await bus.describeTopic(DEAD_LETTER_TOPIC)) === undefined) {
    throw new CommandError(`the bus has no topic ${DEAD_LETTER_TOPIC}; DEAD_LETTER_TOPIC names another`);
  }
  const total = Number(await bus.lag(group, [DEAD_LETTER_TOPIC]));
  const letters = new Map<string, DeadLetter | undefined>();
  if (total === 0) return [];
  const progress = new Progress(`of ${total} letters read`);
  const { promise: all, resolve, reject } = Promise.withResolvers<void>();
  let read = 0;
  const consumer = await bus.consume({
    group,
    topics: [DEAD_LETTER_TOPIC],
    maxMessages: LETTERS_PER_BATCH,
    async handle({ messages }) {
      for (const message of messages) letters.set(placeOf(message), letterOf(message));
      progress.add(messages.length);
      if ((read += messages.length) >= total) resolve();
    },
  });
  consumer.failed.catch(reject);
  await all;
  progress.end();
  await consumer.stop();
  return [...letters.values()].filter((letter) => letter !== undefined);
}

function letterOf(message: Message): DeadLetter | undefined {
  const { headers, key, timestampMs } = message;
  if (headers[SETTLED_HEADER] !== undefined) return undefined;
  const [code = 'unknown', ...reason] = (headers['kafka_dlt-exception-message'] ?? '').split(': ');
  return {
    id: placeOf(message),
    key: key === null ? null : key.toString(),
    code,
    reason: reason.join(': '),
    putAsideAt: new Date(timestampMs).toISOString(),
    message,
  };
}

function placeOf({ headers, topic, partition, offset }: Message): string {
  const place = ['topic', 'partition', 'offset'].map((part) => headers[`kafka_dlt-original-${part}`]);
  return place.includes(undefined) ? `${topic}/${partition}/${offset}` : place.join('/');
}

function matching({ code, tenant, id }: LetterFilter): (letter: DeadLetter) => boolean {
  return (letter) =>
    (code === undefined || letter.code === code) &&
    (tenant === undefined || letter.key === tenant) &&
    (id === undefined || letter.id === id);
}

/** The origin is kept, so that the ledger tells the first place the record was seen at. */
function retried({ id, message }: DeadLetter) {
  const kept = Object.entries(message.headers).filter(([name]) => !name.startsWith('kafka_dlt-'));
  const [topic = '', partition = '', offset = ''] = id.split('/');
  const origin = { kind: 'bus', offset, partition: Number(partition), topic };
  const headers = { 'cdr-origin': JSON.stringify(origin), ...Object.fromEntries(kept), 'cdr-retry': id };
  return { key: message.key, value: message.value, headers };
}
