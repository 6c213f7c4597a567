// Account ⇄ bytes, so that a long stream loads from its tail. A snapshot is disposable: one that is damaged or of another
// version is ignored, and the stream is folded from its beginning.

import { hash } from 'node:crypto';
import { initialAccount, type Account, type RechargeState } from './account.js';
import { KnownCalls, type KnownCallsSegment } from './known-calls.js';

/** Raised whenever Account changes in shape or meaning. */
const SNAPSHOT_VERSION = 2;
const HEAD_LENGTH_BYTES = 4;
const DIGEST_BYTES = 32;

type Head = {
  readonly version: number;
  readonly account: Omit<Account, 'knownCalls' | 'recharges' | 'purchases'>;
  readonly recharges: readonly (readonly [string, RechargeState])[];
  readonly purchases: readonly (readonly [string, string])[];
  readonly segments: readonly { readonly lastDay: number; readonly keys: number; readonly words: number }[];
};

/** Layout: SHA-256 of the rest, length of the head, head as JSON, then the tables of known calls as they are in memory. */
export function snapshotOf(account: Account): Uint8Array {
  const { knownCalls, recharges, purchases, ...rest } = account;
  const tables = knownCalls.settledSegments();
  const head: Head = {
    version: SNAPSHOT_VERSION,
    account: rest,
    recharges: [...recharges],
    purchases: [...purchases],
    segments: tables.map(({ lastDay, keys, slots }) => ({ lastDay, keys, words: slots.length })),
  };
  const headBytes = Buffer.from(
    JSON.stringify(head, (_, value: unknown) => (typeof value === 'bigint' ? { micros: String(value) } : value)),
  );
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
  const head = JSON.parse(body.toString('utf8', HEAD_LENGTH_BYTES, headEnd), reviveMicros) as Head;
  if (head.version !== SNAPSHOT_VERSION || head.account.tenant !== tenant) return undefined;
  let at = headEnd;
  const segments = head.segments.map(({ lastDay, keys, words }): KnownCallsSegment => {
    const slots = new Uint32Array(words);
    bytesOf(slots).set(body.subarray(at, at + slots.byteLength));
    at += slots.byteLength;
    return { lastDay, keys, slots };
  });
  return {
    ...initialAccount(tenant),
    ...head.account,
    recharges: new Map(head.recharges),
    purchases: new Map(head.purchases),
    knownCalls: KnownCalls.restored(segments),
  };
}

function reviveMicros(_: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'micros' in value && typeof value.micros === 'string')
    return BigInt(value.micros);
  return value;
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function digestOf(body: Uint8Array): Buffer {
  return hash('sha256', body, 'buffer');
}
