// Rates: which prices hold when, what differs between two versions, new ones, and what a call would cost.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { decksQuery } from '../../data/queries.js';
import { Page, Section } from '../../parts/page.js';
import { Answered, Empty } from '../../parts/states.js';
import { useWords } from '../../words/words.js';
import { DeckDiffer } from './deck-differ.js';
import { DeckImporter } from './deck-importer.js';
import { DeckVersions } from './deck-versions.js';
import { PriceCall } from './price-call.js';

export function RatesPage({ tenant }: { readonly tenant: string | undefined }): ReactNode {
  const { say } = useWords();
  const decks = useQuery(decksQuery);
  return (
    <Page name="rates">
      {tenant === undefined ? null : (
        <Section title={say('rates.price')} hint={say('rates.priceHint', { tenant })}>
          <PriceCall key={tenant} tenant={tenant} />
        </Section>
      )}
      <Section title={say('rates.versions')} hint={say('rates.versionsHint')}>
        <Answered query={decks}>
          {({ plans }) => (plans.length === 0 ? <Empty>{say('rates.none')}</Empty> : <DeckVersions plans={plans} />)}
        </Answered>
      </Section>
      <Section title={say('rates.diff')}>
        <Answered query={decks}>{({ plans }) => <DeckDiffer plans={plans} />}</Answered>
      </Section>
      <Section title={say('rates.import')} hint={say('rates.importHint')}>
        <DeckImporter />
      </Section>
    </Page>
  );
}
