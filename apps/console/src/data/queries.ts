// What the pages ask of the API, by name; what depends on an account is kept below its tenant, so that one event renews it all.

import { QueryClient, queryOptions, type QueryKey } from '@tanstack/react-query';
import type { Advice, Credit, History, TenantsPage } from './answers.js';
import { ask, Refusal, withQuery } from './http.js';
import type { LetterInFull, Operations } from './operations-answers.js';
import type { DeckDiff, Decks } from './rate-answers.js';

/** Holds, included minutes and failed payments change an account without moving its balance, so nothing live tells of them. */
export const POLL_MS = 10_000;
const STALE_MS = 5_000;
const MAX_RETRIES = 2;
const TENANTS_A_PAGE = 1_000;
export const HISTORY_DAYS = 90;

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: STALE_MS,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < MAX_RETRIES && (!(error instanceof Refusal) || error.mayPass),
      },
    },
  });
}

export function tenantKey(tenant: string, ...rest: readonly unknown[]): QueryKey {
  return ['tenant', tenant, ...rest];
}

export function tenantPath(tenant: string, rest: string): string {
  return `/v1/tenants/${encodeURIComponent(tenant)}/${rest}`;
}

/** A question about one account. */
export function tenantQuery<Answer>(tenant: string, path: string) {
  return queryOptions({
    queryKey: tenantKey(tenant, path),
    queryFn: ({ signal }) => ask<Answer>(tenantPath(tenant, path), { signal }),
  });
}

export const tenantsQuery = queryOptions({
  queryKey: ['tenants'],
  queryFn: async ({ signal }) => {
    const all = [];
    let path: string | null = `/v1/tenants?limit=${TENANTS_A_PAGE}`;
    while (path !== null) {
      const page: TenantsPage = await ask<TenantsPage>(path, { signal });
      all.push(...page.tenants);
      path = page.next;
    }
    return all;
  },
  staleTime: 60_000,
});

export function creditQuery(tenant: string) {
  return queryOptions({
    queryKey: tenantKey(tenant, 'credit'),
    queryFn: ({ signal }) => ask<Credit>(tenantPath(tenant, 'credit'), { signal }),
    refetchInterval: POLL_MS,
  });
}

export function historyQuery(tenant: string) {
  return tenantQuery<History>(tenant, withQuery('balance/history', { days: HISTORY_DAYS }));
}

export function adviceQuery(tenant: string) {
  return tenantQuery<Advice>(tenant, 'advice');
}

export const decksQuery = queryOptions({
  queryKey: ['decks'],
  queryFn: ({ signal }) => ask<Decks>('/v1/decks', { signal }),
});

/** Versions never change. */
export function deckDiffQuery(before: string, after: string) {
  return queryOptions({
    queryKey: ['deck-diff', before, after],
    queryFn: ({ signal }) => ask<DeckDiff>(`/v1/decks/${before}/diff/${after}`, { signal }),
    staleTime: Infinity,
  });
}

/** What is under way is watched closely. */
const BUSY_POLL_MS = 1_000;
const CALM_POLL_MS = 5_000;

export const operationsQuery = queryOptions({
  queryKey: ['operations'],
  queryFn: ({ signal }) => ask<Operations>('/v1/operations', { signal }),
  refetchInterval: ({ state: { data } }) => {
    const works = [...(data?.rebuilds ?? []), ...(data?.verification == null ? [] : [data.verification])];
    return works.some(({ state }) => state === 'running') ? BUSY_POLL_MS : CALM_POLL_MS;
  },
});

/** Below the operations, so that whatever is done to letters renews their counts as well. */
export const deadLettersKey: QueryKey = ['operations', 'dead-letters'];

/** A letter as it came; its bytes may name persons, so that they are for the operator. */
export function letterQuery(id: string) {
  return queryOptions({
    queryKey: ['letter', id],
    queryFn: ({ signal }) => ask<LetterInFull>(withQuery('/v1/dead-letters/letter', { id }), { signal }),
    // Whoever has not given the token is not asked again for looking elsewhere meanwhile.
    refetchOnWindowFocus: false,
  });
}
