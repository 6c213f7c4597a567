// Rate deck, written down: the text is what the hash is of, reads back as the same deck, and is compared row by row.
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { contentOf, type Deck, decksByPlan, diffDecks, isDeckRejection, parseDeck } from '../index.js';

function deckOf(text: string, currency = 'EUR'): Deck {
  const deck = parseDeck(text, { currency });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  return deck;
}

const HOLIDAYS = `plan,category,prefix,destination,currency,rate,increment,tierStart,days,dates,from,to,timezone,weight,validFrom,maxCost,maxCostStrategy
gold,*,49,"Germany, all",EUR,0.02,60,0,mon-fri,,08:00,18:00,Europe/Berlin,,,,
gold,*,49,"Germany, all",EUR,0.01,1,120,mon-fri,,8:00:00,18:00:00,Europe/Berlin,0,,,
gold,*,49,"Say ""hello""",EUR,0.005,60,0,*,12-25|2026-12-24,,,Europe/Berlin,10,2026-01-01,2.50,free
silver,outbound,*,,USD,0.50,60,,"sat,sun",,,,,,,,
`;

describe('a deck written down', () => {
  test('is what it is hashed by, and reads back as the same deck', () => {
    const deck = deckOf(HOLIDAYS);
    const content = contentOf(deck);
    expect(createHash('sha256').update(content).digest('hex')).toBe(deck.hash);
    expect(contentOf(deckOf(content))).toBe(content);
    expect(content).toBe(
      `plan,category,prefix,destination,currency,tierStart,rate,increment,days,dates,from,to,timezone,weight,validFrom,maxCost,maxCostStrategy
gold,,49,"Germany, all",EUR,,0.02,,mon-fri,,08:00:00,18:00:00,Europe/Berlin,,,,
gold,,49,"Germany, all",EUR,120,0.01,1,mon-fri,,08:00:00,18:00:00,Europe/Berlin,,,,
gold,,49,"Say ""hello""",EUR,,0.005,,,12-25|2026-12-24,,,Europe/Berlin,10,2026-01-01T00:00:00.000Z,2.5,free
silver,outbound,*,,USD,,0.5,,"sat,sun",,,,,,,,
`,
    );
  });

  test('falls into a deck for each plan, with row numbers of its own', () => {
    const decks = decksByPlan(deckOf(HOLIDAYS));
    expect([...decks].map(([plan, deck]) => [plan, deck.rowCount])).toEqual([
      ['gold', 3],
      ['silver', 1],
    ]);
    expect(decks.get('silver')?.row(1)).toMatchObject({ number: 1, plan: 'silver', prefix: '*', rate: '0.5' });
  });

  test('differs from another by rows that are added, removed, or the same at another price', () => {
    const before = deckOf('prefix,rate\n49,0.02\n33,0.03\n1,0.01');
    const after = deckOf('prefix,rate,increment\n1,0.01,60\n33,0.04,1\n44,0.05,60');
    expect(diffDecks(before, after)).toMatchObject([
      { kind: 'changed', before: { rate: '0.03' }, after: { rate: '0.04' }, columns: ['rate', 'increment'] },
      { kind: 'added', after: { prefix: '44' } },
      { kind: 'removed', before: { prefix: '49' } },
    ]);
    expect(diffDecks(before, before)).toEqual([]);
  });
});
