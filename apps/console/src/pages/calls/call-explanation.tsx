// Calls' explanation: one page from the record that came in to the money that went out, in a drawer beside the list.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Explanation } from '../../data/call-answers.js';
import { withQuery } from '../../data/http.js';
import { askOperator, useIsOperator } from '../../data/operator.js';
import { tenantKey, tenantQuery } from '../../data/queries.js';
import { Instant, Money } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { SideDialog } from '../../parts/dialog.js';
import { Facts, type Fact } from '../../parts/facts.js';
import { Notice } from '../../parts/notice.js';
import { Answered } from '../../parts/states.js';
import { useWords, type Say } from '../../words/words.js';
import { CoverageOf, PricingOf } from './charge-parts.js';

type ExplanationProps = {
  readonly tenant: string;
  readonly id: string | null;
  readonly source: string;
  readonly onClose: () => void;
};

export function CallExplanation({ tenant, id, source, onClose }: ExplanationProps): ReactNode {
  const { say } = useWords();
  return (
    <SideDialog opened={id !== null} onClose={onClose} title={say('explain.title')}>
      {id === null ? null : <Explained tenant={tenant} id={id} source={source} />}
    </SideDialog>
  );
}

function Explained({ tenant, id, source }: { readonly tenant: string; readonly id: string; readonly source: string }): ReactNode {
  const path = withQuery(`calls/${encodeURIComponent(id)}/explanation`, { source });
  const query = useQuery(tenantQuery<Explanation>(tenant, path));
  return <Answered query={query}>{(explanation) => <Sections explanation={explanation} />}</Answered>;
}

function Sections({ explanation }: { readonly explanation: Explanation }): ReactNode {
  const { say } = useWords();
  const { pricing, coverage } = explanation;
  const currency = pricing?.currency ?? '';
  return (
    <div className="explanation">
      <Summary explanation={explanation} />
      <Sum explanation={explanation} />
      <Part title={say('explain.record')}>
        <Raw explanation={explanation} />
      </Part>
      <Part title={say('explain.fields')}>
        <Facts facts={explanation.fields.map(({ name, value }) => [name, value])} />
      </Part>
      <Part title={say('explain.tenant')}>
        <Facts
          facts={[
            [say('shell.tenant'), explanation.tenant],
            [say('explain.rule'), explanation.tenantRule],
          ]}
        />
      </Part>
      {pricing === null ? null : (
        <Part title={say('explain.price')}>
          <PricingOf pricing={pricing} deck={explanation.deck} />
        </Part>
      )}
      {coverage === null ? null : (
        <Part title={say('explain.payer')}>
          <CoverageOf coverage={coverage} lots={explanation.lots} overdraft={explanation.overdraft} currency={currency} />
        </Part>
      )}
      <Part title={say('explain.ledger')}>
        <Ledger explanation={explanation} currency={currency} />
      </Part>
    </div>
  );
}

