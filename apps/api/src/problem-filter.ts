// HTTP's last word when anything was thrown: the error comes in, problem+json goes out; what is our own mistake is logged.

import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { engineTrouble } from './engine-trouble.js';
import type { ApiParts } from './parts.js';
import { problem, ProblemError, type ApiProblemCode } from './problem.js';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: ApiParts['logger'];

  constructor(logger: ApiParts['logger']) {
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const told = problemFor(error);
    const place = { method: request.method, url: request.url, error };
    if (told.problem.code === 'internal-error') this.#logger.error(place, 'A request failed');
    else if (told.problem.status >= 500) this.#logger.warn(place, 'A request could not be served');
    // Closing at once would cut off a client that is still sending, before it has read why; Node drops the rest of the body.
    reply.removeHeader('connection');
    sendProblem(reply, told);
  }
}

export function sendProblem(reply: FastifyReply, { problem: told, retryAfterSeconds }: ProblemError): void {
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  if (told.status === 401) void reply.header('www-authenticate', 'Bearer');
  // As text, because Fastify would otherwise set a JSON type of its own.
  void reply.status(told.status).header('content-type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(told));
}

export function problemFor(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const status = statusOf(error);
  const code = status === undefined ? undefined : CODE_OF_STATUS[status];
  if (code !== undefined) return problem(code, (error as Error).message);
  if (status !== undefined && status < 500) return problem('request-unreadable', (error as Error).message);
  return engineTrouble(error) ?? problem('internal-error', 'The request failed by our mistake; it stands in the log.');
}

/** What the framework refuses by itself: an unknown route, a malformed address or header. */
const CODE_OF_STATUS: Readonly<Record<number, ApiProblemCode>> = {
  404: 'not-found',
  413: 'body-too-large',
  415: 'media-type-unsupported',
};

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
