// Calls' explanation: one page from the record that came in to the money that went out, in a drawer beside the list.

import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Explanation } from '../../data/call-answers.js';
import { Refusal, withQuery } from '../../data/http.js';
import { askOperator, forgetOperator, useIsOperator } from '../../data/operator.js';
import { tenantKey, tenantQuery } from '../../data/queries.js';
import { Instant, Money } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { SideDialog } from '../../parts/dialog.js';
import { English } from '../../parts/english.js';
import { Facts, type Fact } from '../../parts/facts.js';
import { Notice } from '../../parts/notice.js';
import { Answered } from '../../parts/states.js';
import { useWords, type Say } from '../../words/words.js';
import { CoverageOf, PricingOf } from './charge-parts.js';

type ExplanationProps = {
  readonly tenant: string;
  readonly id: string | null;
  readonly source: string;
  readonly onSource: (source: string) => void;
  readonly onClose: () => void;
};

export function CallExplanation({ tenant, id, source, onSource, onClose }: ExplanationProps): ReactNode {
  const { say } = useWords();
  return (
    <SideDialog opened={id !== null} onClose={onClose} title={say('explain.title')}>
      {id === null ? null : <Explained tenant={tenant} id={id} source={source} onSource={onSource} />}
    </SideDialog>
  );
}

type ExplainedProps = Omit<ExplanationProps, 'onClose' | 'id'> & { readonly id: string };

function Explained({ tenant, id, source, onSource }: ExplainedProps): ReactNode {
  const { say } = useWords();
  const path = withQuery(`calls/${encodeURIComponent(id)}/explanation`, { source });
  const query = useQuery(tenantQuery<Explanation>(tenant, path));
  const sources = query.error instanceof Refusal ? query.error.sources : [];
  return (
    <>
      <Answered query={query}>{(explanation) => <Sections explanation={explanation} />}</Answered>
      {sources.length === 0 ? null : (
        <div className="buttons pager" role="group" aria-label={say('explain.choose')}>
          {say('explain.choose')}
          {sources.map((one) => (
            <Button key={one} size="xs" variant="default" onClick={() => onSource(one)}>
              {one}
            </Button>
          ))}
        </div>
      )}
    </>
  );
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
        <Facts facts={explanation.fields.map((field) => fieldFact(field, say))} />
      </Part>
      <Part title={say('explain.tenant')}>
        <Facts
          facts={[
            [say('shell.tenant'), explanation.tenant],
            [say('explain.rule'), <English key="rule">{explanation.tenantRule}</English>],
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

/** What the API tells stays English. */
function Summary({ explanation: { summary, faults } }: { readonly explanation: Explanation }): ReactNode {
  const { say } = useWords();
  return (
    <>
      <div>
        {summary.map((sentence) => (
          <div key={sentence}>
            <English>{sentence}</English>
          </div>
        ))}
      </div>
      {faults.length === 0 ? null : (
        <Notice tone="bad" role="alert" title={say('explain.faults')}>
          <ul>
            {faults.map((fault) => (
              <li key={fault}>
                <English>{fault}</English>
              </li>
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
      <pre className="code">
        <English>{sum.lines.join('\n')}</English>
      </pre>
      <Notice tone={sum.agrees ? 'good' : 'bad'}>
        {say(sum.agrees ? 'explain.agrees' : 'explain.differs', { redone: sum.redone, recorded: sum.recorded })}
      </Notice>
    </Part>
  );
}

function Raw({ explanation: { raw, tenant, source, id } }: { readonly explanation: Explanation }): ReactNode {
  const { say } = useWords();
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
          [
            say('explain.origin'),
            <span key="origin" className="code">
              {originText(raw.origin)}
            </span>,
          ],
          [
            'SHA-256',
            <span key="hash" className="code">
              {raw.sha256}
            </span>,
          ],
        ]}
      />
      {raw.text === null ? (
        <NotShown tenant={tenant} isForOperator={raw.kept === null && raw.origin['kind'] === 'bus'} />
      ) : (
        <pre className="code">{raw.text}</pre>
      )}
      {raw.matches === null ? null : (
        <Notice tone={raw.matches ? 'good' : 'bad'}>{say(raw.matches ? 'explain.matches' : 'explain.matchesNot')}</Notice>
      )}
    </>
  );
}

/** A message's place as dead letters and the command line write it. */
function originText({ kind, ...rest }: Explanation['raw']['origin']): string {
  if (kind === 'bus') return `${rest['topic']}/${rest['partition']}/${rest['offset']}`;
  return [kind, ...Object.entries(rest).map(([name, value]) => `${name} ${value}`)].join(', ');
}

type NotShownProps = { readonly tenant: string; readonly isForOperator: boolean };

/** The bytes hold whole numbers, so that the API shows them to the operator only, and only while the broker keeps them; nobody else does. */
function NotShown({ tenant, isForOperator }: NotShownProps): ReactNode {
  const { say } = useWords();
  const client = useQueryClient();
  const isOperator = useIsOperator();
  if (!isForOperator) return <p className="hint">{say('explain.notKept')}</p>;

  async function show(): Promise<void> {
    // Any that is held was not the operator's.
    forgetOperator();
    const token = await askOperator(undefined);
    if (token !== undefined) await client.invalidateQueries({ queryKey: tenantKey(tenant) });
  }

  return (
    <p className="hint">
      {say(isOperator ? 'explain.notTheOperator' : 'explain.notShown')}{' '}
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
          [
            say('explain.previousHash'),
            <span key="previous" className="code">
              {explanation.previousHash}
            </span>,
          ],
          [say('explain.answeredAt'), <Instant key="answered" at={explanation.answeredAt} />],
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

/** The API names fields in English; those of a switch's own are in nobody's catalogue. */
function fieldFact({ name, value }: Explanation['fields'][number], say: Say): Fact {
  const word = say.known('field', name);
  return [word ?? name, say.code('fieldValue', value), word === undefined ? 'en' : undefined];
}

function postingFacts({ posting }: Explanation, say: Say): readonly Fact[] {
  if (posting === null) return [];
  const { debit, credit, amount } = posting;
  return [[say('explain.posting'), say('explain.postingText', { debit, credit, amount })]];
}
