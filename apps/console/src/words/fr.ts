// The page's words in French.

import { accountWords } from './fr/account.js';
import { callWords } from './fr/calls.js';
import { codeWords } from './fr/codes.js';
import { operationsWords } from './fr/operations.js';
import { peopleWords } from './fr/people.js';
import { rateWords } from './fr/rates.js';
import { shellWords } from './fr/shell.js';
import type { Catalogue } from './words.js';

const written: Catalogue = {
  ...accountWords,
  ...callWords,
  ...codeWords,
  ...operationsWords,
  ...peopleWords,
  ...rateWords,
  ...shellWords,
};

/** No line begins with a colon or a question mark. */
export const fr = Object.fromEntries(
  Object.entries(written).map(([word, text]) => [word, text.replaceAll(/ (?=[:;?!»])|(?<=«) /g, '\u00a0')]),
) as Catalogue;
