// Proof against a history that was rewritten with a chain that holds: where each stream ended, and with which hash, is kept in a file
// elsewhere; later the event at that place must still carry that hash.
//
// The file is NDJSON: a first line with when, up to where and, if not of all, of which tenant, one line for each stream, and a last one with how many there are and the
// SHA-256 of all before it, so that half a file does not pass for a whole one. It is read line by line, whatever its length.

import { createHash } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import type { EventStore } from '@tollkeeper/event-store';
import { hashOfEvent, streamOf } from '@tollkeeper/ledger';
import type { Head } from './chain.js';
import { Line } from './findings.js';

const FORMAT = 'tollkeeper-checkpoint-1';
const STREAMS_AT_ONCE = 64;
const LINES_PER_WRITE = 1_000;

/** The file is no checkpoint, not a whole one, or not one of what is asked for. */
export class CheckpointFaulty extends Error {}

export type CheckpointHeader = {
  readonly madeAt: string;
  readonly position: string;
  /** The one whose stream alone is in it. */
  readonly tenant?: string | undefined;
};

type End = { readonly streams: number; readonly sha256: string };
type Entry = { readonly stream: string; readonly revision: number; readonly hash: string };

/** Stands under its name only when it is whole. */
export async function saveCheckpoint(file: string, header: CheckpointHeader, heads: ReadonlyMap<string, Head>): Promise<void> {
  const digest = createHash('sha256');
  const unfinished = `${file}.unfinished`;
  const handle = await open(unfinished, 'w');
  try {
    let lines = [JSON.stringify({ format: FORMAT, ...header })];
    const flush = async (): Promise<void> => {
      const text = lines.map((line) => `${line}\n`).join('');
      digest.update(text);
      lines = [];
      await handle.writeFile(text);
    };
    for (const [stream, { revision, hash }] of heads) {
      lines.push(JSON.stringify({ stream, revision, hash }));
      if (lines.length >= LINES_PER_WRITE) await flush();
    }
    await flush();
    await handle.writeFile(`${JSON.stringify({ streams: heads.size, sha256: digest.digest('hex') })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
}

/** @throws CheckpointFaulty when the file is not a whole checkpoint, or one of another tenant only. */
export async function compareCheckpoint(
  store: EventStore,
  file: string,
  { tenant }: { readonly tenant?: string | undefined },
): Promise<Line> {
  const line = new Line(
    'checkpoint',
    'The history was changed after the checkpoint was saved: restore the event store from a backup and compare again.',
  );
  const only = tenant === undefined ? undefined : streamOf(tenant);
  let waiting: Entry[] = [];
  const compareWaiting = async (): Promise<void> => {
    const entries = waiting;
    waiting = [];
    const faults = await Promise.all(entries.map(async (entry) => ({ entry, fault: await faultOf(store, entry) })));
    for (const { entry, fault } of faults) {
      line.checked += 1;
      if (fault !== undefined) line.differs(entry, fault);
    }
  };
  for await (const entry of entriesIn(file, tenant)) {
    if (only !== undefined && entry.stream !== only) continue;
    waiting.push(entry);
    if (waiting.length >= STREAMS_AT_ONCE) await compareWaiting();
  }
  await compareWaiting();
  if (line.checked === 0) line.notChecked = `it has no stream of tenant ${String(tenant)}, which was opened after it was saved`;
  return line;
}

async function faultOf(store: EventStore, { stream, revision, hash }: Entry): Promise<string | undefined> {
  try {
    for await (const [event] of store.readStream(stream, { fromRevision: revision, maxCount: 1 })) {
      if (event === undefined || event.revision !== revision) break;
      // What it carries is not enough: it has to be what it says.
      const isSame = event.metadata['hash'] === hash && hashOfEvent(event, String(event.metadata['previousHash'])) === hash;
      return isSame ? undefined : 'the event that stands there is another than at the time of the checkpoint';
    }
    return 'the stream had this revision at the time of the checkpoint, and ends before it now';
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`;
  }
}

async function* entriesIn(file: string, tenant: string | undefined): AsyncGenerator<Entry> {
  const faulty = (why: string): CheckpointFaulty =>
    new CheckpointFaulty(
      `${file} is no whole checkpoint: ${why}; take another one that tollkeeper verify --save-checkpoint wrote`,
    );
  const digest = createHash('sha256');
  let streams = 0;
  let lines = 0;
  let end: End | undefined;
  const handle = await open(file);
  for await (const text of handle.readLines()) {
    const line = parsed(text);
    if (line === undefined || end !== undefined) throw faulty(`line ${lines + 1} is none of a checkpoint`);
    lines += 1;
    if (lines === 1 && line['format'] !== FORMAT) throw faulty(`it does not begin with ${FORMAT}`);
    if (lines === 1) assertOf(file, line['tenant'], tenant);
    if ('sha256' in line) {
      end = line as unknown as End;
      continue;
    }
    digest.update(`${text}\n`);
    if (lines === 1) continue;
    const { stream, revision, hash } = line as Partial<Entry>;
    if (stream === undefined || revision === undefined || hash === undefined) throw faulty(`line ${lines} names no event`);
    streams += 1;
    yield { stream, revision, hash };
  }
  if (end === undefined) throw faulty('it has no last line');
  if (streams === 0) throw faulty('it holds no stream');
  if (end.streams !== streams || end.sha256 !== digest.digest('hex')) throw faulty('its last line does not fit the others');
}

/** What is in no checkpoint would pass for unchanged. */
function assertOf(file: string, kept: unknown, asked: string | undefined): void {
  if (kept === undefined || kept === asked) return;
  throw new CheckpointFaulty(
    `${file} is of tenant ${String(kept)} only; compare with --tenant ${String(kept)}, or take a checkpoint of all tenants`,
  );
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
