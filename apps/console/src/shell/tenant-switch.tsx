// Chooses whose account is shown; the page stays the same.

import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { tenantsQuery } from '../data/queries.js';
import { pathOf, usePlace } from '../parts/use-place.js';
import { useWords } from '../words/words.js';

const KEY = 'tollkeeper.tenant';
/** More are found by typing. */
const MAX_SHOWN = 100;

export function tenantSeenLast(): string | undefined {
  return localStorage.getItem(KEY) ?? undefined;
}

export function TenantSwitch(): ReactNode {
  const { say } = useWords();
  const { tenant, page } = usePlace();
  const [, go] = useLocation();
  const { data = [] } = useQuery(tenantsQuery);
  useEffect(() => {
    if (tenant !== undefined) localStorage.setItem(KEY, tenant);
  }, [tenant]);
  const names = data.map((row) => row.tenant);
  return (
    <Select
      className="tenant-switch"
      aria-label={say('shell.tenant')}
      placeholder={say('shell.tenant')}
      data={tenant === undefined || names.includes(tenant) ? names : [tenant, ...names]}
      value={tenant ?? null}
      onChange={(name) => {
        if (name !== null) go(pathOf(name, page ?? 'overview'));
      }}
      searchable
      allowDeselect={false}
      limit={MAX_SHOWN}
      maxDropdownHeight={320}
      nothingFoundMessage={say('shell.noTenantFound')}
      size="sm"
    />
  );
}
