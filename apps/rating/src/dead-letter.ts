// Rate step's way out for what cannot be recorded: a message and its rejection → a dead letter with key and bytes intact.

import type { Message, MessageToPublish } from '@tollkeeper/message-bus';

/** Why a message was put aside; the code is one of the CDR's, the rating's, the ledger's, or of this list. */
export type Rejected = { readonly code: string; readonly reason: string };

export const INTAKE_REJECTION_CODES = [
  'cdr-unknown-source', // neither the cdr-source header nor the topic names a source of the settings
  'cdr-empty', // the message has no bytes
] as const;

/** Header values are bounded, so that a long reason cannot make a letter that the broker refuses. */
const MAX_REASON_CHARS = 1_000;

/** Written by `tollkeeper dead-letters retry`: the place of the original that is tried again, `topic/partition/offset`. */
export const CDR_RETRY_HEADER = 'cdr-retry';
const PLACE = /^(?<topic>[A-Za-z0-9._-]{1,249})\/(?<partition>\d{1,9})\/(?<offset>\d{1,18})$/;

/** Headers in the words of Spring's dead letters, which tools for Kafka know; the original headers stay beside them. */
export function deadLetter(message: Message, rejected: readonly Rejected[]): MessageToPublish {
  const reasons = rejected.map(({ code, reason }) => `${code}: ${reason}`).join('; ');
  return {
    key: message.key,
    value: message.value,
    headers: { ...message.headers, ...placeHeaders(message), 'kafka_dlt-exception-message': reasons.slice(0, MAX_REASON_CHARS) },
  };
}

/** Strikes a letter that was retried off the list: its message has been recorded now, or was before. */
export function settled(message: Message): MessageToPublish {
  return { key: message.key, value: null, headers: { ...placeHeaders(message), 'cdr-retry-settled': 'recorded' } };
}

/** A message of a tenant whose stream cannot be folded, to wait for the day it can. */
export function parked(message: Message, tenant: string, reason: string): MessageToPublish {
  return deadLetter(message, [{ code: 'tenant-set-aside', reason: `tenant ${tenant}: ${reason}` }]);
}

export function isRetry(message: Message): boolean {
  return PLACE.test(message.headers[CDR_RETRY_HEADER] ?? '');
}

/** A message that is tried again keeps the place it was first put aside at, so that it stays one letter. */
function placeHeaders(message: Message): Record<string, string> {
  const { topic, partition, offset } = PLACE.exec(message.headers[CDR_RETRY_HEADER] ?? '')?.groups ?? message;
  return {
    'kafka_dlt-original-topic': String(topic),
    'kafka_dlt-original-partition': String(partition),
    'kafka_dlt-original-offset': String(offset),
  };
}
