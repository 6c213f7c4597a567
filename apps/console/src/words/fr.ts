// The page's words in French.

import { accountWords } from './fr/account.js';
import { callWords } from './fr/calls.js';
import { peopleWords } from './fr/people.js';
import { shellWords } from './fr/shell.js';
import type { Catalogue } from './words.js';

export const fr: Catalogue = { ...accountWords, ...callWords, ...peopleWords, ...shellWords };
