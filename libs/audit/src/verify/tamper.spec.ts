// A thousand hands in the store: single bytes changed, events removed, events swapped, at places that a seed decides; in SQLite's rows
// and in events that are held as EventStoreDB's chunks hold them. Each is found with the revision named, or is harmless: every reader
// still reads what was written.
//
// A checkpoint saved before stands beside the chain, because the last events of a stream leave no gap. Harmless are only swaps that
// change no stream, and bytes of JSON that read the same, such as another letter case in \u001f; SQLite's text is compared to the byte,
// so there even those are found.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSqliteEventStore, type EventStore, type RecordedEvent } from '@tollkeeper/event-store';
import { STREAM_PREFIX } from '@tollkeeper/ledger';
import { heldOf, heldStore, type Held } from './held-store.fixture.js';
import { NOW_MS, openLedger, type Ledger } from './ledger.fixture.js';
import { verifyLedger } from './verify-ledger.js';

const SEED = Number(process.env['TAMPER_SEED'] ?? Date.now() % 1_000_000);
const TAMPERINGS = 1_000;

let ledger: Ledger;
let events: readonly RecordedEvent[];
let checkpoint: string;
beforeAll(async () => {
  ledger = await openLedger();
  events = await ledger.events();
  checkpoint = join(ledger.folder, 'checkpoint');
  await found(ledger.store, { saveCheckpoint: checkpoint });
});
afterAll(() => ledger.close());

/** Mulberry32: a whole number below `below`. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((((mixed ^ (mixed >>> 14)) >>> 0) * below) / 2 ** 32) | 0;
  };
}

type Place = { readonly stream: string; readonly revision: number };
type Tampering = { readonly what: string; readonly places: readonly Place[] };

/** Streams with revisions that a proof by chain and checkpoint names. */
async function found(
  store: EventStore,
  files: { readonly checkpoint?: string; readonly saveCheckpoint?: string },
): Promise<readonly string[]> {
  const none = { notChecked: 'not at hand' };
  const parts = { store, decks: none, ring: none, readStore: none, gateway: none };
  const only = ['hash chain', 'checkpoint'] as const;
  const { differences } = await verifyLedger(parts, { only, nowMs: NOW_MS, ...files });
  return differences.flatMap(({ stream, revision, found: text }) => {
    const [, from, to = from] = /revisions? (\d+)(?: to (\d+))? (?:is|are) missing/.exec(text) ?? [];
    const missing = from === undefined ? [] : Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => Number(from) + at);
    return [revision, ...missing].map((named) => `${stream} ${named}`);
  });
}

type Outcome = 'found' | 'harmless' | 'missed' | 'elsewhere';

async function outcomeOf(store: EventStore, { places }: Tampering): Promise<Outcome> {
  const named = await found(store, { checkpoint });
  if (named.length === 0) return (await readsTheSame(store)) ? 'harmless' : 'missed';
  return places.some(({ stream, revision }) => named.includes(`${stream} ${revision}`)) ? 'found' : 'elsewhere';
}

/** Each stream, event by event; how the streams are mixed in the store is no part of the ledger. */
async function readsTheSame(store: EventStore): Promise<boolean> {
  const read: RecordedEvent[] = [];
  for await (const page of store.readAll({ streamPrefix: STREAM_PREFIX })) read.push(...page);
  return linesOf(read) === linesOf(events);
}

function linesOf(all: readonly RecordedEvent[]): string {
  const streams = Map.groupBy(all, ({ stream }) => stream);
  const lines = [...streams].toSorted(([left], [right]) => (left < right ? -1 : 1)).flatMap(([, own]) => own);
  return lines
    .map(({ stream, revision, id, type, data, metadata }) => JSON.stringify([stream, revision, id, type, data, metadata]))
    .join('\n');
}

/** Each with what was done, so that a failure can be repeated. */
async function tampered(
  seed: number,
  tamperAndVerify: (random: (below: number) => number) => Promise<readonly [Tampering, Outcome]>,
): Promise<Readonly<Record<Outcome, readonly string[]>>> {
  const random = randomOf(seed);
  const outcomes: Record<Outcome, string[]> = { found: [], harmless: [], missed: [], elsewhere: [] };
  for (let at = 0; at < TAMPERINGS; at += 1) {
    const [{ what, places }, outcome] = await tamperAndVerify(random);
    outcomes[outcome].push(`${what} (${places.map(({ stream, revision }) => `${stream} ${revision}`).join(', ')})`);
  }
  return outcomes;
}

function flipped(bytes: Buffer, random: (below: number) => number): Buffer {
  const changed = Buffer.from(bytes);
  const at = random(changed.length);
  changed[at] = ((changed[at] as number) + 1 + random(255)) % 256;
  return changed;
}

const KINDS = ['byte', 'byte', 'byte', 'remove', 'swap'] as const;

