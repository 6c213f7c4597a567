// Rate decks in the event store: what is imported is found again, once; what was active at an instant is told; damage is loud.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { EventStoreError, openEventStore, type EventStore } from '@tollkeeper/event-store';
import { contentOf, isDeckRejection, parseDeck, type Deck } from '@tollkeeper/rating';
import { activateDeck, importDeck, openDeckShelf, readDeck, readDeckVersions } from './index.js';

const NOW_MS = Date.parse('2026-03-03T12:00:00Z');
const IMPORT = { by: 'ada', name: 'rates.csv', nowMs: NOW_MS };

function deckOf(csv: string): Deck {
  const deck = parseDeck(csv, { currency: 'EUR' });
  if (isDeckRejection(deck)) throw new Error(deck.reason);
  return deck;
}

const CHEAP = deckOf('prefix,rate\n49,0.01');
const DEAR = deckOf('prefix,rate\n49,0.02');

const folders: string[] = [];
const stores: EventStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function opened(url: string): EventStore {
  const store = openEventStore(url);
  stores.push(store);
  return store;
}

function sqliteUrl(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-decks-'));
  folders.push(folder);
  return `sqlite:${join(folder, 'events.db')}`;
}

const from = (instant: string): number => Date.parse(instant);

async function activate(store: EventStore, deck: Deck, instant: string, nowMs = NOW_MS): Promise<unknown> {
  return activateDeck(store, { plan: 'default', hash: deck.hash, activeFromMs: from(instant), by: 'ada', nowMs });
}

