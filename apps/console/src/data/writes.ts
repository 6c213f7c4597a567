// What the page asks the API to do: a wish in, its answer out, and what depends on it is asked for again.
//
// A wish that is repeated because its answer was lost carries the same Idempotency-Key, so that it is done once.

import { useMutation, useQueryClient, type QueryKey, type UseMutationResult } from '@tanstack/react-query';
import { useRef } from 'react';
import { newKey } from './http.js';

/** Read models follow a write within moments. */
const AGAIN_MS = 1_200;

export function useWrite<Wish, Answer>(
  renews: QueryKey,
  send: (wish: Wish, key: string) => Promise<Answer>,
): UseMutationResult<Answer, Error, Wish> {
  const client = useQueryClient();
  const last = useRef({ wish: '', key: '' });
  return useMutation({
    mutationFn: (wish: Wish) => {
      const text = JSON.stringify(wish) ?? '';
      if (last.current.key === '' || last.current.wish !== text) last.current = { wish: text, key: newKey() };
      return send(wish, last.current.key);
    },
    onSuccess: () => {
      last.current = { wish: '', key: '' };
      setTimeout(() => void client.invalidateQueries({ queryKey: renews }), AGAIN_MS);
      // It is not done before the page shows it.
      return client.invalidateQueries({ queryKey: renews });
    },
  });
}
