// The page's words in English, which every other catalogue must have as well.

import { accountWords } from './en/account.js';
import { callWords } from './en/calls.js';
import { codeWords } from './en/codes.js';
import { operationsWords } from './en/operations.js';
import { peopleWords } from './en/people.js';
import { rateWords } from './en/rates.js';
import { shellWords } from './en/shell.js';

export const en = {
  ...accountWords,
  ...callWords,
  ...codeWords,
  ...operationsWords,
  ...peopleWords,
  ...rateWords,
  ...shellWords,
} as const;

export type Word = keyof typeof en;