test(`in SQLite's rows: seed ${SEED}`, async () => {
  const file = join(ledger.folder, 'tampered.sqlite');
  const written = openSqliteEventStore(file);
  for (const { stream, revision, ...event } of events) await written.append(stream, revision - 1, [event]);
  await written.close();
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; CREATE TABLE kept AS SELECT * FROM events');
  const rows = database.prepare('SELECT position, stream, revision FROM kept').all() as unknown as readonly (Place & {
    position: number;
  })[];
  const outcomes = await tampered(SEED, async (random) => {
    const [one, other] = [rows[random(rows.length)]!, rows[random(rows.length)]!];
    const tampering = tamperRows(database, one, other, random);
    const store = openSqliteEventStore(file, { readOnly: true });
    const outcome = await outcomeOf(store, tampering);
    await store.close();
    database.exec('BEGIN; DELETE FROM events; INSERT INTO events SELECT * FROM kept; COMMIT');
    return [tampering, outcome];
  });
  database.close();
  expect({ seed: SEED, missed: outcomes.missed, elsewhere: outcomes.elsewhere }).toEqual({
    seed: SEED,
    missed: [],
    elsewhere: [],
  });
  // What changed nothing may pass, and nothing else.
  expect(outcomes.harmless.filter((what) => !what.startsWith('nothing'))).toEqual([]);
  expect(outcomes.found.length).toBeGreaterThan(TAMPERINGS * 0.9);
}, 120_000);

type RowPlace = Place & { readonly position: number };

function tamperRows(database: DatabaseSync, one: RowPlace, other: RowPlace, random: (below: number) => number): Tampering {
  const kind = KINDS[random(KINDS.length)];
  if (kind === 'remove') {
    database.prepare('DELETE FROM events WHERE position = ?').run(one.position);
    return { what: 'removed', places: [one] };
  }
  if (kind === 'swap') {
    if (one.position === other.position) return { what: 'nothing', places: [one] };
    const column = (['data', 'metadata', 'id', 'all'] as const)[random(4)]!;
    for (const name of column === 'all' ? ['data', 'metadata', 'id', 'type'] : [column]) {
      const put = database.prepare(
        `UPDATE events SET ${name} = (SELECT ${name} FROM kept WHERE position = ?) WHERE position = ?`,
      );
      put.run(other.position, one.position);
      put.run(one.position, other.position);
    }
    return { what: `swapped ${column}`, places: [one, other] };
  }
  const column = (['data', 'data', 'data', 'metadata', 'id', 'type', 'stream', 'revision'] as const)[random(8)]!;
  if (column === 'revision') return renumbered(database, one, random);
  const { bytes } = database
    .prepare(`SELECT CAST(${column} AS BLOB) AS bytes FROM events WHERE position = ?`)
    .get(one.position) as { bytes: Uint8Array };
  const changed = flipped(Buffer.from(bytes), random);
  database.prepare(`UPDATE events SET ${column} = CAST(? AS TEXT) WHERE position = ?`).run(changed, one.position);
  return { what: `a byte of ${column}`, places: [one] };
}

function renumbered(database: DatabaseSync, place: RowPlace, random: (below: number) => number): Tampering {
  const revision = place.revision ^ (1 << random(8));
  try {
    database.prepare('UPDATE events SET revision = ? WHERE position = ?').run(revision, place.position);
    return { what: 'a bit of revision', places: [place, { ...place, revision }] };
  } catch {
    return { what: 'nothing: SQLite keeps two events from one revision', places: [place] };
  }
}

test(`in events as EventStoreDB holds them: seed ${SEED}`, async () => {
  const outcomes = await tampered(SEED + 1, async (random) => {
    const held = heldOf(events);
    const tampering = tamperHeld(held, random);
    return [tampering, await outcomeOf(heldStore(held, ledger.store), tampering)];
  });
  expect({ seed: SEED, missed: outcomes.missed, elsewhere: outcomes.elsewhere }).toEqual({
    seed: SEED,
    missed: [],
    elsewhere: [],
  });
  expect(outcomes.found.length).toBeGreaterThan(TAMPERINGS * 0.9);
}, 120_000);

function tamperHeld(held: Held[], random: (below: number) => number): Tampering {
  const [at, with_] = [random(held.length), random(held.length)];
  const [one, other] = [held[at]!, held[with_]!];
  const places = [{ ...one }];
  switch (KINDS[random(KINDS.length)]) {
    case 'remove':
      held.splice(at, 1);
      return { what: 'removed', places };
    case 'swap': {
      places.push({ ...other });
      const fields = ([['revision'], ['position'], ['data', 'metadata', 'type', 'id'], ['metadata']] as const)[random(4)]!;
      for (const field of fields) [(one as any)[field], (other as any)[field]] = [other[field], one[field]];
      return { what: `swapped ${fields.join()}`, places };
    }
    default: {
      const field = (['data', 'data', 'data', 'metadata', 'type', 'id', 'stream'] as const)[random(7)]!;
      const changed = flipped(Buffer.from(one[field]), random);
      if (field === 'data' || field === 'metadata') one[field] = changed;
      else one[field] = changed.toString('latin1');
      return { what: `a byte of ${field}`, places };
    }
  }
}
