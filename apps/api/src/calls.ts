// Calls behind HTTP: a question and a place come in; the page of the read model from there on, newest first, goes out.
//
// Without a filter a page is one stretch of the index. With one, the calls are walked in steps of the index until the page is full; a walk
// that has come to its end says how far it came, and the next page goes on there. Who spoke is sealed: a search opens what it walks, and
// so walks less far.

import { setImmediate } from 'node:timers/promises';
import type { CallRow } from '@tollkeeper/projections';
import { numbersOf, openParties } from '@tollkeeper/usage-report';
import { sql, type SelectQueryBuilder } from 'kysely';
import type { CallsPage, CallView } from './call-answers.js';
import type { CallsQuery } from './call-requests.js';
import { searchFor, userOf, type OpenedCall, type Search } from './call-search.js';
import { cursorOf, placeOf, type Place } from './page-cursor.js';
import type { ApiParts, ReadTables } from './parts.js';
import { problem } from './problem.js';

/** Calls looked at by one request: by the filters, and by a search, which opens each. */
export const MAX_WALKED = 200_000;
export const MAX_OPENED = 20_000;
/** A step keeps others waiting, since SQLite answers on the process's one thread; between two, they have their turn. */
const STEP_CALLS = 1_000;
const OPENED_AT_ONCE = 250;
/** Searches and filters; each keeps a processor busy for up to a second. */
const MAX_SEARCHES_AT_ONCE = 4;
const MS_PER_SECOND = 1_000;

type CallParts = Pick<ApiParts, 'readStore' | 'ring'>;
type CallsOf = SelectQueryBuilder<ReadTables, 'call', {}>;

export type CallsOfTenant = {
  readonly tenant: string;
  readonly currency: string;
  /** By whose law numbers are masked. */
  readonly country: string | null;
};

type Found = { readonly calls: readonly OpenedCall[]; readonly next: Place | undefined; readonly searchedBackTo: string | null };

export class Calls {
  readonly #parts: CallParts;
  #searches = 0;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  /** @param gone nobody waits for the page any more. */
  async page(of: CallsOfTenant, question: CallsQuery, gone: AbortSignal): Promise<CallsPage> {
    const search = question.search?.trim() ? searchFor(question.search) : undefined;
    const found = await (search === undefined && !isFiltered(question)
      ? this.#walk(of, question, gone)
      : this.#oneOfFew(() => (search === undefined ? this.#walk(of, question, gone) : this.#search(of, question, gone, search))));
    return {
      calls: found.calls.map((call) => viewOf(call, of.currency)),
      next: found.next === undefined ? null : cursorOf(found.next),
      searchedBackTo: found.searchedBackTo,
    };
  }

  async #oneOfFew(find: () => Promise<Found>): Promise<Found> {
    if (this.#searches >= MAX_SEARCHES_AT_ONCE) {
      throw problem('too-busy', `${MAX_SEARCHES_AT_ONCE} searches are under way; try again shortly.`);
    }
    this.#searches += 1;
    try {
      return await find();
    } finally {
      this.#searches -= 1;
    }
  }

