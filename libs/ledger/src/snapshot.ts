// Account ⇄ bytes, so that a long stream loads from its tail. A snapshot is disposable: one that is damaged or of another
// version is ignored, and the stream is folded from its beginning.

import { hash } from 'node:crypto';
import type { Account } from './account.js';
import { KnownCalls, type KnownCallsSegment } from './known-calls.js';
import { SlicedMap } from './sliced-map.js';

/** Raised whenever Account changes in shape or meaning. */
const SNAPSHOT_VERSION = 3;
const HEAD_LENGTH_BYTES = 4;
const DIGEST_BYTES = 32;

type Head = {
  readonly version: number;
  readonly account: Omit<Account, 'knownCalls'>;
  readonly segments: readonly { readonly lastDay: number; readonly keys: number; readonly words: number }[];
};

/** Layout: SHA-256 of the rest, length of the head, head as JSON, then the tables of known calls as they are in memory. */
export function snapshotOf(account: Account): Uint8Array {
  const { knownCalls, ...rest } = account;
  const tables = knownCalls.settledSegments();
  const head: Head = {
    version: SNAPSHOT_VERSION,
    account: rest,
    segments: tables.map(({ lastDay, keys, slots }) => ({ lastDay, keys, words: slots.length })),
  };
  const headBytes = Buffer.from(JSON.stringify(head, written));
  const length = Buffer.alloc(HEAD_LENGTH_BYTES);
  length.writeUInt32LE(headBytes.length);
  const body = Buffer.concat([length, headBytes, ...tables.map(({ slots }) => bytesOf(slots))]);
  return Buffer.concat([digestOf(body), body]);
}

/** Undefined when the bytes are damaged, of another version, or of another tenant. */
export function accountFromSnapshot(tenant: string, bytes: Uint8Array): Account | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = all.subarray(DIGEST_BYTES);
  if (body.length < HEAD_LENGTH_BYTES || !digestOf(body).equals(all.subarray(0, DIGEST_BYTES))) return undefined;
  const headEnd = HEAD_LENGTH_BYTES + body.readUInt32LE(0);
  const head = JSON.parse(body.toString('utf8', HEAD_LENGTH_BYTES, headEnd), revived) as Head;
  if (head.version !== SNAPSHOT_VERSION || head.account.tenant !== tenant) return undefined;
  let at = headEnd;
  const segments = head.segments.map(({ lastDay, keys, words }): KnownCallsSegment => {
    const slots = new Uint32Array(words);
    bytesOf(slots).set(body.subarray(at, at + slots.byteLength));
    at += slots.byteLength;
    return { lastDay, keys, slots };
  });
  return { ...head.account, knownCalls: KnownCalls.restored(segments) };
}

/** What JSON has no form for, under a name of its own. */
function written(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $micros: String(value) };
  if (value === Infinity) return { $infinity: true };
  if (value instanceof SlicedMap) return { $sliced: [...value.entries()] };
  return value instanceof Map ? { $map: [...value] } : value;
}

function revived(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$micros' in value) return BigInt(value.$micros as string);
  if ('$infinity' in value) return Infinity;
  if ('$sliced' in value) return SlicedMap.of(value.$sliced as [string, unknown][]);
  return '$map' in value ? new Map(value.$map as [string, unknown][]) : value;
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function digestOf(body: Uint8Array): Buffer {
  return hash('sha256', body, 'buffer');
}
