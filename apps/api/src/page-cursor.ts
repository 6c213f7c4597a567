// Pages that are walked newest first: the last row of a page in, a text that the next page is asked for by out, and back.

import { problem } from './problem.js';

/** What a page is ordered by: an instant, and what tells rows of one instant apart. */
export type Place = readonly [at: string, key: string];

/** Of the ids in it, the longest that a switch may send. */
export const MAX_CURSOR_CHARS = 4_096;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** PostgreSQL's texts hold no 0x00. */
export const ANY_TEXT = /^[^\0]*$/;

export function cursorOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws ProblemError when it was not made here. */
export function placeOf(cursor: string | undefined, keyForm = ANY_TEXT): Place | undefined {
  if (cursor === undefined) return undefined;
  const unchecked = parsed(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (Array.isArray(unchecked) && unchecked.length === 2) {
    const [at, key] = unchecked as readonly unknown[];
    if (typeof at === 'string' && typeof key === 'string' && INSTANT.test(at) && keyForm.test(key)) return [at, key];
  }
  const detail = 'cursor must be the `next` of a page of this list; leave it out for the first page';
  throw problem('parameter-invalid', `${detail}.`, { errors: [{ parameter: 'cursor', detail }] });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
