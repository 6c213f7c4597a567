// Dead letters, as an operator works on them: what is open or discarded goes out; retries go to the topics that they came from,
// discards to the dead-letter topic, so that it alone tells what became of every letter.
//
// What if a letter is retried twice, or its message was recorded meanwhile? The account knows the CDR, and rating settles the
// letter. What if it is refused again? Rating puts it aside under the same place, with the new reason. What if we die half-way?
// Those that were sent are retried, or discarded; the same command again does the rest.

import type { Message, MessageBus, MessageToPublish } from '@tollkeeper/message-bus';
import { DISCARDED, lastWords, messageAt, messagesOf, placeOf, SETTLED_HEADER } from './dead-letter-topic.js';
import type { LetterState, Watch } from './dead-letter-topic.js';

export type DeadLetter = {
  /** Topic, partition and offset of the original. */
  readonly id: string;
  /** The message's key, which is the tenant where one was known. */
  readonly key: string | null;
  readonly code: string;
  readonly reason: string;
  readonly putAsideAt: string;
  readonly discarded: Discarded | null;
};

export type Discarded = { readonly author: string; readonly reason: string; readonly at: string };

/** With headers and bytes as they came. */
export type DeadLetterMessage = DeadLetter & {
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
};

export type LetterFilter = {
  readonly code?: string | undefined;
  readonly tenant?: string | undefined;
  readonly id?: string | undefined;
};

/** Headers of the word that discards a letter. */
const AUTHOR_HEADER = 'cdr-discarded-by';
const REASON_HEADER = 'cdr-discarded-because';
const LETTER_HEADER = 'cdr-discarded-letter';
const PUT_ASIDE_HEADER = 'cdr-discarded-put-aside-at';
const REJECTION_HEADER = 'kafka_dlt-exception-message';
const DLT_HEADERS = 'kafka_dlt-';

const MESSAGES_PER_PUBLISH = 500;
const BYTES_PER_PUBLISH = 4 * 1_048_576;

export type DeadLetterTopics = {
  readonly deadLetters: string;
  /** Where a letter goes whose headers do not say which topic it came from. */
  readonly cdr: string;
};

export class DeadLetters {
  constructor(
    private readonly bus: MessageBus,
    private readonly topics: DeadLetterTopics,
    private readonly watch: Watch = {},
  ) {}

  /** In no promised order. Memory grows with the number of letters, by some hundred bytes each, not with their size. */
  async *list(filter: LetterFilter = {}, states: readonly LetterState[] = ['open']): AsyncGenerator<DeadLetter> {
    for await (const message of this.#matching(filter, states)) yield letterOf(message);
  }

  /** Undefined when there is none of that name, or it is settled. */
  async show(id: string): Promise<DeadLetterMessage | undefined> {
    for await (const message of this.#matching({ id }, ['open', 'discarded'])) {
      const original = await this.#original(message);
      return { ...letterOf(message), headers: original?.headers ?? {}, value: original?.value ?? null };
    }
    return undefined;
  }

  /** How many were sent again, and where to. A discarded one is, too, when it is asked for by its name. */
  async retry(filter: LetterFilter): Promise<{ readonly retried: number; readonly topics: readonly string[] }> {
    const batches = new Map<string, Batch>();
    let retried = 0;
    for await (const message of this.#matching(filter, filter.id === undefined ? ['open'] : ['open', 'discarded'])) {
      const original = await this.#original(message);
      if (original === undefined) continue;
      const topic = this.#topicOf(original);
      const batch = batches.get(topic) ?? new Batch(this.bus, topic);
      batches.set(topic, batch);
      await batch.add(retryOf(original));
      retried += 1;
    }
    for (const batch of batches.values()) await batch.publish();
    return { retried, topics: [...batches.keys()] };
  }

  /** How many were struck off the list; they stay on the topic and can be listed as discarded. */
  async discard(filter: LetterFilter, by: { readonly author: string; readonly reason: string }): Promise<number> {
    const batch = new Batch(this.bus, this.topics.deadLetters);
    let discarded = 0;
    for await (const message of this.#matching(filter, ['open'])) {
      await batch.add(discardOf(message, by));
      discarded += 1;
    }
    await batch.publish();
    return discarded;
  }

  async *#matching(filter: LetterFilter, states: readonly LetterState[]): AsyncGenerator<Message> {
    const reading = await lastWords(this.bus, this.topics.deadLetters, filter.id, this.watch);
    for await (const message of messagesOf(this.bus, this.topics.deadLetters, reading, states)) {
      if (isAskedFor(letterOf(message), filter)) yield message;
    }
  }

