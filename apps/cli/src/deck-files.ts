// Rate decks by name: a file or the hash of a version in, the deck out; a file with faults ends the command with each of them.

import { existsSync, readFileSync } from 'node:fs';
import { isDeckRejection, parseDeck, type Deck } from '@tollkeeper/rating';
import type { Engines } from './engines.js';
import { CommandError, EXIT } from './exit.js';

const HASH = /^[0-9a-f]{6,64}$/;

export async function deckNamed(name: string, engines: Engines, currency?: string): Promise<Deck> {
  if (existsSync(name) || !HASH.test(name)) return deckInFile(name, currency);
  const { readDeck, readDeckVersions } = await import('@tollkeeper/decks');
  const store = await engines.eventStore();
  const hashes = new Set((await readDeckVersions(store)).map(({ hash }) => hash).filter((hash) => hash.startsWith(name)));
  const [hash] = hashes;
  if (hash === undefined)
    throw new CommandError(`there is neither a file nor a version ${name}; tollkeeper deck list tells the versions`);
  if (hashes.size > 1) throw new CommandError(`${hashes.size} versions begin with ${name}; give more of the hash`);
  return readDeck(store, hash);
}

export function deckInFile(file: string, currency?: string): Deck {
  const deck = parseDeck(textOf(file), currency === undefined ? {} : { currency });
  if (!isDeckRejection(deck)) return deck;
  const listed = deck.faults.map(({ line, column, reason }) => `${file}:${line}:${column}: ${reason}`);
  const more = deck.faultCount - deck.faults.length;
  const last = `${deck.faultCount} ${deck.faultCount === 1 ? 'fault' : 'faults'}; no row of the deck is used`;
  throw new CommandError([...listed, ...(more > 0 ? [`… and ${more} more`] : []), last].join('\n'), EXIT.found);
}

function textOf(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const why = error instanceof TypeError ? 'it is not UTF-8 text; save it as UTF-8' : (error as Error).message;
    throw new CommandError(`${file} cannot be read: ${why}`);
  }
}
