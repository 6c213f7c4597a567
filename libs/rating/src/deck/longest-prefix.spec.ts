// Longest prefix: the trie finds what a plain comparison of strings finds, in whatever order prefixes came.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PrefixIndex } from './longest-prefix.js';

function indexOf(prefixes: readonly string[]): PrefixIndex {
  const index = new PrefixIndex();
  for (const [value, prefix] of prefixes.entries()) index.setIfAbsent(prefix, value);
  return index;
}

test.each([
  ['+4915', 1],
  ['4915', 1],
  ['+4', -1],
  ['+49', 0],
  ['+491', 0],
  ['+33', -1],
  ['', -1],
  ['+', -1],
  ['+49 15', 0],
  ['+٤٩', -1],
])('with 49 and 4915, %j matches %d', (number, expected) => {
  expect(indexOf(['49', '4915']).longestMatch(number)).toBe(expected);
  expect(new PrefixIndex().longestMatch(number)).toBe(-1);
});

test('the empty prefix matches every number, and the first value of a prefix stays', () => {
  const index = indexOf(['', '49']);
  const now = [index.setIfAbsent('49', 5), index.setIfAbsent('', 6), index.setIfAbsent('4', 7), index.setIfAbsent('491', 8)];
  expect(now).toEqual([1, 0, 7, 8]);
  expect(['+491', '+49', '+4', '+5', '+'].map((number) => index.longestMatch(number))).toEqual([8, 1, 7, 0, 0]);
  expect(index.matches('+4912')).toEqual([8, 1, 7, 0]);
  expect(indexOf(['49', '4915']).matches('+4915')).toEqual([1, 0]);
  expect(indexOf(['49']).matches('+33')).toEqual([]);
});

test('once a number has been looked up nothing can be added, rather than be passed over', () => {
  const index = indexOf(['49']);
  index.longestMatch('+49');
  expect(() => index.setIfAbsent('33', 1)).toThrow('cannot be added');
});

test('equals a plain comparison of strings', () => {
  const digits = fc.stringMatching(/^[0-2]{0,6}$/);
  fc.assert(
    fc.property(fc.uniqueArray(digits, { maxLength: 60 }), fc.array(digits, { maxLength: 20 }), (prefixes, numbers) => {
      const index = indexOf(prefixes);
      for (const number of numbers) {
        const [longest] = prefixes.filter((prefix) => number.startsWith(prefix)).toSorted((a, b) => b.length - a.length);
        expect(index.longestMatch(number)).toBe(longest === undefined ? -1 : prefixes.indexOf(longest));
        const all = prefixes.filter((prefix) => number.startsWith(prefix)).toSorted((a, b) => b.length - a.length);
        expect(index.matches(number)).toEqual(all.map((prefix) => prefixes.indexOf(prefix)));
      }
    }),
    { numRuns: 2_000 },
  );
});
