// A number's country, as policies and included minutes ask for it.

import { expect, test } from '@jest/globals';
import { destinationCountry } from './index.js';

test.each([
  ['+33123456789', 'FR'],
  ['+14165550123', 'CA'],
  ['+12125550123', 'US'],
  ['+17875550123', 'PR'],
  ['+447911170000', 'GG'],
  ['+447400123456', 'GB'],
  ['+441632960000', 'GB'],
  ['+441481123456', 'GB'],
  ['+77011234567', 'KZ'],
  ['+79161234567', 'RU'],
  ['+80012345678', null],
  ['+870773111632', null],
])('%s is a number of %s, also when asked again', (e164, country) => {
  expect([destinationCountry(e164), destinationCountry(e164)]).toEqual([country, country]);
});
