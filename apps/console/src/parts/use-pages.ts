// Pages by cursor: a question and a cursor in; the page, and the ways back and on, out.

import { keepPreviousData, useQuery, type QueryKey, type UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';

export type Pages<Answer> = {
  readonly query: UseQueryResult<Answer>;
  readonly back: (() => void) | undefined;
  readonly on: (() => void) | undefined;
};

/** `askFor` is given no cursor for the first page. Another question begins at its first page again. */
export function usePages<Answer extends { readonly next: string | null }>(
  queryKey: QueryKey,
  askFor: (cursor: string | undefined, signal: AbortSignal) => Promise<Answer>,
  refetchMs?: number,
): Pages<Answer> {
  const question = JSON.stringify(queryKey);
  const [way, setWay] = useState<{ readonly question: string; readonly cursors: readonly string[] }>({ question, cursors: [] });
  const cursors = way.question === question ? way.cursors : [];
  const cursor = cursors.at(-1);
  const query = useQuery({
    queryKey: [...queryKey, cursor ?? ''],
    queryFn: ({ signal }) => askFor(cursor, signal),
    placeholderData: keepPreviousData,
    ...(refetchMs === undefined ? {} : { refetchInterval: refetchMs }),
  });
  const next = query.data?.next ?? null;
  return {
    query,
    back: cursors.length === 0 ? undefined : () => setWay({ question, cursors: cursors.slice(0, -1) }),
    on: next === null ? undefined : () => setWay({ question, cursors: [...cursors, next] }),
  };
}
