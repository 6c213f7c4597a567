// The page's words, tested: every language says all that English says, fills in the same values, and is chosen as its reader wants.

import { describe, expect, test } from '@jest/globals';
import { en, type Word } from './en.js';
import { fr } from './fr.js';
import { preferredLanguage, sayingFrom } from './words.js';

const words = Object.keys(en) as Word[];

/** French words that are spelled as the English ones. */
const ALIKE: readonly Word[] = [
  'shell.menu',
  'people.changeLicences',
  'calls.destination',
  'explain.segments',
  'recharges.cause',
];

describe('French', () => {
  test('has every word of English and none besides', () => {
    expect(Object.keys(fr).toSorted()).toEqual(words.toSorted());
  });

  test('leaves no word empty', () => {
    expect(words.filter((word) => fr[word].trim() === '' || en[word].trim() === '')).toEqual([]);
  });

  test('is translated', () => {
    expect(words.filter((word) => fr[word] === en[word] && !ALIKE.includes(word))).toEqual([]);
  });

  test('fills in the same values', () => {
    const placesOf = (text: string): readonly string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted();
    for (const word of words) expect([word, ...placesOf(fr[word])]).toEqual([word, ...placesOf(en[word])]);
  });

  test('keeps a sign with the word before it', () => {
    expect(words.filter((word) => / [:;?!»]|« /.test(fr[word]))).toEqual([]);
    expect(fr['rates.price']).toBe('Combien coûte un appel\u00a0?');
  });

  test('is written with typographic apostrophes', () => {
    expect(words.filter((word) => fr[word].includes("'"))).toEqual([]);
  });
});

test('values are filled in; a code without a word is shown as it is', () => {
  const say = sayingFrom(en);
  expect(say('overview.minutes', { used: '12', cap: 120, left: '108' })).toBe('12 of 120 min used, 108 left');
  expect(say.code('coverage', 'pool')).toBe('Included minutes');
  expect(say.code('coverage', 'toString')).toBe('toString');
  expect(say.known('coverage', 'toString')).toBeUndefined();
});

test.each([
  [null, ['fr-CH', 'en'], 'fr'],
  [null, ['de-DE', 'fr-FR', 'en-US'], 'fr'],
  [null, ['de', 'es'], 'en'],
  ['en', ['fr-FR'], 'en'],
  ['xx', ['fr-FR'], 'fr'],
  [null, [], 'en'],
])('chosen before: %p, wanted by the browser: %p, spoken: %s', (chosen, wanted, spoken) => {
  expect(preferredLanguage(chosen, wanted)).toBe(spoken);
});
