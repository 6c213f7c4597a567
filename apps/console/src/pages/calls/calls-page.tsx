// Calls: every recorded call, found by what is known of it, each with the explanation of its charge.

import { useEffect, useState, type ReactNode } from 'react';
import { useDebouncedValue } from '@mantine/hooks';
import type { CallsPage as Answer } from '../../data/call-answers.js';
import { ask, withQuery } from '../../data/http.js';
import { POLL_MS, tenantKey, tenantPath } from '../../data/queries.js';
import { instantText } from '../../format/time.js';
import { Page } from '../../parts/page.js';
import { Pager } from '../../parts/pager.js';
import { Answered, Empty } from '../../parts/states.js';
import { usePages } from '../../parts/use-pages.js';
import { useSought } from '../../parts/use-place.js';
import { useWords, type Say } from '../../words/words.js';
import { CallExplanation } from './call-explanation.js';
import { CallFilters, filtersOf, questionOf, type Filters } from './call-filters.js';
import { CallTable } from './call-table.js';

const PAGE = 50;
const TYPING_PAUSE_MS = 300;

export function CallsPage({ tenant }: { readonly tenant: string }): ReactNode {
  const { say, language } = useWords();
  const [sought, change] = useSought();
  const [filters, setFilters] = useState(() => filtersOf(sought));
  const [settled] = useDebouncedValue(filters, TYPING_PAUSE_MS);
  // The address follows what is looked for, so that it can be sent on.
  useEffect(() => change(settled), [change, settled]);
  const question = questionOf(settled);
  const { query, back, on } = usePages(
    tenantKey(tenant, 'calls', question),
    (cursor, signal) => ask<Answer>(withQuery(tenantPath(tenant, 'calls'), { ...question, limit: PAGE, cursor }), { signal }),
    POLL_MS,
  );
  const shown = sought.get('call');
  return (
    <Page name="calls">
      <section className="panel" aria-label={say('calls.list')}>
        <CallFilters filters={filters} onChange={setFilters} />
        <Answered query={query}>
          {({ calls, searchedBackTo }) => {
            const at = searchedBackTo === null ? '' : instantText(searchedBackTo, language);
            return (
              <>
                {calls.length === 0 ? (
                  <Empty>{noneText(settled, at, say)}</Empty>
                ) : (
                  <CallTable calls={calls} onExplain={({ id, source }) => change({ call: id, source })} />
                )}
                {at === '' || calls.length === 0 ? null : <p className="hint">{say('calls.searchedBackTo', { at })}</p>}
                <Pager back={back} on={on} onWord={at === '' ? 'actions.next' : 'calls.searchOlder'} />
              </>
            );
          }}
        </Answered>
      </section>
      <CallExplanation
        tenant={tenant}
        id={shown}
        source={sought.get('source') ?? ''}
        onSource={(source) => change({ source })}
        onClose={() => change({ call: '', source: '' })}
      />
    </Page>
  );
}

/** `at`: how far back was looked, where older calls are left. */
function noneText(filters: Filters, at: string, say: Say): string {
  if (at !== '') return say('calls.noneSoFar', { at });
  if (/^[\d\s+().\-/]*\d[\d\s().\-/]*$/.test(filters.search)) return `${say('calls.noneFound')} ${say('calls.wholeNumber')}`;
  return say(Object.values(filters).some((value) => value !== '') ? 'calls.noneFound' : 'calls.none');
}
