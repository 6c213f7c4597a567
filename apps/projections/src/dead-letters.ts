// Lists what was put aside: dead letters on the bus → one row per original message, struck off when a retry has settled it.
//
// What if a letter comes twice? Its row is the original's place, so it is assigned again. Out of order? Rows do not depend on
// each other. We die after the commit? The bus delivers it again and the checkpoint skips it.

import type { Batch, Message } from '@tollkeeper/message-bus';
import type { DeadLetterRow, Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';

export async function listDeadLetters(batch: Batch, store: ReadStore<Tables>): Promise<void> {
  const checkpoint = `dead-letters:${batch.topic}:${batch.partition}`;
  const from = await store.checkpoint(checkpoint);
  const fresh = batch.messages.filter((message) => from === undefined || message.offset > from);
  const last = fresh.at(-1);
  if (last === undefined) return;
  // The last word on each letter: put aside (a row), or settled since (none).
  const rows = new Map(fresh.map((message) => [letterIdOf(message), rowOf(message)]));
  const open = [...rows.values()].filter((row) => row !== undefined);
  const settled = [...rows].filter(([, row]) => row === undefined).map(([letterId]) => letterId);
  await store.advance(checkpoint, from, last.offset, async (tx) => {
    if (open.length > 0) await store.upsert(tx, 'dead_letter', ['letter_id'], open);
    if (settled.length > 0) await tx.deleteFrom('dead_letter').where('letter_id', 'in', settled).execute();
  });
}

/** Topic, partition and offset of the original. */
function letterIdOf({ headers, topic, partition, offset }: Message): string {
  const place = ['topic', 'partition', 'offset'].map((part) => headers[`kafka_dlt-original-${part}`]);
  return place.includes(undefined) ? `${topic}/${partition}/${offset}` : place.join('/');
}

/** Undefined when the message says that a retry has settled the letter. */
function rowOf(message: Message): DeadLetterRow | undefined {
  const { headers, key, timestampMs } = message;
  if (headers['cdr-retry-settled'] !== undefined) return undefined;
  const text = headers['kafka_dlt-exception-message'] ?? '';
  const colon = text.indexOf(': ');
  return {
    letter_id: letterIdOf(message),
    message_key: key === null ? null : printable(key.toString('utf8')),
    code: colon === -1 ? 'unknown' : printable(text.slice(0, colon)),
    reason: printable(colon === -1 ? text : text.slice(colon + 2)),
    put_aside_at: new Date(timestampMs).toISOString(),
  };
}

/** PostgreSQL's text cannot hold a NUL, and a list is for reading. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd');
}
