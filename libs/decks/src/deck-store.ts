// Rate decks into the event store and out of it: a checked deck is imported once per plan, activated at an instant, read by hash.
//
// What if an import is repeated, or two people import the same file? Content and versions are found there and nothing is added.
// What if we die half-way? Content comes first and is continued where it ended; only a whole one is ever named by a version.

import { hash as digest } from 'node:crypto';
import { EventStoreError, type EventStore, type JsonObject } from '@tollkeeper/event-store';
import { contentOf, decksByPlan, isDeckRejection, parseDeck, type Deck } from '@tollkeeper/rating';
import { chunksOf, CONTENT_STREAM_PREFIX, textOf, type DeckContent } from './content.js';
import {
  applyDeckEvent,
  DECK_STREAM_PREFIX,
  deckEventOf,
  emptyHistory,
  type DeckEvent,
  type DeckHistory,
  type DeckVersion,
} from './versions.js';

export type ImportedBy = { readonly by: string; readonly name: string; readonly nowMs: number };
export type ImportedDeck = { readonly version: DeckVersion; readonly isNew: boolean };

/** A version for each plan of the deck. */
export async function importDeck(
  store: EventStore,
  deck: Deck,
  { by, name, nowMs }: ImportedBy,
): Promise<readonly ImportedDeck[]> {
  const imported: ImportedDeck[] = [];
  for (const [plan, own] of decksByPlan(deck)) {
    const text = contentOf(own);
    const chunks = chunksOf(text);
    await writeContent(store, own.hash, chunks);
    const data = {
      bytes: Buffer.byteLength(text),
      chunks: chunks.length,
      currencies: [...(own.books.get(plan)?.keys() ?? [])].toSorted(),
      hash: own.hash,
      importedBy: by,
      name,
      plan,
      recordedAt: new Date(nowMs).toISOString(),
      rows: own.rowCount,
    };
    let isNew = true;
    const history = await decideAndAppend(store, plan, ({ versions }) => {
      isNew = !versions.some(({ hash }) => hash === own.hash);
      return isNew ? { type: 'DeckImported.v1', data } : undefined;
    });
    const version = history.versions.find(({ hash }) => hash === own.hash);
    if (version !== undefined) imported.push({ version, isNew });
  }
  return imported;
}

export const DECK_REJECTION_CODES = [
  'deck-unknown', // no version of the plan has such a hash
  'deck-ambiguous', // several versions have a hash that begins so
] as const;
export type DeckVersionRejection = { readonly code: (typeof DECK_REJECTION_CODES)[number]; readonly reason: string };

/** From the word to its effect: every running program has heard of it by then. */
export const ACTIVATION_LEAD_MS = 10_000;

export type ActivateDeck = {
  readonly plan: string;
  /** Or its first characters. */
  readonly hash: string;
  readonly activeFromMs: number;
  readonly by: string;
  readonly nowMs: number;
};
export type ActivatedDeck = { readonly version: DeckVersion; readonly isNew: boolean };

/** An instant in the past is taken: calls that were debited keep their price, those whose CDRs come later have this one. */
export async function activateDeck(store: EventStore, command: ActivateDeck): Promise<ActivatedDeck | DeckVersionRejection> {
  const { plan, activeFromMs, by, nowMs } = command;
  let outcome: ActivatedDeck | DeckVersionRejection | undefined;
  const history = await decideAndAppend(store, plan, ({ versions, timeline }) => {
    const version = findVersion(versions, plan, command.hash);
    outcome = 'code' in version ? version : { version, isNew: true };
    if ('code' in version) return undefined;
    const { hash } = version;
    if (timeline.some((active) => active.fromMs === activeFromMs && active.hash === hash)) {
      outcome = { version, isNew: false };
      return undefined;
    }
    const [activeFrom, recordedAt] = [new Date(activeFromMs).toISOString(), new Date(nowMs).toISOString()];
    return { type: 'DeckActivated.v1', data: { activatedBy: by, activeFrom, hash, plan, recordedAt } };
  });
  if (outcome === undefined) throw new Error(`the activation of ${command.hash} was not decided`);
  if ('code' in outcome) return outcome;
  const { hash } = outcome.version;
  return { ...outcome, version: history.versions.find((version) => version.hash === hash) ?? outcome.version };
}

/** Fewer characters name a version by chance. */
export const LEAST_HASH_CHARS = 6;

