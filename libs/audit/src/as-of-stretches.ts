// Balance as of an instant, its shortcut: a read store in; the rows of a tenant's stretches out, page by page.

import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { BalanceQuery } from './as-of.js';

const ROWS_PER_PAGE = 5_000;

export function stretchesIn({ db }: Pick<ReadStore<Tables>, 'db'>): NonNullable<BalanceQuery['stretches']> {
  return async function* (tenant) {
    let after = -1;
    for (;;) {
      const rows = await db
        .selectFrom('ledger_stretch')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('first_revision', '>', after)
        .orderBy('first_revision')
        .limit(ROWS_PER_PAGE)
        .execute();
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows;
      if (rows.length < ROWS_PER_PAGE) return;
      after = last.first_revision;
    }
  };
}
