// The states of whatever is asked for: under way, refused, empty, there. Each says what to do.

import { Alert, Button, Group, List, Loader, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Refusal } from '../data/http.js';
import { useWords } from '../words/words.js';

type AnsweredProps<Answer> = {
  readonly query: UseQueryResult<Answer>;
  readonly children: (answer: Answer) => ReactNode;
};

/** What was answered; an answer that is there stays, with what went wrong since above it. */
export function Answered<Answer>({ query, children }: AnsweredProps<Answer>): ReactNode {
  const { data, error, isError, refetch } = query;
  const failure = isError ? <Failure error={error} onRetry={() => void refetch()} /> : null;
  if (data !== undefined) return <>{failure}{children(data)}</>;
  return failure ?? <Waiting />;
}

export function Waiting({ what }: { readonly what?: string }): ReactNode {
  const { say } = useWords();
  return (
    <Group gap="sm" role="status" py="md">
      <Loader size="sm" aria-hidden />
      <Text c="dimmed">{what ?? say('states.loading')}</Text>
    </Group>
  );
}

type FailureProps = { readonly error: unknown; readonly onRetry?: (() => void) | undefined };

const MAX_FAULTS = 50;

export function Failure({ error, onRetry }: FailureProps): ReactNode {
  const { say } = useWords();
  const refusal = error instanceof Refusal ? error : undefined;
  const faults = refusal?.faults.slice(0, MAX_FAULTS) ?? [];
  return (
    <Alert color="red" variant="light" role="alert" title={titleOf(refusal, say('states.failed'), say)} my="xs">
      <Text size="sm">{detailOf(error, say)}</Text>
      {faults.length === 0 ? null : (
        <List size="sm" mt="xs">
          {faults.map((fault) => (
            <List.Item key={`${fault.line} ${fault.column} ${fault.pointer} ${fault.detail}`}>
              {fault.line === undefined
                ? `${fault.pointer ?? fault.parameter ?? ''} ${fault.detail}`
                : say('states.fault', { line: fault.line, column: fault.column ?? 1, detail: fault.detail })}
            </List.Item>
          ))}
        </List>
      )}
      {(refusal?.faultCount ?? 0) > faults.length ? (
        <Text size="sm">{say('states.moreFaults', { count: (refusal?.faultCount ?? 0) - faults.length })}</Text>
      ) : null}
      {onRetry === undefined ? null : (
        <Button size="xs" variant="default" mt="xs" onClick={onRetry}>
          {say('actions.retry')}
        </Button>
      )}
    </Alert>
  );
}

export function Empty({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }): ReactNode {
  return (
    <div className="empty">
      <Text c="dimmed">{children}</Text>
      {action}
    </div>
  );
}

/** Tells screen readers too that something has been done. */
export function Done({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Alert color="green" variant="light" role="status" my="xs">
      {children}
    </Alert>
  );
}

function titleOf(refusal: Refusal | undefined, otherwise: string, say: ReturnType<typeof useWords>['say']): string {
  if (refusal?.code === 'unreachable') return say('states.unreachable');
  if (refusal?.code === 'operator-only' || refusal?.code === 'not-the-operator') return say('states.operatorOnly');
  return otherwise;
}

function detailOf(error: unknown, say: ReturnType<typeof useWords>['say']): string {
  if (error instanceof Refusal) return error.code === 'unreachable' ? say('states.unreachableDetail') : error.message;
  return say('states.ourMistake', { detail: String(error) });
}
