// The balance as it changes: server-sent events of one tenant come in; the figures on the page change at once, and what depends on them
// is asked for again.
//
// An event that comes twice or late is older than what is shown and changes nothing. A lost connection resumes after the last event that
// was seen: by the browser, or by us where the server refused it.

import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { minus } from '../format/money.js';
import type { BalanceMessage, Credit } from './answers.js';
import { creditQuery, tenantKey, tenantPath } from './queries.js';

export type LiveState = 'connecting' | 'live' | 'lost';

/** Events of a burst renew the lists once. */
const DEBOUNCE_MS = 250;
/** Read models follow the stream within moments. */
const AGAIN_MS = 1_500;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

export function useLiveBalance(tenant: string | undefined): LiveState {
  const client = useQueryClient();
  const [told, setTold] = useState<{ readonly of: string; readonly state: LiveState }>();
  useEffect(() => {
    if (tenant === undefined) return undefined;
    return follow(client, tenant, (state) => setTold({ of: tenant, state }));
  }, [client, tenant]);
  return told === undefined || told.of !== tenant ? 'connecting' : told.state;
}

function follow(client: QueryClient, tenant: string, tell: (state: LiveState) => void): () => void {
  const renew = renewal(client, tenant);
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let wasLost = false;
  /** The first event of a connection tells what stands already. */
  let lastRevision: number | undefined;

  function connect(): void {
    source = new EventSource(tenantPath(tenant, 'balance/live'));
    source.addEventListener('open', () => {
      tell('live');
      pauseMs = FIRST_PAUSE_MS;
      if (wasLost) renew.now();
      wasLost = false;
    });
    source.addEventListener('balance', (event) => {
      const message = JSON.parse(event.data as string) as BalanceMessage;
      show(client, tenant, message);
      if (lastRevision !== undefined && message.revision > lastRevision) renew.soon();
      lastRevision = Math.max(lastRevision ?? 0, message.revision);
    });
    source.addEventListener('error', () => {
      wasLost = true;
      tell('lost');
      // The browser connects again by itself, except after an answer that was no stream.
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, pauseMs);
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    });
  }

  connect();
  return () => {
    source?.close();
    clearTimeout(timer);
    renew.stop();
  };
}

function show(client: QueryClient, tenant: string, { balance, available, revision }: BalanceMessage): void {
  client.setQueryData(creditQuery(tenant).queryKey, (credit): Credit | undefined => {
    if (credit === undefined || credit.revision >= revision) return credit;
    return { ...credit, balance, available, reserved: minus(balance, available), revision };
  });
}

function renewal(client: QueryClient, tenant: string) {
  let debounce: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const now = (): void => void client.invalidateQueries({ queryKey: tenantKey(tenant) });
  return {
    now,
    soon(): void {
      debounce ??= setTimeout(() => {
        debounce = undefined;
        now();
        clearTimeout(again);
        again = setTimeout(now, AGAIN_MS);
      }, DEBOUNCE_MS);
    },
    stop(): void {
      clearTimeout(debounce);
      clearTimeout(again);
    },
  };
}
