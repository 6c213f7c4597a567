// For tests of notices: a suite → the same suite on SQLite, and on PostgreSQL where there is one.

import { afterAll, describe, test } from '@jest/globals';
import { findPostgres } from '@tollkeeper/testing';
import { postgresPlace, sqlitePlace, type Place } from './fixtures.js';

export async function onEachReadStore(what: string, suite: (createPlace: () => Promise<Place>) => void): Promise<void> {
  describe(`${what} on SQLite`, () => suite(sqlitePlace));
  const postgres = await findPostgres();
  if (postgres.url === undefined) {
    describe.skip(`${what} on PostgreSQL (skipped: ${postgres.reason})`, () => test(what, () => {}));
    return;
  }
  const { url } = postgres;
  afterAll(() => postgres.stop());
  describe(`${what} on PostgreSQL`, () => suite(() => postgresPlace(url)));
}
