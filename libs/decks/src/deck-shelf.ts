// Rate decks for a running program: follows the versions of all plans, says which was active at an instant, keeps those in use.
//
// What if a version is activated while calls are rated? The next call asks anew; nothing stops and nothing is dropped. What if
// the event store is away? What is known stays right, since a version never changes; the subscription goes on by itself.

import type { EventStore } from '@tollkeeper/event-store';
import type { Deck } from '@tollkeeper/rating';
import { readDeck } from './deck-store.js';
import {
  applyDeckEvent,
  DECK_STREAM_PREFIX,
  deckEventOf,
  emptyHistory,
  hashActiveAt,
  type DeckHistory,
  type DeckVersion,
} from './versions.js';

export type DeckShelf = {
  /** Resolves once everything that stood in the store at the start is known. */
  readonly ready: Promise<void>;
  /** Rejects when the versions cannot be followed any more; the program must end then. */
  readonly failed: Promise<never>;
  /** Of the version active for calls answered at the instant; undefined where the plan has none. */
  hashAt(plan: string, instantMs: number): string | undefined;
  /** Read once and kept; a read that failed is tried again by whoever asks next. */
  deck(hash: string): Promise<Deck>;
  versions(): readonly DeckVersion[];
  close(): Promise<void>;
};

export type DeckShelfOptions = {
  /** Told when a version that was just activated could not be read ahead of its first call. */
  readonly onError: (error: unknown) => void;
};

const MAX_EVENTS_PER_BATCH = 500;
/** About 20 bytes a row beside its share of names; late CDRs ask for old versions, which are read again then. */
const MAX_ROWS_KEPT = 2_000_000;

export function openDeckShelf(store: EventStore, { onError }: DeckShelfOptions): DeckShelf {
  const stopping = new AbortController();
  const histories = new Map<string, DeckHistory>();
  const kept = new KeptDecks(store);
  const { promise: ready, resolve: onReady } = Promise.withResolvers<void>();
  const { promise: failed, reject: onFailed } = Promise.withResolvers<never>();
  // Whoever waits for neither is told by the other calls.
  failed.catch(() => undefined);

  async function follow(): Promise<void> {
    const options = { streamPrefix: DECK_STREAM_PREFIX, maxBatch: MAX_EVENTS_PER_BATCH, signal: stopping.signal };
    for await (const { events, caughtUp } of store.subscribe(options)) {
      const activated = new Set<string>();
      for (const stored of events) {
        const plan = stored.stream.slice(DECK_STREAM_PREFIX.length);
        const event = deckEventOf(stored);
        histories.set(plan, applyDeckEvent(histories.get(plan) ?? emptyHistory(plan), event));
        if (event.type === 'DeckActivated.v1') activated.add(event.data.hash);
      }
      // Only what is or will be in use: a store's first batch tells years of activations.
      const inUse = new Set([...histories.values()].flatMap((history) => hashesInUse(history)));
      for (const hash of activated) if (inUse.has(hash)) kept.get(hash).catch(onError);
      if (caughtUp) onReady();
    }
  }

  const known = Promise.race([ready, failed]);
  known.catch(() => undefined);
  const following = follow().catch((error: unknown) => onFailed(error));
  return {
    ready: known,
    failed,
    hashAt(plan, instantMs) {
      const history = histories.get(plan);
      return history && hashActiveAt(history, instantMs);
    },
    deck: (hash) => kept.get(hash),
    versions: () => [...histories.values()].flatMap(({ versions }) => versions),
    async close() {
      stopping.abort();
      await following;
    },
  };
}

/** The version in force by the last activation of all, and the one before it, whose calls are still coming in. */
function hashesInUse({ timeline }: DeckHistory): readonly string[] {
  return timeline.slice(-2).map(({ hash }) => hash);
}

class KeptDecks {
  /** In order of use, the longest unused first. */
  readonly #decks = new Map<string, Promise<Deck>>();
  readonly #rows = new Map<string, number>();

  constructor(private readonly store: EventStore) {}

  get(hash: string): Promise<Deck> {
    const known = this.#decks.get(hash) ?? this.#read(hash);
    this.#decks.delete(hash);
    this.#decks.set(hash, known);
    return known;
  }

  #read(hash: string): Promise<Deck> {
    const reading = readDeck(this.store, hash);
    reading.then(
      (deck) => this.#keep(hash, deck.rowCount),
      () => this.#decks.delete(hash),
    );
    return reading;
  }

  #keep(hash: string, rows: number): void {
    // It was let go again while it was being read.
    if (!this.#decks.has(hash)) return;
    this.#rows.set(hash, rows);
    let total = [...this.#rows.values()].reduce((sum, count) => sum + count, 0);
    for (const oldest of this.#decks.keys()) {
      if (total <= MAX_ROWS_KEPT || oldest === hash) return;
      total -= this.#rows.get(oldest) ?? 0;
      this.#rows.delete(oldest);
      this.#decks.delete(oldest);
    }
  }
}
