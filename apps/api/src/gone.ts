// HTTP's other end: an answer under way comes in; a signal that its client has gone away, and nobody waits for it, goes out.

import type { FastifyReply } from 'fastify';

export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  // It comes after the whole answer as well, when nobody listens to the signal any more.
  if (raw.destroyed) gone.abort();
  else raw.once('close', () => gone.abort());
  return gone.signal;
}
