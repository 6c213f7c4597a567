// The files that an operator gives rating: which switches there are, what names their tenants, and what calls cost.

import { readFileSync } from 'node:fs';
import { compileIntake, isDeckRejection, parseDeck, parseSources, type Deck, type Intake } from '@tollkeeper/rating';

type Read<Value> =
  | { readonly value: Value; readonly faults?: undefined }
  | { readonly value?: undefined; readonly faults: readonly string[] };

/** The sources of a JSON file, each with its mapping. */
export function readIntake(file: string): Read<Intake> {
  try {
    const parsed = parseSources(JSON.parse(readFileSync(file, 'utf8')));
    const compiled = 'faults' in parsed ? parsed : compileIntake(parsed.sources);
    if ('intake' in compiled) return { value: compiled.intake };
    return { faults: compiled.faults.map(({ path, message }) => `${file}: ${path} ${message}`) };
  } catch (error) {
    return { faults: [`${file} cannot be read: ${(error as Error).message}`] };
  }
}

/** @param currency of the rows, where the deck names none. */
export function readDeck(file: string, currency: string): Read<Deck> {
  try {
    const deck = parseDeck(readFileSync(file, 'utf8'), { currency });
    if (!isDeckRejection(deck)) return { value: deck };
    return { faults: deck.faults.map(({ line, column, reason }) => `${file}:${line}:${column}: ${reason}`) };
  } catch (error) {
    return { faults: [`${file} cannot be read: ${(error as Error).message}`] };
  }
}
