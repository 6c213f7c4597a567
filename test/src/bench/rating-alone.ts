// Bench, the rate step by itself, in a process of its own: a deck is made and parsed, calls are rated by it in one thread.

import { existsSync, readFileSync } from 'node:fs';
import {
  isDeckRejection,
  isRatingRejection,
  parseDeck,
  PrefixIndex,
  rate,
  type Deck,
  type RatableCall,
} from '@tollkeeper/rating';
import { answerApart } from './processes.js';
import { ROOT } from '../stage/programs.js';
import { monotonicMs } from './stopwatch.js';
import { carrierSheet, prefixesOf, randomOf, windowedSheet } from './rating-decks.js';

export type RatingTask = { readonly what: 'sheet' | 'windows' | 'load' | 'match'; readonly rounds: number };
export type RatingResult = {
  /** Calls a second, or look-ups a second. */
  readonly perSecond?: number;
  readonly loadMs?: number;
  readonly heldMiB?: number;
  readonly deck: string;
};

const CALLS = 10_000;
const LARGE = 170_000;
const SMALL = 1_000;
const MS_PER_YEAR = 365 * 86_400_000;
const AZURE_SHEET = `${ROOT}../shared/data/acs-pstn-rates.csv`;
const MIB = 1_048_576;

await answerApart(async ({ what, rounds }: RatingTask): Promise<RatingResult> => {
  if (what === 'load') return load();
  if (what === 'match') return match(rounds);
  const isReal = what === 'sheet' && existsSync(AZURE_SHEET);
  const text = what === 'windows' ? windowedSheet() : isReal ? readFileSync(AZURE_SHEET, 'utf8') : carrierSheet(6_592);
  const deck = deckOf(text);
  const perSecond = callsPerSecond(deck, callsOf(text), rounds);
  return { perSecond, deck: isReal ? "Azure's sheet, 6,592 rows" : `${deck.rowCount.toLocaleString('en')} rows` };
});

function deckOf(text: string): Deck {
  const deck = parseDeck(text, { currency: 'USD' });
  if (isDeckRejection(deck)) throw new Error(`the deck of the bench has faults: ${deck.reason}`);
  return deck;
}

/** Numbers below random prefixes of the deck, answered at any time of a year, up to twenty minutes long. */
function callsOf(text: string): readonly RatableCall[] {
  const random = randomOf(7);
  const prefixes = prefixesOf(text);
  return Array.from({ length: CALLS }, (): RatableCall => {
    const prefix = prefixes[Math.floor(random() * prefixes.length)] ?? '';
    return {
      plan: 'default',
      currency: 'USD',
      category: 'outbound',
      calledNumber: `+${prefix}${String(Math.floor(random() * 1e7)).padStart(7, '0')}`.slice(0, 16),
      answerTimeMs: Date.UTC(2026, 0, 1) + Math.floor(random() * MS_PER_YEAR),
      usageMs: Math.floor(random() * 1_200_000),
    };
  });
}

function callsPerSecond(deck: Deck, calls: readonly RatableCall[], rounds: number): number {
  const round = (): void => {
    for (const call of calls) if (isRatingRejection(rate(call, deck))) throw new Error(`${call.calledNumber} has no rate`);
  };
  round();
  const fromMs = monotonicMs();
  for (let done = 0; done < rounds; done += 1) round();
  return (rounds * calls.length * 1000) / (monotonicMs() - fromMs);
}

/** What the deck itself holds on to, its text let go. */
function load(): RatingResult {
  const held = (): number => {
    global.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  deckOf(carrierSheet(SMALL));
  let text = carrierSheet(LARGE);
  const length = text.length;
  const before = held() - length;
  const fromMs = monotonicMs();
  const deck = deckOf(text);
  const loadMs = monotonicMs() - fromMs;
  text = '';
  return { loadMs, heldMiB: (held() - before) / MIB, deck: `${deck.rowCount.toLocaleString('en')} prefixes` };
}

/** Ratio of look-ups a second among many prefixes to those among few, in turns, so that both meet the same machine. */
function match(rounds: number): RatingResult {
  const searches = [SMALL, LARGE].map((size) => {
    const text = carrierSheet(size);
    const index = new PrefixIndex();
    for (const [at, prefix] of prefixesOf(text).entries()) index.setIfAbsent(prefix, at);
    const numbers = callsOf(text).map(({ calledNumber }) => calledNumber);
    return { index, numbers, ms: 0 };
  });
  for (let round = -1; round < rounds; round += 1) {
    for (const search of searches) {
      const fromMs = monotonicMs();
      for (const number of search.numbers)
        if (search.index.longestMatch(number) === -1) throw new Error(`${number} matches nothing`);
      if (round >= 0) search.ms += monotonicMs() - fromMs;
    }
  }
  const [few, many] = searches.map(({ ms }) => ms);
  return { perSecond: (few ?? 0) / (many ?? 1), deck: '' };
}
