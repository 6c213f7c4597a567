// The page's words in French.

import { accountWords } from './fr/account.js';
import { callWords } from './fr/calls.js';
import { codeWords } from './fr/codes.js';
import { operationsWords } from './fr/operations.js';
import { peopleWords } from './fr/people.js';
import { rateWords } from './fr/rates.js';
import { shellWords } from './fr/shell.js';
import type { Catalogue } from './words.js';

export const fr: Catalogue = {
  ...accountWords,
  ...callWords,
  ...codeWords,
  ...operationsWords,
  ...peopleWords,
  ...rateWords,
  ...shellWords,
};
