// Dead letters, as they stand on their topic: messages in, the last word on each original out, read twice and kept small.
//
// The topic is the only truth: rating writes a letter, and a word that strikes it off once a retry is recorded; an operator's discard is
// such a word too. Letters keep the key of their original and so its partition; one without a key may stand anywhere, and then
// the later word counts.

import type { Message, MessageBus } from '@tollkeeper/message-bus';

export type LetterState = 'open' | 'discarded';

/** Numbers only: there may be a million letters. */
type Word = {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly state: LetterState | 'recorded';
};

export const SETTLED_HEADER = 'cdr-retry-settled';
export const DISCARDED = 'discarded';
/** Read at once; each message may have twice the bytes of a CDR's. */
const PAGE_MESSAGES = 500;

/** How far each partition reached when the reading began; both passes end there. */
export type Reading = { readonly words: ReadonlyMap<string, Word>; readonly ends: ReadonlyMap<number, Range> };
type Range = { readonly first: bigint; readonly next: bigint };

export type Watch = { onRead?(messages: number): void };

/** First pass. With an id, of that letter only. */
export async function lastWords(bus: MessageBus, topic: string, id: string | undefined, { onRead }: Watch): Promise<Reading> {
  const words = new Map<string, Word>();
  const ends = new Map<number, Range>();
  for (const { partition, first, next } of await bus.offsets(topic)) {
    ends.set(partition, { first, next });
    for await (const page of pagesOf(bus, topic, partition, { first, next })) {
      for (const message of page) {
        const place = placeOf(message);
        if (id !== undefined && place !== id) continue;
        const word = wordOf(message);
        if (isLater(word, words.get(place))) words.set(place, word);
      }
      onRead?.(page.length);
    }
  }
  return { words, ends };
}

/** Second pass: the messages that are the last word on a letter of one of the states, in order of partition and offset. */
export async function* messagesOf(
  bus: MessageBus,
  topic: string,
  { words, ends }: Reading,
  states: readonly LetterState[],
): AsyncGenerator<Message> {
  const wanted = new Map<number, Set<number>>();
  for (const { partition, offset, state } of words.values()) {
    if (!(states as readonly string[]).includes(state)) continue;
    const offsets = wanted.get(partition) ?? new Set();
    wanted.set(partition, offsets.add(offset));
  }
  for (const [partition, offsets] of wanted) {
    const { next = 0n } = ends.get(partition) ?? {};
    // Settled letters in between are passed over where there are many.
    const first = [...offsets].reduce((least, offset) => Math.min(least, offset));
    const only = offsets.size === 1 ? BigInt(first) + 1n : next;
    for await (const page of pagesOf(bus, topic, partition, { first: BigInt(first), next: only })) {
      for (const message of page) if (offsets.has(Number(message.offset))) yield message;
    }
  }
}

export async function messageAt(bus: MessageBus, topic: string, partition: number, offset: bigint): Promise<Message | undefined> {
  const [message] = await bus.read(topic, partition, offset, 1);
  return message?.offset === offset ? message : undefined;
}

async function* pagesOf(
  bus: MessageBus,
  topic: string,
  partition: number,
  { first, next }: Range,
): AsyncGenerator<readonly Message[]> {
  for (let from = first; from < next;) {
    const page = await bus.read(topic, partition, from, Math.min(PAGE_MESSAGES, Number(next - from)));
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.filter(({ offset }) => offset < next);
    from = last.offset + 1n;
  }
}

function wordOf({ partition, offset, timestampMs, headers }: Message): Word {
  const settled = headers[SETTLED_HEADER];
  const state = settled === undefined ? 'open' : settled === DISCARDED ? 'discarded' : 'recorded';
  return { partition, offset: Number(offset), timestampMs, state };
}

function isLater(word: Word, known: Word | undefined): boolean {
  if (known === undefined) return true;
  if (known.partition === word.partition) return word.offset > known.offset;
  if (known.timestampMs !== word.timestampMs) return word.timestampMs > known.timestampMs;
  return word.state !== 'open';
}

/** Topic, partition and offset of the original: what a letter is called by. */
export function placeOf({ headers, topic, partition, offset }: Message): string {
  const place = ['topic', 'partition', 'offset'].map((part) => headers[`kafka_dlt-original-${part}`]);
  return place.includes(undefined) ? `${topic}/${partition}/${offset}` : place.join('/');
}
