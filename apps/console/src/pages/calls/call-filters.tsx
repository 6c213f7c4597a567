// Calls' filters: what is looked for, as it stands in the form and in the address, and as the API is asked for it.

import { Button, NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { typedAmount } from '../../format/money.js';
import { useWords } from '../../words/words.js';

const NAMES = ['search', 'from', 'to', 'category', 'coverage', 'kind', 'minAmount'] as const;
export type Filters = Readonly<Record<(typeof NAMES)[number], string>>;

const NONE: Filters = { search: '', from: '', to: '', category: '', coverage: '', kind: '', minAmount: '' };
const CATEGORIES = ['outbound', 'international', 'conference-dial-out', 'call-me', 'toll-free-inbound', 'emergency'] as const;
const COVERAGES = ['credit', 'pool', 'unlimited', 'emergency'] as const;
const KINDS = ['unauthorised', 'billable', 'notBillable'] as const;
const DAY_MS = 86_400_000;

export function filtersOf(sought: URLSearchParams): Filters {
  return Object.fromEntries(NAMES.map((name) => [name, sought.get(name) ?? ''])) as Filters;
}

/** The last day that is named counts wholly; the API's `to` is exclusive. */
export function questionOf({ search, from, to, category, coverage, kind, minAmount }: Filters): Readonly<Record<string, string>> {
  const asked = {
    search: search.trim(),
    from: isDay(from) ? `${from}T00:00:00.000Z` : '',
    to: isDay(to) ? new Date(Date.parse(to) + DAY_MS).toISOString() : '',
    category,
    coverage,
    unauthorised: kind === 'unauthorised' ? 'true' : '',
    billable: kind === 'billable' ? 'true' : kind === 'notBillable' ? 'false' : '',
    minAmount: typedAmount(minAmount) ?? '',
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''));
}

type FiltersProps = { readonly filters: Filters; readonly onChange: (filters: Filters) => void };

export function CallFilters({ filters, onChange }: FiltersProps): ReactNode {
  const { say } = useWords();
  const field = (name: keyof Filters) => ({
    label: say(`calls.${name}`),
    value: filters[name],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      onChange({ ...filters, [name]: event.currentTarget.value }),
    size: 'sm' as const,
  });
  return (
    <form className="row filters" role="search" aria-label={say('calls.filters')} onSubmit={(event) => event.preventDefault()}>
      <TextInput {...field('search')} type="search" placeholder={say('calls.searchHint')} className="wide" />
      <TextInput {...field('from')} type="date" />
      <TextInput {...field('to')} type="date" />
      <NativeSelect {...field('category')} data={optionsOf('category', CATEGORIES, say('calls.all'), say.code)} />
      <NativeSelect {...field('coverage')} data={optionsOf('coverage', COVERAGES, say('calls.all'), say.code)} />
      <NativeSelect {...field('kind')} data={optionsOf('callKind', KINDS, say('calls.all'), say.code)} />
      <TextInput {...field('minAmount')} inputMode="decimal" />
      <Button variant="default" onClick={() => onChange(NONE)}>
        {say('calls.clear')}
      </Button>
    </form>
  );
}

function optionsOf(group: string, codes: readonly string[], all: string, wordOf: (group: string, code: string) => string) {
  return [{ value: '', label: all }, ...codes.map((value) => ({ value, label: wordOf(group, value) }))];
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
