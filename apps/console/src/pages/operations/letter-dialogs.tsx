// Operations' dialogs about dead letters: one in full, and the giving up of some, which needs a name and a reason.

import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { ask } from '../../data/http.js';
import type { DeadLetter } from '../../data/operations-answers.js';
import { letterQuery, operationsQuery } from '../../data/queries.js';
import { useWrite } from '../../data/writes.js';
import { Instant } from '../../parts/amounts.js';
import { Facts } from '../../parts/facts.js';
import { English } from '../../parts/english.js';
import { Notice } from '../../parts/notice.js';
import { Answered, Failure } from '../../parts/states.js';
import { useWords } from '../../words/words.js';

/** One letter, or all of a code. */
export type Which = { readonly id: string } | { readonly code: string };

export function LetterShown({ letter: { id, tenant, code, reason, putAsideAt } }: { readonly letter: DeadLetter }): ReactNode {
  const { say } = useWords();
  const full = useQuery(letterQuery(id));
  return (
    <div className="explanation">
      <Facts
        facts={[
          [
            say('operations.place'),
            <span key="id" className="code">
              {id}
            </span>,
          ],
          [say('shell.tenant'), tenant ?? '–'],
          [
            say('operations.code'),
            <span key="code">
              {say.known('code', code)} <span className="code quiet">{code}</span>
            </span>,
          ],
          [say('operations.reason'), <English key="reason">{reason}</English>],
          [say('operations.putAside'), <Instant key="at" at={putAsideAt} />],
        ]}
      />
      <Answered query={full}>
        {({ discarded, headers, text, base64 }) => (
          <>
            {discarded === null ? null : (
              <Notice tone="quiet" title={say('operations.wasDiscarded')}>
                <Instant at={discarded.at} />, {discarded.author}: {discarded.reason}
              </Notice>
            )}
            <section aria-label={say('operations.content')}>
              <h3>{say('operations.content')}</h3>
              <pre className="code">{text ?? base64 ?? ''}</pre>
            </section>
            <section aria-label={say('operations.headers')}>
              <h3>{say('operations.headers')}</h3>
              <Facts facts={Object.entries(headers)} />
            </section>
          </>
        )}
      </Answered>
    </div>
  );
}

type DiscardProps = {
  readonly which: Which;
  /** Hears how many were given up; none is told when a person thinks better of it. */
  readonly onDone: (count?: number) => void;
};
type Wish = Which & { readonly author: string; readonly reason: string };

export function DiscardLetters({ which, onDone }: DiscardProps): ReactNode {
  const { say } = useWords();
  const [author, setAuthor] = useState('');
  const [reason, setReason] = useState('');
  const discard = useWrite(operationsQuery.queryKey, (wish: Wish, key) =>
    ask<{ readonly discarded: number }>('/v1/dead-letters/discard', { method: 'POST', json: wish, key }),
  );
  const isWhole = author.trim() !== '' && reason.trim() !== '';

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isWhole)
      discard.mutate(
        { ...which, author: author.trim(), reason: reason.trim() },
        { onSuccess: ({ discarded }) => onDone(discarded) },
      );
  }

  return (
    <form className="stack" onSubmit={submit}>
      <p>
        {say('operations.discardText')} <span className="code">{'id' in which ? which.id : which.code}</span>
      </p>
      <TextInput
        label={say('forms.author')}
        value={author}
        onChange={(event) => setAuthor(event.currentTarget.value)}
        autoComplete="name"
        required
      />
      <TextInput
        label={say('operations.why')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        autoComplete="off"
        required
      />
      {discard.isError ? <Failure error={discard.error} /> : null}
      <div className="buttons dialog-end">
        <Button variant="default" onClick={() => onDone()}>
          {say('actions.cancel')}
        </Button>
        <Button type="submit" color="red" loading={discard.isPending} disabled={!isWhole}>
          {say('operations.discard')}
        </Button>
      </div>
    </form>
  );
}
