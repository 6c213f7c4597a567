// Proof of the history: each event's hash is computed anew from what stands in the store, and must be the one it carries, name its
// id, and follow its predecessor's, revision by revision.
//
// Where the store gives its text, the text itself is hashed, so that a byte which is not what was written is found even if it reads
// the same. Text whose keys were not in canonical order is hashed in canonical form, and must be what JSON.stringify writes. A store
// that gives parsed JSON only is taken at its word: what reads the same is the same.
// What a chain cannot show is that its last events are missing: a checkpoint and the read models do.

import { hash as digest } from 'node:crypto';
import { canonicalJson, idOfHash, isLedgerEventType } from '@tollkeeper/ledger';
import { Line } from './findings.js';
import type { SeenEvent, Unreadable } from './ledger-pages.js';

/** The predecessor's hash of a stream's first event. */
const NO_HASH = '0'.repeat(64);
const HASH_FORM = /^[0-9a-f]{64}$/;
/** As the ledger writes it: `{"hash":"…","previousHash":"…"}`. */
const METADATA_CHARS = '{"hash":"","previousHash":""}'.length + 2 * NO_HASH.length;

/** Without a hash where the event could not be read. */
export type Head = { readonly revision: number; readonly hash: string | undefined };
const BEFORE_THE_FIRST: Head = { revision: -1, hash: NO_HASH };

export class ChainCheck {
  readonly line = new Line(
    'hash chain',
    'Restore the event store from a backup made before, or find out who changed it; what follows from the event is not proven.',
  );
  /** Of each stream, the last event seen. */
  readonly heads = new Map<string, Head>();

  see(event: SeenEvent): void {
    const { stream, revision, id, type } = event.stored;
    const { hash, previousHash, isWhole } = hashesIn(event);
    const head = this.heads.get(stream) ?? BEFORE_THE_FIRST;
    const faults: string[] = [];
    const expected = head.revision + 1;
    if (revision !== expected) faults.push(gap(expected, revision));
    else if (head.hash !== undefined && previousHash !== head.hash)
      faults.push(`it does not name the hash of ${before(expected)}`);
    if (!isWhole) faults.push('its metadata is not the two hashes that were written');
    if (!isWritten(event, hash, previousHash)) faults.push('what stands there is not what was written: its hash is another');
    else if (id !== idOfHash(hash)) faults.push(`its id ${id} is not the one of its hash`);
    if (!isLedgerEventType(type)) faults.push(`no version of this program has written the type ${type}`);
    this.heads.set(stream, { revision, hash });
    this.line.checked += 1;
    if (faults.length > 0) this.line.differs({ stream, revision }, faults.join('; '));
  }

  /** An event that the store's client refuses stands for whatever it was; the next one tells whether it follows. */
  refused({ at: { stream, revision }, reason }: Unreadable): void {
    this.heads.set(stream, { revision, hash: undefined });
    this.line.checked += 1;
    this.line.differs({ stream, revision }, `it cannot be read: ${reason}`);
  }
}

function gap(expected: number, found: number): string {
  if (found < expected) return `it stands behind ${before(expected)}, so events were swapped or doubled`;
  if (found === expected + 1) return `revision ${expected} is missing before it`;
  return `revisions ${expected} to ${found - 1} are missing before it`;
}

function before(revision: number): string {
  return revision === 0 ? 'the beginning' : `revision ${revision - 1}`;
}

type Hashes = {
  readonly hash: string;
  readonly previousHash: string;
  /** Nothing else stands beside them. */
  readonly isWhole: boolean;
};

function hashesIn(event: SeenEvent): Hashes {
  const text = event.text?.metadata;
  if (text?.length === METADATA_CHARS) {
    const [hash, previousHash] = [text.slice(9, 73), text.slice(91, 155)];
    // Far the commonest, and not worth a parse.
    if (text === `{"hash":"${hash}","previousHash":"${previousHash}"}`) return { hash, previousHash, isWhole: true };
  }
  const { hash, previousHash, ...others } = event.metadata;
  const isWhole = HASH_FORM.test(String(hash)) && HASH_FORM.test(String(previousHash)) && Object.keys(others).length === 0;
  return { hash: String(hash), previousHash: String(previousHash), isWhole };
}

function isWritten(event: SeenEvent, hash: string, previousHash: string): boolean {
  const { text, stored } = event;
  if (text !== undefined && hashOf(text.data, stored, previousHash) === hash) return true;
  try {
    if (text !== undefined && JSON.stringify(event.data) !== text.data) return false;
    return hashOf(canonicalJson(event.data), stored, previousHash) === hash;
  } catch {
    // What has no canonical form was never written.
    return false;
  }
}

/** SHA-256 of the canonical form of what the event says and where it stands: written down in ARCHITECTURE.md, and here a second time. */
function hashOf(data: string, { stream, revision, type }: SeenEvent['stored'], previousHash: string): string {
  const metadata = `{"previousHash":${JSON.stringify(previousHash)}}`;
  const place = `"revision":${revision},"stream":${JSON.stringify(stream)},"type":${JSON.stringify(type)}`;
  return digest('sha256', `{"data":${data},"metadata":${metadata},${place}}`, 'hex');
}
