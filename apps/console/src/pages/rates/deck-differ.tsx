// Rates' comparison: the rows that one version has and another has not, or has otherwise.

import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { deckDiffQuery } from '../../data/queries.js';
import type { DeckDiff, DeckPlan } from '../../data/rate-answers.js';
import { DataTable } from '../../parts/data-table.js';
import { Sign, type Tone } from '../../parts/notice.js';
import { Answered, Empty } from '../../parts/states.js';
import { useWords } from '../../words/words.js';
import { SHORT_HASH_CHARS } from './deck-versions.js';

const TONES: Readonly<Record<DeckDiff['rows'][number]['kind'], Tone>> = { added: 'good', removed: 'bad', changed: 'busy' };

type Pair = { readonly before: string; readonly after: string };

export function DeckDiffer({ plans }: { readonly plans: readonly DeckPlan[] }): ReactNode {
  const { say } = useWords();
  const versions = plans.flatMap(({ plan, versions: ofPlan }) =>
    ofPlan.map(({ hash, state }) => ({
      value: hash,
      label: `${plan} · ${hash.slice(0, SHORT_HASH_CHARS)} · ${say.code('deckState', state)}`,
    })),
  );
  const [chosen, setChosen] = useState<Partial<Pair>>({});
  const [asked, setAsked] = useState<Pair>();
  if (versions.length < 2) return <Empty>{say('rates.oneVersion')}</Empty>;
  const before = chosen.before ?? versions[0]?.value ?? '';
  const after = chosen.after ?? versions[1]?.value ?? '';

  function submit(event: FormEvent): void {
    event.preventDefault();
    setAsked({ before, after });
  }

  return (
    <>
      <form className="row" onSubmit={submit}>
        <NativeSelect
          className="wide"
          label={say('rates.before')}
          value={before}
          onChange={(event) => setChosen({ before: event.currentTarget.value, after })}
          data={versions}
        />
        <NativeSelect
          className="wide"
          label={say('rates.after')}
          value={after}
          onChange={(event) => setChosen({ before, after: event.currentTarget.value })}
          data={versions}
        />
        <Button type="submit" variant="default">
          {say('rates.compare')}
        </Button>
      </form>
      {asked === undefined ? null : <Difference pair={asked} />}
    </>
  );
}

function Difference({ pair: { before, after } }: { readonly pair: Pair }): ReactNode {
  const { say } = useWords();
  const diff = useQuery(deckDiffQuery(before, after));
  return (
    <Answered query={diff}>
      {({ added, removed, changed, columns, rows, truncated }) => (
        <>
          <p data-testid="diff-summary">{say('rates.summary', { added, removed, changed })}</p>
          {rows.length === 0 ? null : (
            <DataTable
              label={say('rates.diff')}
              rows={rows}
              keyOf={(row) => `${row.before} ${row.after}`}
              minWidth={760}
              isTall
              columns={[
                { head: say('rates.kind'), cell: (row) => <Sign tone={TONES[row.kind]}>{say.code('diff', row.kind)}</Sign> },
                {
                  head: <RowsOf side={say('rates.before')} header={columns.before} />,
                  cell: (row) => <span className="code">{row.before ?? '–'}</span>,
                },
                {
                  head: <RowsOf side={say('rates.after')} header={columns.after} />,
                  cell: (row) => <span className="code">{row.after ?? '–'}</span>,
                },
              ]}
            />
          )}
          {truncated ? <p className="hint">{say('rates.truncated')}</p> : null}
        </>
      )}
    </Answered>
  );
}

function RowsOf({ side, header }: { readonly side: string; readonly header: string }): ReactNode {
  return (
    <>
      {side}
      <div className="code" lang="en">
        {header}
      </div>
    </>
  );
}