/** The API tells it in English. */
function Summary({ explanation: { summary, faults } }: { readonly explanation: Explanation }): ReactNode {
  const { say, language } = useWords();
  const spoken = language === 'en' ? undefined : 'en';
  return (
    <>
      <div lang={spoken}>
        {summary.map((sentence) => (
          <div key={sentence}>{sentence}</div>
        ))}
      </div>
      {faults.length === 0 ? null : (
        <Notice tone="bad" role="alert" title={say('explain.faults')}>
          <ul lang={spoken}>
            {faults.map((fault) => (
              <li key={fault}>{fault}</li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Sum({ explanation: { sum } }: { readonly explanation: Explanation }): ReactNode {
  const { say } = useWords();
  if (sum === null) return <Notice tone="quiet">{say('explain.noPrice')}</Notice>;
  return (
    <Part title={say('explain.sum')}>
      <pre className="code">{sum.lines.join('\n')}</pre>
      <Notice tone={sum.agrees ? 'good' : 'bad'}>
        {say(sum.agrees ? 'explain.agrees' : 'explain.differs', { redone: sum.redone, recorded: sum.recorded })}
      </Notice>
    </Part>
  );
}

function Raw({ explanation: { raw, tenant, source, id } }: { readonly explanation: Explanation }): ReactNode {
  const { say } = useWords();
  const origin = Object.entries(raw.origin).map(([name, value]) => `${name} ${value}`);
  return (
    <>
      <Facts
        facts={[
          [
            say('explain.id'),
            <span key="id" className="code">
              {id}
            </span>,
          ],
          [say('explain.source'), source],
          [say('explain.origin'), origin.join(', ')],
          [
            'SHA-256',
            <span key="hash" className="code">
              {raw.sha256}
            </span>,
          ],
        ]}
      />
      {raw.text === null ? (
        <NotShown tenant={tenant} isFromBroker={raw.origin['kind'] === 'bus'} />
      ) : (
        <pre className="code">{raw.text}</pre>
      )}
      {raw.matches === null ? null : (
        <Notice tone={raw.matches ? 'good' : 'bad'}>{say(raw.matches ? 'explain.matches' : 'explain.matchesNot')}</Notice>
      )}
    </>
  );
}

type NotShownProps = { readonly tenant: string; readonly isFromBroker: boolean };

/** The bytes hold whole numbers, so that the API shows them to the operator only, and only while the broker keeps them; nobody else does. */
function NotShown({ tenant, isFromBroker }: NotShownProps): ReactNode {
  const { say } = useWords();
  const client = useQueryClient();
  const isOperator = useIsOperator();
  if (isOperator || !isFromBroker) return <p className="hint">{say('explain.notKept')}</p>;

  async function show(): Promise<void> {
    const token = await askOperator(undefined);
    if (token !== undefined) await client.invalidateQueries({ queryKey: tenantKey(tenant) });
  }

  return (
    <p className="hint">
      {say('explain.notShown')}{' '}
      <button type="button" className="plain" onClick={() => void show()}>
        {say('explain.showAsOperator')}
      </button>
    </p>
  );
}

function Ledger({ explanation, currency }: { readonly explanation: Explanation; readonly currency: string }): ReactNode {
  const { say } = useWords();
  const money = (amount: string): ReactNode => (currency === '' ? amount : <Money amount={amount} currency={currency} />);
  return (
    <>
      <Facts
        facts={[
          [
            say('explain.revision'),
            <span key="revision" className="figure">
              {explanation.revision}
            </span>,
          ],
          [
            say('explain.event'),
            <span key="event" className="code">
              {explanation.eventId}
            </span>,
          ],
          [
            say('explain.hash'),
            <span key="hash" className="code">
              {explanation.hash}
            </span>,
          ],
          [say('explain.recordedAt'), <Instant key="at" at={explanation.recordedAt} />],
          [say('explain.before'), money(explanation.balanceBefore)],
          [say('explain.after'), money(explanation.balanceAfter)],
          [say('explain.availableAfter'), money(explanation.availableAfter)],
          ...postingFacts(explanation, say),
        ]}
      />
      <DataTable
        label={say('explain.history')}
        rows={explanation.history}
        keyOf={(event) => event.revision}
        minWidth={440}
        columns={[
          { head: say('explain.revision'), isRowHead: true, cell: (event) => event.revision },
          { head: say('explain.happened'), cell: (event) => say.code('event', event.type) },
          { head: say('explain.generation'), isFigure: true, cell: (event) => event.generation },
          { head: say('calls.amount'), isFigure: true, cell: (event) => money(event.amount) },
          { head: say('explain.recordedAt'), cell: (event) => <Instant at={event.recordedAt} /> },
        ]}
      />
    </>
  );
}

function postingFacts({ posting }: Explanation, say: Say): readonly Fact[] {
  if (posting === null) return [];
  const { debit, credit, amount } = posting;
  return [[say('explain.posting'), say('explain.postingText', { debit, credit, amount })]];
}
