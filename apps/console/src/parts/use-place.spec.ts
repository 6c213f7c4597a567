// The address, tested: it names tenant and page, whatever the tenant is called.

import { expect, test } from '@jest/globals';
import { pathOf, placeOf } from './use-place.js';

test.each([
  ['/acme/calls', { tenant: 'acme', page: 'calls' }],
  ['/-/operations', { tenant: undefined, page: 'operations' }],
  ['/acme/nonsense', { tenant: 'acme', page: undefined }],
  ['/acme', { tenant: 'acme', page: undefined }],
  ['/', { tenant: undefined, page: undefined }],
  ['/overview/overview', { tenant: 'overview', page: 'overview' }],
])('%s is read', (location, place) => {
  expect(placeOf(location)).toEqual(place);
});

test('a path leads back to its place', () => {
  expect(pathOf(undefined, 'rates')).toBe('/-/rates');
  expect(placeOf(pathOf('a.b_c-d', 'people'))).toEqual({ tenant: 'a.b_c-d', page: 'people' });
});
