// What prices follow from: rows of a version that are others, an activation that was moved, a chunk that is gone.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { activateDeck, importDeck } from '@tollkeeper/decks';
import { openSqliteEventStore, type EventStore } from '@tollkeeper/event-store';
import { isDeckRejection, parseDeck } from '@tollkeeper/rating';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { checkDecks } from './rate-decks.js';

let folder: string;
let store: EventStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-decks-'));
  store = openSqliteEventStore(join(folder, 'events.sqlite'));
  const deck = parseDeck('prefix,rate\n33,0.02\n49,0.03\n', { currency: 'EUR' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  await importDeck(store, deck, { by: 'test', name: 'deck', nowMs: 0 });
  await activateDeck(store, { plan: 'default', hash: deck.hash, activeFromMs: 0, by: 'test', nowMs: 0 });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function change(statement: string): void {
  const database = new DatabaseSync(join(folder, 'events.sqlite'));
  database.exec(statement);
  database.close();
}

test('are right: one version, its import and its activation', async () => {
  expect((await checkDecks(store)).told()).toMatchObject({ checked: 3, differ: 0 });
});

test.each([
  [
    'rows that are others',
    `UPDATE events SET data = replace(data, '0.02', '0.01') WHERE stream LIKE 'deckcontent%'`,
    'holds other rows than its name says',
  ],
  ['rows that are gone', `DELETE FROM events WHERE stream LIKE 'deckcontent%'`, 'chunks'],
  [
    'an activation that was moved',
    `UPDATE events SET data = replace(data, '1970-01-01T00:00:00.000Z","hash', '1971-01-01T00:00:00.000Z","hash') WHERE type = 'DeckActivated.v1'`,
    'its id is another',
  ],
  ['an import that is gone', `DELETE FROM events WHERE type = 'DeckImported.v1'`, 'revision 0 should stand here'],
  [
    'a type that nobody has written',
    `UPDATE events SET type = 'DeckImported.v9' WHERE type = 'DeckImported.v1'`,
    'DeckImported.v9',
  ],
  ['what is no JSON', `UPDATE events SET data = '{' WHERE type = 'DeckActivated.v1'`, 'not a JSON object'],
])('%s', async (_, statement, text) => {
  change(statement);
  const line = await checkDecks(store);
  expect(line.differ).toBeGreaterThan(0);
  expect(line.differences.map(({ found }) => found).join()).toContain(text);
});