  /** The letter itself: a word that discards one says where it stands. */
  async #original(message: Message): Promise<Message | undefined> {
    const [partition, offset] = message.headers[LETTER_HEADER]?.split('/') ?? [];
    if (partition === undefined || offset === undefined) return message;
    return messageAt(this.bus, this.topics.deadLetters, Number(partition), BigInt(offset));
  }

  #topicOf({ headers }: Message): string {
    return headers['kafka_dlt-original-topic'] ?? this.topics.cdr;
  }
}

function letterOf(message: Message): DeadLetter {
  const { headers, key, timestampMs } = message;
  const at = new Date(timestampMs).toISOString();
  const rejection = headers[REJECTION_HEADER] ?? '';
  const colon = rejection.indexOf(': ');
  const isDiscarded = headers[SETTLED_HEADER] === DISCARDED;
  return {
    id: placeOf(message),
    key: key === null ? null : key.toString(),
    code: colon === -1 ? 'unknown' : rejection.slice(0, colon),
    reason: colon === -1 ? rejection : rejection.slice(colon + 2),
    putAsideAt: isDiscarded ? (headers[PUT_ASIDE_HEADER] ?? at) : at,
    discarded: isDiscarded ? { author: headers[AUTHOR_HEADER] ?? '', reason: headers[REASON_HEADER] ?? '', at } : null,
  };
}

function isAskedFor(letter: DeadLetter, { code, tenant, id }: LetterFilter): boolean {
  return (
    (code === undefined || letter.code === code) &&
    (tenant === undefined || letter.key === tenant) &&
    (id === undefined || letter.id === id)
  );
}

/** The same key, bytes and headers, which may be what tells their switch; the origin is kept, so that the ledger tells where the
 * record was first seen. */
function retryOf(message: Message): MessageToPublish {
  const id = placeOf(message);
  const [topic = '', partition = '', offset = ''] = id.split('/');
  const origin = { kind: 'bus', offset, partition: Number(partition), topic };
  const kept = Object.entries(message.headers).filter(([name]) => !name.startsWith(DLT_HEADERS));
  const headers = { 'cdr-origin': JSON.stringify(origin), ...Object.fromEntries(kept), 'cdr-retry': id };
  return { key: message.key, value: message.value, headers };
}

function discardOf(message: Message, { author, reason }: { readonly author: string; readonly reason: string }): MessageToPublish {
  const [topic = '', partition = '', offset = ''] = placeOf(message).split('/');
  const headers = {
    [`${DLT_HEADERS}original-topic`]: topic,
    [`${DLT_HEADERS}original-partition`]: partition,
    [`${DLT_HEADERS}original-offset`]: offset,
    [REJECTION_HEADER]: message.headers[REJECTION_HEADER] ?? '',
    [SETTLED_HEADER]: DISCARDED,
    [AUTHOR_HEADER]: author,
    [REASON_HEADER]: reason,
    [LETTER_HEADER]: `${message.partition}/${message.offset}`,
    [PUT_ASIDE_HEADER]: new Date(message.timestampMs).toISOString(),
  };
  return { key: message.key, value: null, headers };
}

/** What goes to one topic, sent whenever it has become much. */
class Batch {
  #messages: MessageToPublish[] = [];
  #bytes = 0;

  constructor(
    private readonly bus: MessageBus,
    private readonly topic: string,
  ) {}

  async add(message: MessageToPublish): Promise<void> {
    this.#messages.push(message);
    this.#bytes += message.value?.length ?? 0;
    if (this.#messages.length >= MESSAGES_PER_PUBLISH || this.#bytes >= BYTES_PER_PUBLISH) await this.publish();
  }

  async publish(): Promise<void> {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    if (messages.length > 0) await this.bus.publish(this.topic, messages);
  }
}

/** A letter's bytes as text, or as base64 where they are no UTF-8. */
export function contentOfLetter(value: Buffer | null): { readonly text: string | null; readonly base64: string | null } {
  if (value === null) return { text: null, base64: null };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(value), base64: null };
  } catch {
    return { text: null, base64: value.toString('base64') };
  }
}
