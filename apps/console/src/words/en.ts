// The page's words in English, which every other catalogue must have as well.

import { accountWords } from './en/account.js';
import { shellWords } from './en/shell.js';

export const en = { ...shellWords, ...accountWords } as const;

export type Word = keyof typeof en;