/** By the whole hash or its beginning. */
export function findVersion(versions: readonly DeckVersion[], plan: string, hash: string): DeckVersion | DeckVersionRejection {
  if (hash.length < LEAST_HASH_CHARS) {
    return { code: 'deck-ambiguous', reason: `"${hash}" is too short; give at least ${LEAST_HASH_CHARS} characters of the hash` };
  }
  const matching = versions.filter((version) => version.hash.startsWith(hash));
  const [version] = matching;
  if (version !== undefined && matching.length === 1) return version;
  if (version === undefined) {
    return { code: 'deck-unknown', reason: `plan ${plan} has no version ${hash}; tollkeeper deck list tells which there are` };
  }
  return {
    code: 'deck-ambiguous',
    reason: `plan ${plan} has ${matching.length} versions that begin with ${hash}; give more of it`,
  };
}

/** Of one plan, or of all in the order of their first import. */
export async function readDeckVersions(store: EventStore, plan?: string): Promise<readonly DeckVersion[]> {
  if (plan !== undefined) return (await readHistory(store, plan)).versions;
  const histories = new Map<string, DeckHistory>();
  for await (const page of store.readAll({ streamPrefix: DECK_STREAM_PREFIX })) {
    for (const stored of page) {
      const name = stored.stream.slice(DECK_STREAM_PREFIX.length);
      histories.set(name, applyDeckEvent(histories.get(name) ?? emptyHistory(name), deckEventOf(stored)));
    }
  }
  return [...histories.values()].flatMap(({ versions }) => versions);
}

/** @throws Error when there is no such content, or when it is not what its name says. */
export async function readDeck(store: EventStore, hash: string): Promise<Deck> {
  const chunks = await readContent(store, hash);
  const deck = parseDeck(textOf(chunks, hash));
  if (!isDeckRejection(deck) && deck.hash === hash) return deck;
  throw new Error(
    `${CONTENT_STREAM_PREFIX}${hash} holds other rows than its name says; restore the event store, nothing is rated by it`,
  );
}

async function writeContent(store: EventStore, hash: string, chunks: readonly DeckContent[]): Promise<void> {
  const stream = CONTENT_STREAM_PREFIX + hash;
  const there = await readContent(store, hash);
  for (const [at, { text }] of there.entries()) {
    if (chunks[at]?.text !== text)
      throw new Error(`chunk ${at} of ${stream} holds other rows than its name says; restore the event store`);
  }
  for (const [at, data] of chunks.entries()) {
    if (at < there.length) continue;
    // The same chunk at the same place has the same id: whoever else writes it writes nothing twice.
    await store.append(stream, at - 1, [eventOf(stream, at, 'DeckContent.v1', data)]);
  }
}

async function readContent(store: EventStore, hash: string): Promise<readonly DeckContent[]> {
  const chunks: DeckContent[] = [];
  for await (const page of store.readStream(CONTENT_STREAM_PREFIX + hash)) {
    for (const { data } of page) chunks.push(data as unknown as DeckContent);
  }
  return chunks;
}

/** Somebody else may write in between, each time. */
const MAX_CONFLICTS = 20;

/** Reads, decides, appends at the revision that was read; the history after it. */
async function decideAndAppend(
  store: EventStore,
  plan: string,
  decide: (history: DeckHistory) => DeckEvent | undefined,
): Promise<DeckHistory> {
  const stream = DECK_STREAM_PREFIX + plan;
  for (let conflicts = 0; ; conflicts += 1) {
    const history = await readHistory(store, plan);
    const event = decide(history);
    if (event === undefined) return history;
    try {
      await store.append(stream, history.revision, [eventOf(stream, history.revision + 1, event.type, event.data)]);
      return applyDeckEvent(history, event);
    } catch (error) {
      const isConflict = error instanceof EventStoreError && error.code === 'wrong-expected-revision';
      if (!isConflict || conflicts === MAX_CONFLICTS) throw error;
    }
  }
}

async function readHistory(store: EventStore, plan: string): Promise<DeckHistory> {
  let history = emptyHistory(plan);
  for await (const page of store.readStream(DECK_STREAM_PREFIX + plan)) {
    for (const stored of page) history = applyDeckEvent(history, deckEventOf(stored));
  }
  return history;
}

/** Keys stand in canonical order. */
function eventOf(stream: string, revision: number, type: string, data: object) {
  return { id: deckEventIdOf(stream, revision, type, data), type, data: data as JsonObject, metadata: {} };
}

/** UUIDv8 of place and content: same id, same bytes. */
export function deckEventIdOf(stream: string, revision: number, type: string, data: object): string {
  const text = digest('sha256', JSON.stringify([stream, revision, type, data]), 'hex');
  const variant = ((parseInt(text.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const parts = [text.slice(0, 8), text.slice(8, 12), `8${text.slice(13, 16)}`, variant + text.slice(17, 20), text.slice(20, 32)];
  return parts.join('-');
}
