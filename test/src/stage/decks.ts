// Tests across processes: a rate deck as CSV comes in; it stands in the event store, active for calls of any time.

import { activateDeck, importDeck } from '@tollkeeper/decks';
import type { EventStore } from '@tollkeeper/event-store';
import { isDeckRejection, MIN_INSTANT_MS, parseDeck } from '@tollkeeper/rating';

/** A later one takes the place of an earlier one: stages that share a store take turns. */
export async function useDeck(store: EventStore, csv: string, activeFromMs = MIN_INSTANT_MS, currency = 'EUR'): Promise<string> {
  const deck = parseDeck(csv, { currency });
  if (isDeckRejection(deck)) throw new Error(`the test's rate deck has faults: ${deck.reason}`);
  const nowMs = Date.now();
  for (const { version } of await importDeck(store, deck, { by: 'test', name: 'rates.csv', nowMs })) {
    const { plan, hash } = version;
    const activated = await activateDeck(store, { plan, hash, activeFromMs, by: 'test', nowMs });
    if ('code' in activated) throw new Error(activated.reason);
  }
  return deck.hash;
}
