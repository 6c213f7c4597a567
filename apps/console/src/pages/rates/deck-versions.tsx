// Rates' versions: of each plan the decks that were imported, and which of them prices calls now.

import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { decksQuery } from '../../data/queries.js';
import { ask } from '../../data/http.js';
import { useWrite } from '../../data/writes.js';
import type { Activation, DeckPlan, DeckVersion } from '../../data/rate-answers.js';
import { Count, Instant } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { Dialog } from '../../parts/dialog.js';
import { Sign, type Tone } from '../../parts/notice.js';
import { Failure } from '../../parts/states.js';
import { useWords } from '../../words/words.js';

const TONES: Readonly<Record<string, Tone>> = { active: 'good', upcoming: 'busy', past: 'quiet', never: 'quiet' };
export const SHORT_HASH_CHARS = 12;

type Chosen = { readonly plan: string; readonly hash: string };

export function DeckVersions({ plans }: { readonly plans: readonly DeckPlan[] }): ReactNode {
  const { say } = useWords();
  const [chosen, setChosen] = useState<Chosen>();
  const rows = plans.flatMap(({ plan, versions }) => versions.map((version) => ({ plan, ...version })));
  return (
    <>
      <DataTable
        label={say('rates.versions')}
        rows={rows}
        keyOf={(row) => `${row.plan} ${row.hash}`}
        minWidth={820}
        columns={[
          { head: say('rates.plan'), isRowHead: true, cell: (row) => row.plan },
          {
            head: say('rates.version'),
            cell: (row) => (
              <span className="code" title={row.hash}>
                {row.hash.slice(0, SHORT_HASH_CHARS)}
              </span>
            ),
          },
          {
            head: say('rates.state'),
            cell: (row) => <Sign tone={TONES[row.state] ?? 'quiet'}>{say.code('deckState', row.state)}</Sign>,
          },
          { head: say('rates.rows'), isFigure: true, cell: (row) => <Count value={row.rows} /> },
          { head: say('rates.activeFrom'), cell: (row) => <ActiveFrom version={row} /> },
          { head: say('rates.imported'), cell: (row) => <Imported version={row} /> },
          {
            head: <span className="unseen">{say('rates.activate')}</span>,
            isFigure: true,
            cell: (row) => (
              <Button size="compact-xs" variant="default" onClick={() => setChosen(row)}>
                {say('rates.activate')}
              </Button>
            ),
          },
        ]}
      />
      <Dialog opened={chosen !== undefined} onClose={() => setChosen(undefined)} title={say('rates.activate')}>
        {chosen === undefined ? null : <Activate chosen={chosen} onDone={() => setChosen(undefined)} />}
      </Dialog>
    </>
  );
}

function ActiveFrom({ version: { activeFrom } }: { readonly version: DeckVersion }): ReactNode {
  if (activeFrom.length === 0) return '–';
  return activeFrom.map((at) => (
    <div key={at}>
      <Instant at={at} />
    </div>
  ));
}

function Imported({ version: { name, importedAt, importedBy } }: { readonly version: DeckVersion }): ReactNode {
  return (
    <>
      <Instant at={importedAt} />
      <div className="quiet shortened" title={name}>
        {importedBy} · {name}
      </div>
    </>
  );
}

type ActivateProps = { readonly chosen: Chosen; readonly onDone: () => void };
type Wish = { readonly plan: string; readonly author: string; readonly at?: string };

export function Activate({ chosen: { plan, hash }, onDone }: ActivateProps): ReactNode {
  const { say } = useWords();
  const [author, setAuthor] = useState('');
  const [at, setAt] = useState('');
  const activate = useWrite(decksQuery.queryKey, (wish: Wish, key) =>
    ask<Activation>(`/v1/decks/${hash}/activations`, { method: 'POST', json: wish, key }),
  );

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (author.trim() === '') return;
    const wish = { plan, author: author.trim(), ...(at === '' ? {} : { at: `${at}:00.000Z` }) };
    activate.mutate(wish, { onSuccess: onDone });
  }

  return (
    <form className="stack" onSubmit={submit}>
      <p>
        {say('rates.activateText', { plan })} <span className="code">{hash}</span>
      </p>
      <TextInput
        label={say('rates.at')}
        description={say('rates.atHint')}
        type="datetime-local"
        value={at}
        onChange={(event) => setAt(event.currentTarget.value)}
      />
      <TextInput
        label={say('forms.author')}
        value={author}
        onChange={(event) => setAuthor(event.currentTarget.value)}
        autoComplete="name"
        required
      />
      {activate.isError ? <Failure error={activate.error} /> : null}
      <div className="buttons dialog-end">
        <Button variant="default" onClick={onDone}>
          {say('actions.cancel')}
        </Button>
        <Button type="submit" loading={activate.isPending} disabled={author.trim() === ''}>
          {say('rates.activateNow')}
        </Button>
      </div>
    </form>
  );
}
