// Debit step's last act: decided events → stored form, each bound to its predecessor by a hash; and back, loudly.

import { hash } from 'node:crypto';
import { NO_HASH, type Account } from './account.js';
import { evolve } from './evolve.js';
import { canonicalJson, type JsonObject } from './canonical-json.js';
import { isLedgerEventType, type LedgerEvent } from './events.js';

export const STREAM_PREFIX = 'credit-';

export type StoredEvent = {
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
};

/** A stored event together with its place, as an event store gives it back. */
export type PlacedEvent = StoredEvent & { readonly stream: string; readonly revision: number };

export function streamOf(tenant: string): string {
  return STREAM_PREFIX + tenant;
}

export function tenantOf(stream: string): string {
  return stream.slice(STREAM_PREFIX.length);
}

/**
 * Hexadecimal SHA-256 over the canonical form of stream, revision, stored type, data and metadata without the hash,
 * which holds the predecessor's: a changed, lost or swapped event shows in every later one.
 */
export function hashOfEvent(event: Omit<PlacedEvent, 'id' | 'metadata'>, previousHash: string): string {
  return hashOfText(canonicalJson(event.data), event.stream, event.revision, event.type, previousHash);
}

function hashOfText(data: string, stream: string, revision: number, type: string, previousHash: string): string {
  const metadata = `{"previousHash":"${previousHash}"}`;
  const place = `"revision":${revision},"stream":${JSON.stringify(stream)},"type":${JSON.stringify(type)}`;
  return hash('sha256', `{"data":${data},"metadata":${metadata},${place}}`, 'hex');
}

/** UUIDv8 of the first 128 bits of the hash less the six that say version and variant: same id, same bytes. */
export function idOfHash(eventHash: string): string {
  const variant = ((parseInt(eventHash.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const parts = [eventHash.slice(0, 8), eventHash.slice(8, 12), `8${eventHash.slice(13, 16)}`, variant + eventHash.slice(17, 20)];
  return `${parts.join('-')}-${eventHash.slice(20, 32)}`;
}

export type Recorded = { readonly account: Account; readonly stored: readonly StoredEvent[]; readonly byteLength: number };

const METADATA_BYTES = 180; // two hashes and their keys

/** The account after the decided events, and their stored form in the same order, `byteLength` bytes in all. */
export function record(account: Account, events: readonly LedgerEvent[]): Recorded {
  const stored: StoredEvent[] = [];
  let after = account;
  let byteLength = 0;
  for (const event of events) {
    const revision = after.revision + 1;
    const previousHash = after.lastHash;
    const data = event.data as unknown as JsonObject;
    const text = canonicalJson(data);
    const eventHash = hashOfText(text, streamOf(account.tenant), revision, event.type, previousHash);
    stored.push({ id: idOfHash(eventHash), type: event.type, data, metadata: { hash: eventHash, previousHash } });
    byteLength += Buffer.byteLength(text) + METADATA_BYTES;
    after = { ...evolve(after, event), lastHash: eventHash };
  }
  return { account: after, stored, byteLength };
}

/**
 * The account after one more stored event.
 * @throws Error when its type is unknown, its place or predecessor's hash is not what follows, or it cannot be folded.
 */
export function fold(account: Account, stored: PlacedEvent): Account {
  const { hash: eventHash, previousHash } = stored.metadata;
  if (stored.revision !== account.revision + 1) throw unreadable(stored, `it follows revision ${account.revision}`);
  if (previousHash !== account.lastHash)
    throw unreadable(stored, `it names ${String(previousHash)} as its predecessor's hash, not ${account.lastHash}`);
  if (typeof eventHash !== 'string' || eventHash.length !== NO_HASH.length) throw unreadable(stored, 'it carries no hash');
  return { ...evolve(account, decode(stored)), lastHash: eventHash };
}

/** @throws Error when no version of this program has written such a type. */
export function decode(stored: PlacedEvent): LedgerEvent {
  if (!isLedgerEventType(stored.type))
    throw unreadable(stored, `its type ${stored.type} is unknown; a newer program may have written it`);
  return { type: stored.type, data: stored.data } as unknown as LedgerEvent;
}

function unreadable(stored: PlacedEvent, why: string): Error {
  return new Error(`${stored.stream} revision ${stored.revision} cannot be read: ${why}`);
}
