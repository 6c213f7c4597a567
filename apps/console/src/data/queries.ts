// What the pages ask of the API, by name; what depends on an account is kept below its tenant, so that one event renews it all.

import { keepPreviousData, QueryClient, queryOptions, type QueryKey } from '@tanstack/react-query';
import type { Advice, Credit, History, TenantsPage } from './answers.js';
import { ask, Refusal, withQuery } from './http.js';

/** Holds of calls in progress change the account without moving its balance, so nothing live tells of them. */
const CREDIT_POLL_MS = 10_000;
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
    placeholderData: keepPreviousData,
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
    refetchInterval: CREDIT_POLL_MS,
  });
}

export function historyQuery(tenant: string) {
  return tenantQuery<History>(tenant, withQuery('balance/history', { days: HISTORY_DAYS }));
}

export function adviceQuery(tenant: string) {
  return tenantQuery<Advice>(tenant, 'advice');
}
