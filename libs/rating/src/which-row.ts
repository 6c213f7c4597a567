// Rate step, its first half: a call and the rate deck in, the prefix that prices it and the rates of its rows out, or a rejection.
import type { Deck, RateBook } from './deck/deck.js';
import { isValidAt, type Window } from './deck/window.js';
import { constantTimeline, inOrderOfForce, type NumberedTerms, type Rates, ratesFrom } from './in-force.js';
import type { RatableCall, RatingRejection } from './ratable-call.js';

const ANY_CATEGORY = '*';
/** A caller pays nothing for these numbers, so a price for calling out must never stand in for theirs. */
const TOLL_FREE_INBOUND = 'toll-free-inbound';
/** Place of the chosen prefix's first row, from 0, and what its rows come to. */
export type Found = { readonly first: number; readonly rates: Rates };

export function isRejected(found: Found | RatingRejection): found is RatingRejection {
  return 'code' in found;
}

/** @param horizonMs from answer: how far the timeline has to reach. */
export function ratesOf(call: RatableCall, deck: Deck, horizonMs: number): Found | RatingRejection {
  const plan = deck.books.get(call.plan);
  if (plan === undefined) return { code: 'no-plan', reason: `the rate deck has no plan ${call.plan}` };
  const book = plan.get(call.currency);
  const first = book === undefined ? -1 : matchIn(book, call, deck);
  if (first !== -1) {
    const rates = ratesOfPrefix(deck, first, call.answerTimeMs, Math.max(1, Math.ceil(horizonMs / 1000) * 1000));
    return rates === undefined ? notInForce(call, deck, first, 0) : { first, rates };
  }
  const others = [...plan].filter(([, other]) => matchIn(other, call, deck) !== -1).map(([currency]) => currency);
  const asked = `plan ${call.plan}, category ${call.category}`;
  if (others.length > 0) {
    return {
      code: 'no-rate-in-currency',
      reason: `${asked}: the called number has no rate in ${call.currency}, only in ${others.join(', ')}`,
    };
  }
  const expired = book === undefined ? -1 : matchIn(book, call, deck, anyRow);
  return expired === -1
    ? { code: 'no-rate', reason: `${asked}: no row matches the called number` }
    : notInForce(call, deck, expired, 0);
}

type IsWanted = (window: Window, instantMs: number) => boolean;
const anyRow: IsWanted = () => true;

function matchIn(book: RateBook, call: RatableCall, deck: Deck, isWanted: IsWanted = isValidAt): number {
  const exact = matchOf(book, call.category, call, deck, isWanted);
  if (exact !== -1 || call.category === TOLL_FREE_INBOUND) return exact;
  return matchOf(book, ANY_CATEGORY, call, deck, isWanted);
}

/** Of the longest prefix that has a row valid at answer. */
function matchOf(book: RateBook, category: string, call: RatableCall, deck: Deck, isWanted: IsWanted): number {
  const index = book.get(category);
  if (index === undefined) return -1;
  const longest = index.longestMatch(call.calledNumber);
  if (longest === -1 || !deck.hasValidity) return longest;
  const hasWanted = (first: number): boolean =>
    deck.rowsOfPrefix(first).some((row) => isWanted(deck.rows.terms(row).window, call.answerTimeMs));
  return hasWanted(longest) ? longest : (index.matches(call.calledNumber).find(hasWanted) ?? -1);
}

function ratesOfPrefix(deck: Deck, first: number, answerTimeMs: number, horizonMs: number): Rates | undefined {
  const rows = numberedRows(deck, first);
  const [only] = rows;
  if (only !== undefined && rows.length === 1) {
    const { window } = only.terms;
    if (window.isAllTheTime && window.validToMs >= answerTimeMs + horizonMs)
      return { timeline: constantTimeline(only), gaps: [] };
  }
  return ratesFrom(rows, answerTimeMs, horizonMs);
}

const ordered = new WeakMap<Deck, Map<number, readonly NumberedTerms[]>>();

/** In order of force; sorted once for each prefix that calls go to. */
function numberedRows(deck: Deck, first: number): readonly NumberedTerms[] {
  const rows = deck.rowsOfPrefix(first);
  if (rows.length === 1) return [{ number: first + 1, terms: deck.rows.terms(first) }];
  let known = ordered.get(deck);
  if (known === undefined) ordered.set(deck, (known = new Map()));
  let sorted = known.get(first);
  if (sorted === undefined) {
    sorted = inOrderOfForce(rows.map((row) => ({ number: row + 1, terms: deck.rows.terms(row) })));
    known.set(first, sorted);
  }
  return sorted;
}

export function notInForce(call: RatableCall, deck: Deck, first: number, second: number): RatingRejection {
  const instant = new Date(call.answerTimeMs + second * 1000).toISOString();
  const reason = `plan ${call.plan}, category ${call.category}: no row of prefix ${deck.rows.prefix(first)} is in force at ${instant}`;
  return { code: 'no-rate', reason };
}
