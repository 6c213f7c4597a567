// Opens the first account, where there is none to show.

import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { WriteAnswer } from '../data/answers.js';
import { ask } from '../data/http.js';
import { tenantsQuery } from '../data/queries.js';
import { useWrite } from '../data/writes.js';
import { Failure } from '../parts/states.js';
import { pathOf } from '../parts/use-place.js';
import { useWords } from '../words/words.js';

type Wish = { readonly tenant: string; readonly currency: string };

export function OpenAccount(): ReactNode {
  const { say } = useWords();
  const [, go] = useLocation();
  const [tenant, setTenant] = useState('');
  const [currency, setCurrency] = useState('');
  const open = useWrite(tenantsQuery.queryKey, ({ tenant: name, currency: of }: Wish, key) =>
    ask<WriteAnswer>(`/v1/tenants/${encodeURIComponent(name)}`, { method: 'PUT', json: { currency: of }, key }),
  );
  const isWhole = tenant.trim() !== '' && /^[A-Z]{3}$/.test(currency);

  function submit(event: FormEvent): void {
    event.preventDefault();
    const wish = { tenant: tenant.trim(), currency };
    if (isWhole) open.mutate(wish, { onSuccess: () => go(pathOf(wish.tenant, 'recharges')) });
  }

  return (
    <>
      <form className="row" onSubmit={submit}>
        <TextInput
          label={say('open.tenant')}
          description={say('open.tenantHint')}
          value={tenant}
          onChange={(event) => setTenant(event.currentTarget.value)}
          autoComplete="off"
          required
        />
        <TextInput
          label={say('open.currency')}
          description={say('open.currencyHint')}
          value={currency}
          onChange={(event) => setCurrency(event.currentTarget.value.toUpperCase())}
          maxLength={3}
          autoComplete="off"
          required
        />
        <Button type="submit" disabled={!isWhole} loading={open.isPending}>
          {say('open.now')}
        </Button>
      </form>
      {open.isError ? <Failure error={open.error} /> : null}
    </>
  );
}
