// Proof of what prices follow from: each version's rows must hash to its name, and each import and activation must be what was written
// down at its place.

import { deckEventIdOf, DECK_STREAM_PREFIX, readDeck, readDeckVersions } from '@tollkeeper/decks';
import { EventStoreError, type EventStore } from '@tollkeeper/event-store';
import { Line } from './findings.js';

export async function checkDecks(store: EventStore): Promise<Line> {
  const line = new Line('rate decks', 'Restore the event store from a backup; calls were perhaps rated by a changed deck since.');
  try {
    await checkVersions(store, line);
    for (const hash of new Set((await readDeckVersions(store)).map((version) => version.hash))) {
      line.checked += 1;
      await readDeck(store, hash).catch((error: unknown) => {
        if (isPassing(error)) throw error;
        line.differs({ stream: `deckcontent-${hash}`, revision: null }, (error as Error).message);
      });
    }
  } catch (error) {
    // A stream that cannot be read, or holds what no program has written: what stands behind it stays unchecked.
    if (isPassing(error)) throw error;
    const at = error instanceof EventStoreError ? error.at : undefined;
    line.differs({ stream: at?.stream ?? DECK_STREAM_PREFIX, revision: at?.revision ?? null }, (error as Error).message);
  }
  return line;
}

/** Imports and activations, whose ids are made of what they say and where they stand. */
async function checkVersions(store: EventStore, line: Line): Promise<void> {
  const heads = new Map<string, number>();
  for await (const page of store.readAll({ streamPrefix: DECK_STREAM_PREFIX })) {
    for (const { stream, revision, id, type, data } of page) {
      const faults: string[] = [];
      const expected = (heads.get(stream) ?? -1) + 1;
      if (revision !== expected) faults.push(`revision ${expected} should stand here`);
      if (id !== deckEventIdOf(stream, revision, type, data))
        faults.push('what stands there is not what was written: its id is another');
      heads.set(stream, revision);
      line.checked += 1;
      if (faults.length > 0) line.differs({ stream, revision }, faults.join('; '));
    }
  }
}

/** The store is away: nothing is proven either way. */
function isPassing(error: unknown): boolean {
  return error instanceof EventStoreError && error.code !== 'corrupt';
}
