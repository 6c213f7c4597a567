// The states of whatever is asked for: under way, refused, empty, there. Each says what to do.

import { Button, Loader } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Refusal, type Fault } from '../data/http.js';
import { useWords, type Say } from '../words/words.js';
import { English } from './english.js';
import { Notice } from './notice.js';

type AnsweredProps<Answer> = {
  readonly query: UseQueryResult<Answer>;
  readonly children: (answer: Answer) => ReactNode;
};

/** What was answered; an answer that is there stays, with what went wrong since above it. */
export function Answered<Answer>({ query, children }: AnsweredProps<Answer>): ReactNode {
  const { say } = useWords();
  const { data, error, isError, refetch } = query;
  const failure = isError ? <Failure error={error} title={say('states.notLoaded')} onRetry={() => void refetch()} /> : null;
  if (data !== undefined)
    return (
      <>
        {failure}
        {children(data)}
      </>
    );
  return failure ?? <Waiting />;
}

export function Waiting({ what }: { readonly what?: string }): ReactNode {
  const { say } = useWords();
  return (
    <div className="buttons quiet waiting" role="status">
      <Loader size="xs" aria-hidden />
      <span>{what ?? say('states.loading')}</span>
    </div>
  );
}

type FailureProps = { readonly error: unknown; readonly title?: string; readonly onRetry?: (() => void) | undefined };

const MAX_FAULTS = 50;

export function Failure({ error, title, onRetry }: FailureProps): ReactNode {
  const { say } = useWords();
  const refusal = error instanceof Refusal ? error : undefined;
  // A refusal for the sake of one field tells the same of it.
  const told = refusal?.faults.filter((fault) => fault.detail !== refusal.message) ?? [];
  const faults = told.slice(0, MAX_FAULTS);
  const hidden = Math.max(refusal?.faultCount ?? 0, told.length) - faults.length;
  return (
    <Notice tone="bad" role="alert" title={titleOf(refusal, title, say)}>
      <div>{detailOf(error, say)}</div>
      {faults.length === 0 ? null : (
        <ul>
          {faults.map((fault) => (
            <li key={`${fault.line} ${fault.column} ${fault.pointer} ${fault.detail}`}>
              {placeOf(fault, say)} <English>{fault.detail}</English>
            </li>
          ))}
        </ul>
      )}
      {faults.length > 0 && hidden > 0 ? <div>{say('states.moreFaults', { count: hidden })}</div> : null}
      {onRetry === undefined ? null : (
        <Button size="xs" variant="default" mt="xs" onClick={onRetry}>
          {say('actions.retry')}
        </Button>
      )}
    </Notice>
  );
}

export function Empty({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }): ReactNode {
  return (
    <div className="empty">
      <div className="quiet">{children}</div>
      {action}
    </div>
  );
}

/** Tells screen readers too that something has been done. */
export function Done({ children }: { readonly children: ReactNode }): ReactNode {
  return <Notice tone="good">{children}</Notice>;
}

function titleOf(refusal: Refusal | undefined, otherwise: string | undefined, say: Say): string {
  if (refusal?.code === 'unreachable') return say('states.unreachable');
  if (refusal?.code === 'part-missing') return say('states.notLoaded');
  if (refusal?.code === 'operator-only' || refusal?.code === 'not-the-operator') return say('states.operatorOnly');
  return say.known('code', refusal?.code ?? '') ?? otherwise ?? say('states.failed');
}

function detailOf(error: unknown, say: Say): ReactNode {
  if (error instanceof Refusal) {
    if (error.code === 'unreachable') return say('states.unreachableDetail');
    return error.code === 'part-missing' ? say('states.partMissing') : <English>{error.message}</English>;
  }
  return say('states.ourMistake', { detail: String(error) });
}

function placeOf({ line, column = 1, code = '', pointer, parameter }: Fault, say: Say): string {
  if (line === undefined) return pointer ?? parameter ?? '';
  const what = say.known('fault', code);
  return say('states.fault', { line, column }) + (what === undefined ? '' : ` ${what}.`);
}
