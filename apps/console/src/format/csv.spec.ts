// The page's CSV, tested: fields as the deck's canonical file writes them.

import { expect, test } from '@jest/globals';
import { csvFields } from './csv.js';

test.each([
  ['33,France,0.0080', ['33', 'France', '0.0080']],
  ['"Korea, Republic of",82,,', ['Korea, Republic of', '82', '', '']],
  [',"say ""hello""",x', ['', 'say "hello"', 'x']],
  ['', ['']],
])('%s', (line, fields) => {
  expect(csvFields(line)).toEqual(fields);
});
