// HTTP's one role: the header Authorization of a request comes in; it passes, or a problem says whose business the request is.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { ApiParts } from './parts.js';
import { problem } from './problem.js';

/** Names the role in OpenAPI. */
export const OPERATOR = 'operator';

const BEARER = /^Bearer +(?<token>\S+) *$/i;

type OperatorParts = Pick<ApiParts, 'logger'> & { readonly options: Pick<ApiParts['options'], 'operatorToken'> };

export class Operator implements OnApplicationBootstrap {
  readonly #logger: ApiParts['logger'];
  readonly #digest: Buffer | undefined;

  constructor({ logger, options: { operatorToken } }: OperatorParts) {
    this.#logger = logger;
    this.#digest = operatorToken === undefined ? undefined : digestOf(operatorToken);
  }

  onApplicationBootstrap(): void {
    if (this.#digest !== undefined) return;
    this.#logger.warn('OPERATOR_TOKEN is not set: whoever reaches this address may give credit, take it, and set terms');
  }

  /** @throws ProblemError unless the request carries the operator's token, or none is configured. */
  require(authorization: string | undefined): void {
    if (this.is(authorization)) return;
    if (tokenIn(authorization) === undefined) {
      throw problem('operator-only', "This needs the operator's token: Authorization: Bearer TOKEN.");
    }
    throw problem('not-the-operator', "The token is not the operator's.");
  }

  /** Whether the request carries the operator's token, or none is configured. */
  is(authorization: string | undefined): boolean {
    if (this.#digest === undefined) return true;
    const token = tokenIn(authorization);
    // Digests are of one length, so that the comparison takes the same time whatever the token.
    return token !== undefined && timingSafeEqual(digestOf(token), this.#digest);
  }
}

function tokenIn(authorization: string | undefined): string | undefined {
  return BEARER.exec(authorization ?? '')?.groups?.['token'];
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
