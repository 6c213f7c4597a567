// Rating: rate decks and the charge of a call; CDR formats in `cdr/`.
export { type Deck, isDeckRejection, MAX_DECK_ROWS, parseDeck } from './deck.js';
export { DECK_FAULT_CODES, type DeckFault, type DeckFaultCode, type DeckRejection, MAX_LISTED_FAULTS } from './deck-faults.js';
export { type DeckRow } from './deck-row.js';
export {
  isRatingRejection,
  type RatableCall,
  rate,
  RATING_REJECTION_CODES,
  type RatingRejection,
  type RatingRejectionCode,
} from './rate.js';