describe.each([
  ['memory', () => 'memory:'],
  ['SQLite', sqliteUrl],
])('rate decks on %s', (_, url) => {
  test('an import is read back by its hash; the same again changes nothing', async () => {
    const store = opened(url());
    expect(await importDeck(store, CHEAP, IMPORT)).toMatchObject([
      { isNew: true, version: { plan: 'default', hash: CHEAP.hash, rows: 1, currencies: ['EUR'], importedBy: 'ada' } },
    ]);
    expect(await importDeck(store, CHEAP, { ...IMPORT, by: 'bob' })).toMatchObject([
      { isNew: false, version: { importedBy: 'ada' } },
    ]);
    expect(contentOf(await readDeck(store, CHEAP.hash))).toBe(contentOf(CHEAP));
    expect(await readDeckVersions(store)).toHaveLength(1);
  });

  test('each plan of a file is a version of its own', async () => {
    const store = opened(url());
    const both = deckOf('plan,prefix,rate\ngold,49,0.01\nsilver,49,0.02\ngold,33,0.03');
    const imported = await importDeck(store, both, IMPORT);
    expect(imported.map(({ version: { plan, rows } }) => [plan, rows])).toEqual([
      ['gold', 2],
      ['silver', 1],
    ]);
    expect((await readDeck(store, imported[1]?.version.hash ?? '')).row(1)).toMatchObject({ plan: 'silver', number: 1 });
  });

  test('a large content with letters of every kind is cut into chunks and put together again', async () => {
    const store = opened(url());
    const rows = Array.from(
      { length: 12_000 },
      (_row, at) => `${10_000_000 + at},"Zürich 𝒵 ${'日本'.repeat(at % 20)}",0.0${(at % 9) + 1}`,
    );
    const large = deckOf(['prefix,destination,rate', ...rows].join('\n'));
    await importDeck(store, large, IMPORT);
    let chunks = 0;
    for await (const page of store.readStream(`deckcontent-${large.hash}`)) chunks += page.length;
    expect(chunks).toBeGreaterThan(2);
    expect((await readDeck(store, large.hash)).hash).toBe(large.hash);
  });

  test('an import that died half-way is continued, and nothing stands twice', async () => {
    const store = opened(url());
    const rows = Array.from({ length: 30_000 }, (_row, at) => `${10_000_000 + at},Somewhere far away ${at},0.01`);
    const large = deckOf(['prefix,destination,rate', ...rows].join('\n'));
    let appends = 0;
    const dying = {
      readStream: store.readStream.bind(store),
      async append(...append: Parameters<EventStore['append']>) {
        if ((appends += 1) > 2) throw new EventStoreError('unavailable', 'the power is off');
        return store.append(...append);
      },
    } as EventStore;
    await expect(importDeck(dying, large, IMPORT)).rejects.toThrow('the power is off');
    expect(await readDeckVersions(store)).toEqual([]);
    await importDeck(store, large, IMPORT);
    expect((await readDeck(store, large.hash)).rowCount).toBe(30_000);
  });

  test('two who import and activate at once do it once', async () => {
    const store = opened(url());
    await Promise.all([importDeck(store, CHEAP, IMPORT), importDeck(store, CHEAP, IMPORT), importDeck(store, DEAR, IMPORT)]);
    await Promise.all([
      activate(store, CHEAP, '2026-01-01'),
      activate(store, CHEAP, '2026-01-01'),
      activate(store, DEAR, '2026-02-01'),
    ]);
    const versions = await readDeckVersions(store, 'default');
    expect(versions.map(({ activations }) => activations.length)).toEqual([1, 1]);
  });

  test('activation takes the beginning of a hash, and refuses one that is unknown or ambiguous', async () => {
    const store = opened(url());
    await importDeck(store, CHEAP, IMPORT);
    await importDeck(store, DEAR, IMPORT);
    const command = { plan: 'default', activeFromMs: NOW_MS, by: 'ada', nowMs: NOW_MS };
    expect(await activateDeck(store, { ...command, hash: CHEAP.hash.slice(0, 8) })).toMatchObject({ isNew: true });
    expect(await activateDeck(store, { ...command, hash: 'ffffffff' })).toMatchObject({ code: 'deck-unknown' });
    expect(await activateDeck(store, { ...command, hash: '' })).toMatchObject({ code: 'deck-ambiguous' });
    expect(await activateDeck(store, { ...command, hash: DEAR.hash.slice(0, 5) })).toMatchObject({ code: 'deck-ambiguous' });
  });

  test('the version of the answer time rates a call, whenever its CDR comes; of one instant the later word counts', async () => {
    const store = opened(url());
    await importDeck(store, CHEAP, IMPORT);
    await importDeck(store, DEAR, IMPORT);
    await activate(store, CHEAP, '2026-01-01');
    await activate(store, DEAR, '2026-02-01');
    const shelf = openDeckShelf(store, { onError: () => undefined });
    await shelf.ready;
    const at = (instant: string) => shelf.hashAt('default', from(instant));
    expect([at('2025-12-31T23:59:59.999Z'), at('2026-01-01'), at('2026-02-01'), shelf.hashAt('gold', NOW_MS)]).toEqual([
      undefined,
      CHEAP.hash,
      DEAR.hash,
      undefined,
    ]);
    await shelf.close();
    await activate(store, CHEAP, '2026-02-01');
    await activate(store, CHEAP, '2026-02-01');
    const again = openDeckShelf(store, { onError: () => undefined });
    await again.ready;
    expect(again.hashAt('default', from('2026-02-02'))).toBe(CHEAP.hash);
    await again.close();
  });

  test('a running shelf follows an activation, and gives the deck', async () => {
    const store = opened(url());
    const shelf = openDeckShelf(store, { onError: () => undefined });
    await shelf.ready;
    expect(shelf.hashAt('default', NOW_MS)).toBeUndefined();
    await importDeck(store, CHEAP, IMPORT);
    await activate(store, CHEAP, '2026-01-01');
    while (shelf.hashAt('default', NOW_MS) === undefined) await new Promise((resolve) => setImmediate(resolve));
    const [deck, same] = await Promise.all([shelf.deck(CHEAP.hash), shelf.deck(CHEAP.hash)]);
    expect([deck.hash, deck === same, shelf.versions().length]).toEqual([CHEAP.hash, true, 1]);
    await shelf.close();
  });
});

test('an event that nobody knows stops the shelf, loudly', async () => {
  const store = opened('memory:');
  const id = '00000000-0000-4000-8000-000000000001';
  await store.append('deck-default', -1, [{ id, type: 'DeckTeleported.v1', data: {}, metadata: {} }]);
  const shelf = openDeckShelf(store, { onError: () => undefined });
  await expect(shelf.ready).rejects.toThrow('deck-default holds DeckTeleported.v1');
  await shelf.close();
});

test('a content that is not what its name says is refused, and read again when asked again', async () => {
  const store = opened('memory:');
  const id = '00000000-0000-4000-8000-000000000002';
  const data = { chunk: 0, of: 1, text: contentOf(DEAR) };
  await store.append(`deckcontent-${CHEAP.hash}`, -1, [{ id, type: 'DeckContent.v1', data, metadata: {} }]);
  const shelf = openDeckShelf(store, { onError: () => undefined });
  await expect(shelf.deck(CHEAP.hash)).rejects.toThrow('other rows than its name says');
  await expect(shelf.deck(CHEAP.hash)).rejects.toThrow('other rows than its name says');
  await expect(importDeck(store, CHEAP, IMPORT)).rejects.toThrow('restore the event store');
  await expect(readDeck(store, DEAR.hash)).rejects.toThrow('holds 0 of its chunks');
  await shelf.close();
});
