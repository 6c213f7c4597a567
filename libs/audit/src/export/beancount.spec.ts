// Names of accounts in beancount: whatever a tenant is called, the name is valid there, and no two tenants share one.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { accountComponent } from './beancount.js';

test.each([
  ['acme', 'Acme'],
  ['7up', '7up'],
  ['contoso.com', 'ContosoDotcom'],
  ['a_b-c', 'ALowb-c'],
  ['Acme', 'X41Zcme'],
  ['é', 'Xe9Z'],
])('%s is %s', (tenant, component) => expect(accountComponent(tenant)).toBe(component));

test('is valid and of one tenant only', () => {
  const name = fc.oneof(
    fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,6}$/),
    fc.array(fc.constantFrom(...'aoxzdlDXLZ.4_1e-é :'), { maxLength: 6 }).map((characters) => characters.join('')),
  );
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 40, maxLength: 200 }), (tenants) => {
      const components = tenants.map(accountComponent);
      for (const component of components) expect(component).toMatch(/^[A-Z0-9][A-Za-z0-9-]*$/);
      expect(new Set(components).size).toBe(tenants.length);
    }),
  );
});
