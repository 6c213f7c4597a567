// Operations: how far everything has come, what was put aside, and the two long works: rebuilding and verifying.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { operationsQuery } from '../../data/queries.js';
import { Page, Section } from '../../parts/page.js';
import { Answered } from '../../parts/states.js';
import { useWords } from '../../words/words.js';
import { DeadLetters } from './dead-letters.js';
import { ReadModels } from './read-models.js';
import { Rebuilds } from './rebuilds.js';
import { LastVerification } from './last-verification.js';

export function OperationsPage(): ReactNode {
  const { say } = useWords();
  const operations = useQuery(operationsQuery);
  return (
    <Page name="operations">
      <Answered query={operations}>
        {({ readModels, intake, deadLetters, rebuilds, verification }) => (
          <>
            <div className="two">
              <Section title={say('operations.lag')} hint={say('operations.lagHint')}>
                <ReadModels readModels={readModels} intake={intake} />
              </Section>
              <Section title={say('operations.verification')} hint={say('operations.verificationHint')}>
                <LastVerification verification={verification} />
              </Section>
            </div>
            <Section title={say('operations.deadLetters')} hint={say('operations.deadLettersHint')}>
              <DeadLetters total={deadLetters.total} byCode={deadLetters.byCode} />
            </Section>
            <Section title={say('operations.rebuild')} hint={say('operations.rebuildHint')}>
              <Rebuilds rebuilds={rebuilds} names={readModels.map(({ name }) => name)} />
            </Section>
          </>
        )}
      </Answered>
    </Page>
  );
}
