// HTTP's work that goes on after its request was answered: it begins here, and ends with the process.

import type { OnModuleDestroy } from '@nestjs/common';
import type { ApiParts } from './parts.js';
import { problem } from './problem.js';

/** Why a work ended that was not done; it stands in its row for whoever watches. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  constructor() {
    super('the server was stopped before it was done; begin again');
  }
}

export class Background implements OnModuleDestroy {
  readonly #logger: ApiParts['logger'];
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor({ logger }: Pick<ApiParts, 'logger'>) {
    this.#logger = logger;
  }

  /** Aborts when the process is to end, with `Stopped` as its reason. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** @throws ProblemError when the process is to end. */
  refuseWhenStopping(): void {
    if (this.signal.aborted) throw problem('shutting-down', 'The service is stopping; send the request again.');
  }

  run(what: string, work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => {
        if (error instanceof Stopped) this.#logger.warn({ what }, 'Stopped before it was done');
        else this.#logger.error({ what, error }, 'It failed in the background');
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort(new Stopped());
    await Promise.all(this.#running);
  }
}
