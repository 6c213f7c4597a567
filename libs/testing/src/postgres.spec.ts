// Contract tests: where the PostgreSQL to test on comes from.
import { expect, test } from '@jest/globals';
import { findPostgres, orFailWhenRequired } from './postgres.js';

test('the address in the environment is taken as it is', async () => {
  await expect(findPostgres({ DATABASE_URL: 'postgres://x@127.0.0.1:1/y' })).resolves.toMatchObject({
    url: 'postgres://x@127.0.0.1:1/y',
  });
});

test('an engine that is required and missing fails, any other is skipped', () => {
  const missing = { url: undefined, reason: 'no Docker' } as const;
  expect(() => orFailWhenRequired(missing, { REQUIRE_ENGINES: 'kafka,postgres' })).toThrow('none: no Docker');
  expect(orFailWhenRequired(missing, { REQUIRE_ENGINES: 'kafka' })).toBe(missing);
});
