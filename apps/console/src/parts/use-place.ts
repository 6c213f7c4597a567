// Where the reader is: the address in, tenant, page and what is looked for out. The address alone holds it, so that it can be sent on.

import { useCallback } from 'react';
import { useLocation, useSearchParams } from 'wouter';

export const PAGES = ['overview', 'calls', 'recharges', 'people', 'rates', 'report', 'operations'] as const;
export type PageName = (typeof PAGES)[number];

/** Stands where a tenant would, when there is none; no tenant's name begins with a dash. */
export const NO_TENANT = '-';

export type Place = { readonly tenant: string | undefined; readonly page: PageName | undefined };

export function usePlace(): Place {
  const [location] = useLocation();
  return placeOf(location);
}

/** `/acme/calls` → tenant and page. */
export function placeOf(location: string): Place {
  const [tenant = '', page = ''] = location.split('/').slice(1).map(decodeURIComponent);
  return {
    tenant: tenant === '' || tenant === NO_TENANT ? undefined : tenant,
    page: (PAGES as readonly string[]).includes(page) ? (page as PageName) : undefined,
  };
}

export function pathOf(tenant: string | undefined, page: PageName): string {
  return `/${encodeURIComponent(tenant ?? NO_TENANT)}/${page}`;
}

/** One name of the query; setting it to '' takes it away. */
export function useSought(): readonly [URLSearchParams, (changes: Readonly<Record<string, string>>) => void] {
  const [sought, setSought] = useSearchParams();
  const change = useCallback(
    (changes: Readonly<Record<string, string>>) => {
      setSought(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value === '') after.delete(name);
            else after.set(name, value);
          }
          return after;
        },
        { replace: true },
      );
    },
    [setSought],
  );
  return [sought, change];
}
