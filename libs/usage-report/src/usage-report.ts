// Usage report, the way: the calls of one tenant and period out of the read model, page by page in order of answer time, as rows of 20
// cells. Memory holds one page, however many there are.
//
// It reports the calls that were debited, those that cost nothing among them, so that its charges add up to what the account paid. Legs
// that do not bill are other views of a call that stands there already, and unanswered calls used nothing: neither is reported.
//
// What if a call is rerated meanwhile? Its place does not change, so it is told once, as it stands when its page is read.

import type { CallRow } from '@tollkeeper/projections';
import type { Tables } from '@tollkeeper/read-models';
import type { ReadStore } from '@tollkeeper/read-store';
import type { KeyRing } from '@tollkeeper/sealing';
import { cellsOf } from './cells.js';
import type { Cells } from './columns.js';
import { openParties } from './parties.js';

export type UsageReportParts = {
  readonly readStore: Pick<ReadStore<Tables>, 'db'>;
  readonly ring: Pick<KeyRing, 'unseal'>;
  /** ISO 3166 of the organisation, by the account's terms; null when they do not say. Numbers are masked by its law. */
  readonly country: string | null;
};

/** Calls answered from one instant on and before the other. */
export type ReportedPeriod = { readonly tenant: string; readonly fromMs: number; readonly toMs: number };

/** Larger pages are hardly faster, and leave more behind for the garbage collector to find late. */
const ROWS_PER_PAGE = 200;

/** Pages of rows, none of them empty. */
export async function* usageReport(parts: UsageReportParts, period: ReportedPeriod): AsyncIterable<readonly Cells[]> {
  let last: CallRow | undefined;
  do {
    const page = await pageAfter(parts, period, last);
    if (page.length > 0) {
      yield await Promise.all(page.map(async (row) => cellsOf(row, await openParties(row, parts.ring), parts.country)));
    }
    last = page.length === ROWS_PER_PAGE ? page.at(-1) : undefined;
  } while (last !== undefined);
}

async function pageAfter(
  { readStore: { db } }: UsageReportParts,
  { tenant, fromMs, toMs }: ReportedPeriod,
  last: CallRow | undefined,
): Promise<readonly CallRow[]> {
  let query = db
    .selectFrom('call')
    .selectAll()
    .where('tenant', '=', tenant)
    // The index is searched by this bound, which so has to move along with the pages.
    .where('answered_at', '>=', last?.answered_at ?? new Date(fromMs).toISOString())
    .where('answered_at', '<', new Date(toMs).toISOString())
    .where('billable', '=', 1);
  if (last !== undefined) {
    const { answered_at, call_key } = last;
    query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('answered_at', 'call_key'), '>', tuple(answered_at, call_key)));
  }
  return query.orderBy('answered_at').orderBy('call_key').limit(ROWS_PER_PAGE).execute();
}