  async #search(of: CallsOfTenant, question: CallsQuery, gone: AbortSignal, search: Search): Promise<Found> {
    // Ids have an index: the call that is named stands on the first page, however old it is.
    const named = question.cursor === undefined ? await this.#named(of, question, search) : [];
    if (named.length > 0 && !search.isNumber) return { calls: named, next: undefined, searchedBackTo: null };
    const limit = Math.max(1, question.limit - named.length);
    const { calls, ...rest } = await this.#walk(of, { ...question, limit }, gone, search);
    return { calls: [...named, ...calls].toSorted(newestFirst), ...rest };
  }

  async #named(of: CallsOfTenant, question: CallsQuery, { text }: Search): Promise<readonly OpenedCall[]> {
    // Bounds of time in the query would have SQLite choose the index of times.
    const rows = await filtered(this.#ofTenant(of.tenant), question)
      .where('cdr_id', '=', text)
      .selectAll()
      .limit(question.limit)
      .execute();
    return Promise.all(rows.filter((row) => isWithin(row, question)).map((row) => this.#opened(row, of)));
  }

  async #walk(of: CallsOfTenant, question: CallsQuery, gone: AbortSignal, search?: Search): Promise<Found> {
    const { limit } = question;
    const calls: OpenedCall[] = [];
    const isPlain = search === undefined && !isFiltered(question);
    let before = placeOf(question.cursor);
    for (let walked = 0, opened = 0; ; walked += STEP_CALLS) {
      if (!isPlain) await setImmediate();
      const end = isPlain ? undefined : await this.#endOfStep(of.tenant, question, before);
      const rows = await this.#step(of.tenant, question, {
        before,
        end,
        limit: search === undefined ? limit + 1 - calls.length : STEP_CALLS,
      });
      for await (const call of this.#openedInTurn(rows, of)) {
        if (search !== undefined && (call.row.cdr_id === search.text || !search.finds(call))) continue;
        const last = calls.at(-1);
        if (calls.length === limit && last !== undefined) return { calls, next: placeIn(last.row), searchedBackTo: null };
        calls.push(call);
      }
      opened += rows.length;
      if (end === undefined) return { calls, next: undefined, searchedBackTo: null };
      if (calls.length === limit) return { calls, next: end, searchedBackTo: null };
      const isFar = walked + STEP_CALLS >= MAX_WALKED || (search !== undefined && opened >= MAX_OPENED);
      if (isFar || gone.aborted) return { calls, next: end, searchedBackTo: end[0] };
      before = end;
    }
  }

  /** The last place of the step that begins there; undefined when fewer calls are left. */
  async #endOfStep(tenant: string, question: CallsQuery, before: Place | undefined): Promise<Place | undefined> {
    const last = await ordered(within(this.#ofTenant(tenant), question, before))
      .select(['answered_at', 'call_key'])
      .offset(STEP_CALLS - 1)
      .limit(1)
      .executeTakeFirst();
    return last && [last.answered_at, last.call_key];
  }

  #step(
    tenant: string,
    question: CallsQuery,
    { before, end, limit }: { readonly before: Place | undefined; readonly end: Place | undefined; readonly limit: number },
  ): Promise<readonly CallRow[]> {
    let query = filtered(within(this.#ofTenant(tenant), question, before), question);
    if (end !== undefined) query = downTo(query, end);
    return ordered(query).selectAll().limit(limit).execute();
  }

  #ofTenant(tenant: string): CallsOf {
    return this.#parts.readStore.db.selectFrom('call').where('tenant', '=', tenant);
  }

  async *#openedInTurn(rows: readonly CallRow[], of: CallsOfTenant): AsyncIterable<OpenedCall> {
    for (let at = 0; at < rows.length; at += OPENED_AT_ONCE) {
      if (at > 0) await setImmediate();
      yield* await Promise.all(rows.slice(at, at + OPENED_AT_ONCE).map((row) => this.#opened(row, of)));
    }
  }

  async #opened(row: CallRow, { country }: CallsOfTenant): Promise<OpenedCall> {
    const parties = await openParties(row, this.#parts.ring);
    return { row, parties, shown: numbersOf(row, parties, country) };
  }
}

function within(calls: CallsOf, { from, to }: CallsQuery, before: Place | undefined): CallsOf {
  let query = calls;
  if (from !== undefined) query = query.where('answered_at', '>=', isoOf(from));
  if (to !== undefined) query = query.where('answered_at', '<', isoOf(to));
  if (before === undefined) return query;
  // The index is searched by this bound, the row value only tells calls of one instant apart.
  return query
    .where('answered_at', '<=', before[0])
    .where(({ eb, refTuple, tuple }) => eb(refTuple('answered_at', 'call_key'), '<', tuple(...before)));
}

function downTo(calls: CallsOf, end: Place): CallsOf {
  return calls
    .where('answered_at', '>=', end[0])
    .where(({ eb, refTuple, tuple }) => eb(refTuple('answered_at', 'call_key'), '>=', tuple(...end)));
}

function filtered(calls: CallsOf, { category, coverage, unauthorised, billable, minAmount }: CallsQuery): CallsOf {
  let query = calls;
  if (category !== undefined) query = query.where('category', '=', category);
  if (coverage !== undefined) query = query.where('coverage', '=', coverage);
  if (unauthorised !== undefined) query = query.where('unauthorised', unauthorised ? 'is not' : 'is', null);
  if (billable !== undefined) query = query.where('billable', '=', billable ? 1 : 0);
  if (minAmount !== undefined) query = query.where(sql<boolean>`cast(amount as numeric) >= cast(${minAmount} as numeric)`);
  return query;
}

function isFiltered({ category, coverage, unauthorised, billable, minAmount }: CallsQuery): boolean {
  return [category, coverage, unauthorised, billable, minAmount].some((value) => value !== undefined);
}

function isWithin({ answered_at: at }: CallRow, { from, to }: CallsQuery): boolean {
  return (from === undefined || at >= isoOf(from)) && (to === undefined || at < isoOf(to));
}

function ordered<Row>(query: SelectQueryBuilder<ReadTables, 'call', Row>): SelectQueryBuilder<ReadTables, 'call', Row> {
  return query.orderBy('answered_at', 'desc').orderBy('call_key', 'desc');
}

function placeIn({ answered_at, call_key }: CallRow): Place {
  return [answered_at, call_key];
}

function newestFirst(one: OpenedCall, other: OpenedCall): number {
  return one.row.answered_at < other.row.answered_at ? 1 : -1;
}

function viewOf({ row, parties, shown }: OpenedCall, currency: string): CallView {
  return {
    source: row.source,
    id: row.cdr_id,
    callId: row.call_id,
    answeredAt: row.answered_at,
    usageSeconds: row.usage_ms / MS_PER_SECOND,
    billable: row.billable === 1,
    category: row.category,
    destination: row.destination,
    prefix: row.prefix,
    called: shown.called,
    calling: shown.calling,
    user: userOf(parties),
    amount: row.amount,
    currency: row.currency === '' ? currency : row.currency,
    coverage: row.coverage,
    poolSeconds: row.pool_ms / MS_PER_SECOND,
    unauthorised: row.unauthorised,
    generation: row.generation,
    revision: row.revision,
    recordedAt: row.recorded_at,
  };
}

function isoOf(instant: string): string {
  return new Date(instant).toISOString();
}
