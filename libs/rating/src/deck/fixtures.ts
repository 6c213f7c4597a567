// Rate deck, for tests: a window with the defaults of the table, and a deck that must read.
import { type Deck, isDeckRejection, parseDeck } from './deck.js';
import { timeZoneOf } from './time-zone.js';
import { ALL_DAYS, MS_PER_DAY, type Window } from './window.js';

export function windowOf(change: Partial<Window> & { readonly timezone?: string } = {}): Window {
  const { timezone = 'UTC', ...rest } = change;
  const zone = timeZoneOf(timezone);
  if (zone === undefined) throw new Error(`${timezone} is no zone`);
  const always = { days: ALL_DAYS, dates: [], fromMs: 0, toMs: MS_PER_DAY, zone, weight: 0 };
  const window = { ...always, validFromMs: -Infinity, validToMs: Infinity, ...rest };
  const { days, dates, fromMs, toMs } = window;
  return { ...window, isAllTheTime: days === ALL_DAYS && dates.length === 0 && fromMs === 0 && toMs === MS_PER_DAY };
}

export function deckOf(text: string, currency = 'EUR'): Deck {
  const deck = parseDeck(text, { currency });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  return deck;
}

export const HOUR_MS = 3_600_000;
