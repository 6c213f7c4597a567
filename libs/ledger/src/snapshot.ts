// Account ⇄ a head and the tables of known calls, so that a long stream loads from its tail. A snapshot is disposable: one of
// another version is ignored, and the stream is folded from its beginning.

import type { Account } from './account.js';
import { KnownCalls } from './known-calls.js';
import { SlicedMap } from './sliced-map.js';

/** Raised whenever Account changes in shape or meaning. */
const SNAPSHOT_VERSION = 5;

/** Whoever keeps it sees to it that the bytes come back undamaged. */
export type AccountSnapshot = {
  readonly head: Uint8Array;
  /** The tables as they are in memory, oldest first. A final one never changes again and need be kept only once. */
  readonly parts: readonly { readonly bytes: Uint8Array; readonly isFinal: boolean }[];
};

type Head = {
  readonly version: number;
  readonly account: Omit<Account, 'knownCalls'>;
  readonly segments: readonly { readonly lastDay: number; readonly keys: number }[];
};

/** The tables are the live ones: the account must not be settled until the snapshot is kept. */
export function snapshotOf(account: Account): AccountSnapshot {
  const { knownCalls, ...rest } = account;
  const tables = knownCalls.settledSegments();
  const head: Head = {
    version: SNAPSHOT_VERSION,
    account: rest,
    segments: tables.map(({ lastDay, keys }) => ({ lastDay, keys })),
  };
  return {
    head: Buffer.from(JSON.stringify(head, written)),
    parts: tables.map(({ slots, isSealed }) => ({ bytes: bytesOf(slots), isFinal: isSealed })),
  };
}

/** Takes the tables over as they are. Undefined when the snapshot is of another version, or of another tenant. */
export function accountFromSnapshot(tenant: string, { head: headBytes, parts }: AccountSnapshot): Account | undefined {
  const head = JSON.parse(Buffer.from(headBytes).toString(), revived) as Head;
  if (head.version !== SNAPSHOT_VERSION || head.account.tenant !== tenant) return undefined;
  if (head.segments.length !== parts.length) return undefined;
  const segments = parts.map(({ bytes }, at) => ({ ...(head.segments[at] as Head['segments'][number]), slots: wordsOf(bytes) }));
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

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Uint32Array.BYTES_PER_ELEMENT);
}
