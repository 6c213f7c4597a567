// Rate deck, two versions of it: what was added, removed and changed, row by row, for whoever is to activate the second.

import { canonicalTexts } from './canonical.js';
import { COLUMNS, type Column } from './columns.js';
import type { Deck, DeckRow } from './deck.js';

export type DeckDifference =
  | { readonly kind: 'added'; readonly after: DeckRow }
  | { readonly kind: 'removed'; readonly before: DeckRow }
  | { readonly kind: 'changed'; readonly before: DeckRow; readonly after: DeckRow; readonly columns: readonly Column[] };

/** What a row prices, and when: the same in both decks, it is the same row at another price. */
const IDENTITY: readonly Column[] = [
  'plan',
  'currency',
  'category',
  'prefix',
  'tierStart',
  'days',
  'dates',
  'from',
  'to',
  'timezone',
  'weight',
  'validFrom',
  'validTo',
];
const CONTENT = COLUMNS.filter((column) => !IDENTITY.includes(column));

/** In order of the second deck, then what it no longer has in order of the first. The order of rows is no difference. */
export function diffDecks(before: Deck, after: Deck): readonly DeckDifference[] {
  const [textsBefore, textsAfter] = [canonicalTexts(before.rows), canonicalTexts(after.rows)];
  const left = new Map<string, number>();
  for (let row = 0; row < before.rowCount; row += 1) left.set(identityOf(textsBefore(row)), row);
  const differences: DeckDifference[] = [];
  for (let row = 0; row < after.rowCount; row += 1) {
    const now = textsAfter(row);
    const identity = identityOf(now);
    const was = left.get(identity);
    if (was === undefined) {
      differences.push({ kind: 'added', after: after.row(row + 1) });
      continue;
    }
    left.delete(identity);
    const old = textsBefore(was);
    const columns = CONTENT.filter((column) => old[column] !== now[column]);
    if (columns.length > 0)
      differences.push({ kind: 'changed', before: before.row(was + 1), after: after.row(row + 1), columns });
  }
  for (const row of left.values()) differences.push({ kind: 'removed', before: before.row(row + 1) });
  return differences;
}

function identityOf(texts: Readonly<Record<Column, string>>): string {
  return IDENTITY.map((column) => texts[column]).join('\u0000');
}
