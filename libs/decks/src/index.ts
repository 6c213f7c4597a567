// Rate decks in the event store: imported, activated, followed by programs.
export { openDeckShelf, type DeckShelf, type DeckShelfOptions } from './deck-shelf.js';
export {
  ACTIVATION_LEAD_MS,
  activateDeck,
  DECK_REJECTION_CODES,
  deckEventIdOf,
  findVersion,
  importDeck,
  LEAST_HASH_CHARS,
  readDeck,
  readDeckVersions,
  type ActivateDeck,
  type ActivatedDeck,
  type DeckVersionRejection,
  type ImportedBy,
  type ImportedDeck,
} from './deck-store.js';
export { DECK_STREAM_PREFIX, type Activation, type DeckVersion } from './versions.js';
