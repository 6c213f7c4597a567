// HTTP's other end: a request comes in; a signal that its client has gone away, and nobody waits for the answer, goes out.

import type { FastifyRequest } from 'fastify';

export function goneSignal({ raw }: FastifyRequest): AbortSignal {
  const gone = new AbortController();
  // The request's own `close` comes as soon as its body has been read; the connection's when the client has gone.
  const { socket } = raw;
  if (socket.destroyed) gone.abort();
  else socket.once('close', () => gone.abort());
  return gone.signal;
}
