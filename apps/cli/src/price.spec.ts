// `tollkeeper price` on the real sheet: five hundred random numbers cost what a naive scan of the file says.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { deckInFile } from './deck-files.js';
import { answerOf } from './price.js';

const SHEET = '../shared/data/acs-pstn-rates.csv';
const isThere = existsSync(SHEET);

(isThere ? describe : describe.skip)(`price on Azure's sheet${isThere ? '' : ' (skipped: ../shared/data is not here)'}`, () => {
  const lines = isThere ? readFileSync(SHEET, 'utf8').trim().split(/\r?\n/).slice(1) : [];
  const answer = (called: string) =>
    answerOf({ category: 'outbound', called, answer: Date.parse('2026-12-25T08:00:00Z'), usage: 60_000 }, deckInFile(SHEET));

  test('500 random numbers', () => {
    const deck = deckInFile(SHEET);
    for (let at = 0; at < 500; at += 1) {
      // Steps through the sheet by a prime, and into numbers below and beside its prefixes.
      const prefix = at % 4 === 0 ? '' : (lines[(at * 7919) % lines.length]?.split(',').at(-2) ?? '');
      const digits = `${prefix}${(at * 104_729 + 1_000_003) % 9_999_991}4711`.slice(0, 15);
      const matching = lines.map((line) => line.split(',').slice(-2)).filter(([known = '']) => digits.startsWith(known));
      const [longest] = matching.toSorted(([left = ''], [right = '']) => right.length - left.length);
      const priced = answerOf({ category: 'outbound', called: `+${digits}`, answer: 0, usage: 60_000 }, deck);
      const said = 'rejection' in priced ? priced.rejection : `${priced.prefix} ${Number(priced.amount)}`;
      expect(`+${digits}: ${said}`).toBe(
        `+${digits}: ${longest === undefined ? 'no-rate' : `${longest[0]} ${Number(longest[1])}`}`,
      );
    }
  });

  test.each(['+33892123456', '+68212345', '+80012345678', '+88112345678'])('%s has no rate', (called) => {
    expect(answer(called)).toMatchObject({ rejection: 'no-rate' });
  });
});
