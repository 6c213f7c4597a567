// The page's words in French.

import { accountWords } from './fr/account.js';
import { shellWords } from './fr/shell.js';
import type { Catalogue } from './words.js';

export const fr: Catalogue = { ...shellWords, ...accountWords };
