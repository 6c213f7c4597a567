// Operations' dead letters: what was put aside, by the code that says why; read, sent again, or given up.

import { Button, NativeSelect } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ask, withQuery } from '../../data/http.js';
import type { DeadLetter, DeadLettersPage, Operations } from '../../data/operations-answers.js';
import { deadLettersKey } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { countText } from '../../format/time.js';
import { Instant } from '../../parts/amounts.js';
import { DataTable } from '../../parts/data-table.js';
import { Dialog, SideDialog } from '../../parts/dialog.js';
import { English } from '../../parts/english.js';
import { Pager } from '../../parts/pager.js';
import { Answered, Done, Empty, Failure } from '../../parts/states.js';
import { usePages } from '../../parts/use-pages.js';
import { useWords, type Say } from '../../words/words.js';
import { DiscardLetters, LetterShown, type Which } from './letter-dialogs.js';

const PAGE = 25;
const ALL = '';
const POLL_MS = 5_000;

export function DeadLetters({ total, byCode }: Operations['deadLetters']): ReactNode {
  const { say, language } = useWords();
  const [chosen, setCode] = useState(ALL);
  const [shown, setShown] = useState<DeadLetter>();
  const [discarding, setDiscarding] = useState<Which>();
  const [discarded, setDiscarded] = useState<number>();
  // A code whose last letter has gone is no choice any more.
  const code = byCode.some((one) => one.code === chosen) ? chosen : ALL;
  const retry = useWrite(deadLettersKey, (which: Which, key) =>
    ask<{ readonly retried: number }>('/v1/dead-letters/retry', { method: 'POST', json: which, key }),
  );

  function endDiscard(count?: number): void {
    setDiscarding(undefined);
    if (count === undefined) return;
    setDiscarded(count);
    retry.reset();
  }

  function retryThem(which: Which): void {
    setDiscarded(undefined);
    retry.mutate(which);
  }

  if (total === 0 && !retry.isSuccess && discarded === undefined) return <Empty>{say('operations.noLetters')}</Empty>;
  const options = byCode.map((one) => ({
    value: one.code,
    label: `${say.code('code', one.code)} (${countText(one.count, language)})`,
  }));
  return (
    <>
      <div className="buttons">
        <NativeSelect
          label={say('operations.code')}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          data={[{ value: ALL, label: `${say('calls.all')} (${countText(total, language)})` }, ...options]}
        />
        {code === ALL ? null : (
          <div className="buttons at-end">
            <Button variant="default" loading={retry.isPending} onClick={() => retryThem({ code })}>
              {say('operations.retryAll', { code })}
            </Button>
            <Button variant="default" onClick={() => setDiscarding({ code })}>
              {say('operations.discardAll', { code })}
            </Button>
          </div>
        )}
      </div>
      {retry.isError ? <Failure error={retry.error} /> : null}
      {retry.isSuccess ? <Done>{doneText('operations.retried', retry.data.retried, say)}</Done> : null}
      {discarded === undefined ? null : <Done>{doneText('operations.discarded', discarded, say)}</Done>}
      <LetterList
        code={code}
        onShow={setShown}
        onRetry={({ id }) => retryThem({ id })}
        onDiscard={({ id }) => setDiscarding({ id })}
        isRetrying={retry.isPending}
      />
      <SideDialog opened={shown !== undefined} onClose={() => setShown(undefined)} title={say('operations.letter')}>
        {shown === undefined ? null : <LetterShown letter={shown} />}
      </SideDialog>
      <Dialog opened={discarding !== undefined} onClose={() => setDiscarding(undefined)} title={say('operations.discardTitle')}>
        {discarding === undefined ? null : <DiscardLetters which={discarding} onDone={endDiscard} />}
      </Dialog>
    </>
  );
}

type ListProps = {
  readonly code: string;
  readonly onShow: (letter: DeadLetter) => void;
  readonly onRetry: (letter: DeadLetter) => void;
  readonly onDiscard: (letter: DeadLetter) => void;
  readonly isRetrying: boolean;
};

function LetterList({ code, onShow, onRetry, onDiscard, isRetrying }: ListProps): ReactNode {
  const { say } = useWords();
  const { query, back, on } = usePages(
    [...deadLettersKey, code],
    (cursor, signal) => ask<DeadLettersPage>(withQuery('/v1/dead-letters', { code, limit: PAGE, cursor }), { signal }),
    POLL_MS,
  );
  const button = (letter: DeadLetter, name: string, act: (letter: DeadLetter) => void): ReactNode => (
    <Button size="compact-xs" variant="default" disabled={isRetrying} onClick={() => act(letter)}>
      {name}
    </Button>
  );
  return (
    <Answered query={query}>
      {({ letters }) => (
        <>
          {letters.length === 0 ? (
            <Empty>{say('operations.noLetters')}</Empty>
          ) : (
            <DataTable
              label={say('operations.deadLetters')}
              rows={letters}
              keyOf={({ id }) => id}
              minWidth={620}
              columns={[
                {
                  head: say('operations.putAside'),
                  isRowHead: true,
                  cell: ({ putAsideAt, tenant }) => (
                    <>
                      <Instant at={putAsideAt} />
                      <div className="quiet">{tenant ?? '–'}</div>
                    </>
                  ),
                },
                { head: say('operations.reason'), cell: (letter) => <Reason letter={letter} /> },
                {
                  head: <span className="unseen">{say('operations.actions')}</span>,
                  isFigure: true,
                  cell: (letter) => (
                    <span className="buttons end">
                      {button(letter, say('operations.show'), onShow)}
                      {button(letter, say('actions.retry'), onRetry)}
                      {button(letter, say('operations.discard'), onDiscard)}
                    </span>
                  ),
                },
              ]}
            />
          )}
          <Pager back={back} on={on} />
        </>
      )}
    </Answered>
  );
}

/** The list is a moment behind: what stands there may have been settled. */
function doneText(word: 'operations.retried' | 'operations.discarded', count: number, say: Say): string {
  return count === 0 ? say('operations.settled') : say(word, { count });
}

function Reason({ letter: { code, reason } }: { readonly letter: DeadLetter }): ReactNode {
  const { say } = useWords();
  return (
    <>
      <div>
        {say.known('code', code)} <span className="code quiet">{code}</span>
      </div>
      <div className="quiet words">
        <English>{reason}</English>
      </div>
    </>
  );
}
